"""The distance of a picture's features from those of its neighbours in the paintings, as a sum over places.

A *place* is a position of a grid laid over a picture, with its features. There are two ways to see it, the passes of
Neural Neighbor Style Transfer (Kolkin et al. 2022, arXiv 2203.13215):

* ``"columns"``: the features of all layers at once, a hypercolumn, on a grid of one place for 4 x 4 pixels. Each layer
  is divided by its channels, so that none decides by their number.
* ``"layers"``: each layer by itself, on its own grid, but of block1 every other row and column.

Which neighbour a place has is looked for beforehand (`nst.engine.neighbours.matching`) and then held fixed. So the
distance is local: a tile needs its own places only.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from nst.engine.tiles import Tile
from nst.engine.vgg import Network
from nst.layers import channels_of, stride_of
from nst.plan.neighbours import groups_of as plan_groups

#: Added to lengths as a share of their unit, at right angles: without it the cosine has no bound where features vanish.
SOFTNESS = 0.03
#: What a difference in length counts beside the cosine. Cosines alone leave lengths free, which then grow until the
#: picture is black and white.
LENGTH_SHARE = 0.5


class Group(NamedTuple):
    """Layers that have a neighbour in common.

    Attributes:
        layers: Their Keras names.
        grid: The layer whose positions are the places.
    """

    layers: tuple[str, ...]
    grid: str

    @property
    def is_column(self) -> bool:
        """Whether the features of a place are a hypercolumn."""
        return len(self.layers) > 1


class Match(NamedTuple):
    """The neighbours of a picture's places, for one group of layers.

    Attributes:
        banks: Directions of the features of places in the paintings, (N, C) for each layer of the group.
        lengths: Of these features, (N,).
        units: What a difference from them is measured by, (N,).
        places: Which of them is the neighbour of each place of the picture, (1, h, w, 1) int32.
        centres: What is taken off the picture's features in each region, (regions, C) for each layer; empty with
            hypercolumns, for nothing.
        regions: That each place is in, (1, h, w, 1) int32.
        weights: What each place counts, (1, h, w, 1) float32.
    """

    banks: tuple[tf.Tensor, ...]
    lengths: tf.Tensor
    units: tf.Tensor
    places: tf.Tensor
    centres: tuple[tf.Tensor, ...]
    regions: tf.Tensor
    weights: tf.Tensor


def groups_of(network: Network) -> tuple[Group, ...]:
    """Return the groups of the style layers; none where the paintings are not searched for neighbours."""
    if not network.matching:
        return ()
    return tuple(Group(*each) for each in plan_groups(network.style_layers, network.matching == "layers"))


def equal_weights(network: Network) -> tf.Tensor:
    """Return what each group counts in Js, (1, groups)."""
    count = max(1, len(groups_of(network)))
    return tf.fill((1, count), 1.0 / count)


def place_features(
    network: Network, maps: Sequence[tf.Tensor], tile: Tile | None = None
) -> tuple[tuple[tf.Tensor, ...], ...]:
    """Return the features of each group's places, (1, h, w, C) for each of its layers.

    Args:
        network: For the groups.
        maps: The style layers' feature maps, of the whole picture or of a `tile`, whose core's places are returned.
        tile: See `maps`.
    """
    named = dict(zip(network.style_layers, maps, strict=True))
    if tile is not None:
        named = {name: tile.core_of_tile(each, name) for name, each in named.items()}
    found = []
    for group in groups_of(network):
        # The grid may be that of a layer that is not in use.
        finest = named[group.layers[0]]
        shape = tf.shape(finest)[1:3] // (stride_of(group.grid) // stride_of(group.layers[0]))
        if group.is_column:
            parts = tuple(_on_grid(named[name], name, group.grid, shape) / channels_of(name) for name in group.layers)
        else:
            parts = (_thinned(named[group.layers[0]], stride_of(group.grid) // stride_of(group.layers[0]), shape),)
        found.append(parts)
    return tuple(found)


def match_distances(
    network: Network, maps: Sequence[tf.Tensor], matches: tuple[Match, ...], tile: Tile | None = None
) -> tuple[tf.Tensor, ...]:
    """Return the weighted squared distance () of each group's places from their neighbours, or a tile's share of it.

    Args:
        network: For the groups.
        maps: As for `place_features`.
        matches: Of the whole picture, one for each group.
        tile: As for `place_features`.
    """
    if not matches:
        return ()
    seen = place_features(network, maps, tile)
    return tuple(_distance(*each, tile) for each in zip(groups_of(network), seen, matches, strict=True))


def matches_signature(network: Network) -> tuple[Match, ...]:
    """Return the TensorFlow signature of a network's matches for pictures of any size."""
    places, weights = (tf.TensorSpec((1, None, None, 1), dtype) for dtype in (tf.int32, tf.float32))
    lengths = tf.TensorSpec((None,))
    signature = []
    for group in groups_of(network):
        rows = tuple(tf.TensorSpec((None, channels_of(name))) for name in group.layers)
        centres = () if group.is_column else rows
        signature.append(Match(rows, lengths, lengths, places, centres, places, weights))
    return tuple(signature)


def _distance(group: Group, seen: tuple[tf.Tensor, ...], match: Match, tile: Tile | None) -> tf.Tensor:
    places, regions, weights = match.places, match.regions, match.weights
    if tile is not None:
        places, regions, weights = (tile.core_of_whole(each, group.grid) for each in (places, regions, weights))
    centres = match.centres or (None,) * len(seen)
    parts = zip(seen, match.banks, centres, strict=True)
    pairs = [products_and_squares(maps, bank, places, centre, regions) for maps, bank, centre in parts]
    products, squares = map(tf.add_n, zip(*pairs, strict=True))
    lengths, units = (tf.gather(each, places[..., 0])[..., None] for each in (match.lengths, match.units))
    return tf.reduce_sum(weights * place_distances(products, squares, lengths, units))


def place_distances(products: Any, squares: Any, lengths: Any, units: Any) -> Any:
    """Return the distance of places from their neighbours: 1 minus the cosine, and a share of the other length.

    All arguments are of one shape.

    Args:
        products: Of the places' features with the directions of their neighbours'.
        squares: Of the lengths of the places' features.
        lengths: Of the neighbours' features.
        units: What a difference in length is measured by.
    """
    own, lengths = (tf.sqrt(each + tf.square(SOFTNESS * units)) for each in (squares, tf.square(lengths)))
    return 1.0 - products / own + LENGTH_SHARE * tf.square((own - lengths) / units)


def products_and_squares(
    maps: tf.Tensor, bank: tf.Tensor, places: tf.Tensor, centres: tf.Tensor | None, regions: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return of each place the product of its features with its neighbour's, and their square: (1, h, w, 1) float32.

    The gradient is written by hand: it fetches the neighbours' features anew, which take as much memory as the maps.

    Args:
        maps: Features of the places, (1, h, w, C), of which the centres are taken.
        bank: Features that neighbours have, (N, C) float32.
        places: Which of them is each place's neighbour, (1, h, w, 1) int32.
        centres: Of the features in each region, (regions, C) float32; None for 0.
        regions: Of each place, (1, h, w, 1) int32.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def both(maps: tf.Tensor) -> Any:
        own = tf.cast(maps, tf.float32)
        neighbours = tf.gather(bank, places[..., 0])
        products = tf.reduce_sum(own * neighbours, -1, keepdims=True)
        squares = tf.reduce_sum(tf.square(own), -1, keepdims=True)
        if centres is not None:
            # |f - c|^2 and (f - c) t without a copy of all features.
            inside = tf.one_hot(regions[..., 0], tf.shape(centres)[0])
            at_centre = tf.reduce_sum(inside * tf.matmul(own, centres[None, None], transpose_b=True), -1, keepdims=True)
            lengths = tf.gather(tf.reduce_sum(tf.square(centres), -1), regions)
            of_neighbours = tf.gather(tf.matmul(bank, centres, transpose_b=True), places[..., 0])
            products -= tf.reduce_sum(inside * of_neighbours, -1, keepdims=True)
            squares = tf.maximum(squares - 2.0 * at_centre + lengths, 0.0)

        def gradient(of_products: tf.Tensor, of_squares: tf.Tensor) -> tf.Tensor:
            slope = of_products * tf.gather(bank, places[..., 0]) + 2.0 * of_squares * tf.cast(maps, tf.float32)
            if centres is not None:
                slope -= tf.matmul(2.0 * of_squares * inside, centres[None, None])
            return tf.cast(slope, maps.dtype)

        return (products, squares), gradient

    return both(maps)


def _on_grid(maps: tf.Tensor, layer: str, grid: str, shape: tf.Tensor) -> tf.Tensor:
    """Return a layer's feature maps on the `grid` of another one, whose (height, width) is `shape`.

    Finer ones are averaged over each place, coarser ones repeated; the last of these also covers an odd remainder.
    """
    own, step = stride_of(layer), stride_of(grid)
    if own < step:
        return tf.nn.avg_pool2d(maps, step // own, step // own, "VALID")
    for axis, length in ((1, shape[0]), (2, shape[1])) if own > step else ():
        nearest = tf.minimum(tf.range(length) // (own // step), tf.shape(maps)[axis] - 1)
        maps = tf.gather(maps, nearest, axis=axis)
    return maps


def _thinned(maps: tf.Tensor, step: int, shape: tf.Tensor) -> tf.Tensor:
    """Return every `step`-th row and column of feature maps, (height, width) `shape` of them."""
    if step == 1:
        return maps
    # A pool of one position: a slice with steps takes ten times as long, and its gradient twice.
    return tf.nn.avg_pool2d(maps, 1, step, "VALID")[:, : shape[0], : shape[1]]
