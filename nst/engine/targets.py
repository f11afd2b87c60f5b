"""What one job's picture is compared with: the photo's feature maps and the paintings' Gram matrices.

Without regions the picture has one Gram matrix at each style layer, over all positions. With regions it has one for
each of them, guided by where the region is (`nst.plan.guidance`), and each has a target of its own.

Both are computed tile by tile, like J itself, so that large pictures need no more memory than small ones.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from nst.config import StyleTransferConfig, normalised
from nst.engine import tracing
from nst.engine.bands import assign_part
from nst.engine.canvas import as_tensor
from nst.engine.losses import gram_matrix, guided_gram_matrix, style_loss
from nst.engine.moments import MOMENTS_DIVISOR, moments_loss
from nst.engine.neighbours.matches import Match, equal_weights, groups_of, matches_signature
from nst.engine.statistics import DIVISOR, losses_of_layers, moment_matrix, principal_axes, wasserstein_loss
from nst.engine.terms import Terms
from nst.engine.tiles import TILES, Tile, groups, sum_over
from nst.engine.vgg import Network, build, dtype, feature_maps
from nst.layers import channels_of, stride_of
from nst.masks.mask import Mask, resized
from nst.masks.regions import Layout
from nst.masks.temporal import TemporalTarget
from nst.plan.estimate import AXES
from nst.plan.guidance import Guidance
from nst.plan.scales import Shape
from nst.plan.tiling import CORE, WHOLE, cut, style_side
from nst.progress import UNINTERRUPTED, Interruption

#: Below this a photo counts as empty: what it has is rounding or a single colour.
LEAST_SPREAD = 0.02

#: What the distance from neighbours is divided by, so that one beta suits it as well as the others.
NEIGHBOUR_DIVISOR = 25.0

#: One Gram matrix (C, C) for each style layer; where means count, a moment matrix (C + 1, C + 1).
Grams = tuple[tf.Tensor, ...]
#: The principal axes (C, axes) of each style layer's target.
Axes = tuple[tf.Tensor, ...]
#: One guide (1, h, w, 1) for each style layer.
Guides = tuple[tf.Tensor, ...]

_PIXELS = tf.TensorSpec((1, None, None, 3), tf.float32)
_GUIDE = tf.TensorSpec((1, None, None, 1), tf.float32)


class Targets(NamedTuple):
    """What one job's picture is compared with, and how much each term counts.

    Attributes:
        content: The photo's feature maps, (1, H, W, C) for each content layer.
        content_guides: How firmly each position is held to them, (1, H, W, 1) for each content layer.
        grams: The paintings' Gram matrices for each region; without regions there is one entry. Empty with neighbours.
        axes: Of each of them where covariances are compared, see `nst.engine.statistics.wasserstein_loss`; else empty.
        guides: Of each region; empty without regions.
        matches: The neighbours in the paintings, made by `nst.engine.neighbours.matching.Matching`; else empty.
        content_weights: w_l, (content layers,), sum 1.
        style_weights: See `nst.plan.guidance.Row`, (regions or 1, style layers); of the matches, (1, matches).
        weights: alpha, beta, gamma and delta, () each.
        temporal: What a film's frame is to look like by those before it: a picture (1, H, W, 3) and how far it is to be
            trusted (1, H, W, 1); both without pixels for a picture by itself.
    """

    content: tuple[tf.Tensor, ...]
    content_guides: tuple[tf.Tensor, ...]
    grams: tuple[Grams, ...]
    axes: tuple[Axes, ...]
    guides: tuple[Guides, ...]
    matches: tuple[Match, ...]
    content_weights: tf.Tensor
    style_weights: tf.Tensor
    weights: Terms
    temporal: tuple[tf.Tensor, tf.Tensor]


def make_targets(
    network: Network,
    config: StyleTransferConfig,
    content: np.ndarray,
    styles: Sequence[np.ndarray],
    side: int = WHOLE,
    layout: Layout | None = None,
    interruption: Interruption = UNINTERRUPTED,
    temporal: TemporalTarget | None = None,
) -> Targets:
    """Return the targets of a photo and paintings, all uint8 RGB (height, width, 3) at the sizes to be used.

    Args:
        side: Of a tile's core, see `nst.plan.tiling.cut`.
        layout: The regions at the photo's size, and the parts of the paintings; None for neither.
        interruption: What is asked between tiles whether to go on.
        temporal: What the picture is to look like by the frames before it, at the photo's size; None for a picture by
            itself.

    Raises:
        Interrupted: if not.
        ConfigError, MaskError: as `nst.plan.guidance.Guidance.of`.
    """
    maps = content_maps(network, as_tensor(content), side, interruption)
    # A photo that is not to stay says nothing about how much the painting is to count.
    spread = _spread(maps) if config.content_weight else tf.constant(1.0)
    targets = Targets(
        content=maps,
        content_guides=tuple(_content_guide(config, layout, (each.shape[1], each.shape[2])) for each in maps),
        grams=(),
        axes=(),
        guides=(),
        matches=(),
        content_weights=tf.constant(list(normalised(config.content_layers).values()), tf.float32),
        style_weights=equal_weights(network) * spread / NEIGHBOUR_DIVISOR,
        weights=Terms.weights_of(config),
        temporal=_temporal(temporal),
    )
    if network.matching:
        return targets
    guidance = _guidance(config, styles, layout)
    grams = _blended_grams(network, guidance, styles, side, interruption)
    weights = tf.constant([row.weights for row in guidance.rows], tf.float32)
    return targets._replace(
        grams=grams,
        axes=_principal_axes(grams, interruption) if network.statistics == "wasserstein" else (),
        guides=tuple(_as_tensors(row.guides) for row in guidance.rows if row.guides is not None),
        style_weights=_scaled(network, weights, spread),
    )


def style_grams(
    network: Network,
    config: StyleTransferConfig,
    styles: Sequence[np.ndarray],
    side: int = WHOLE,
    layout: Layout | None = None,
    interruption: Interruption = UNINTERRUPTED,
) -> tuple[Grams, ...]:
    """Return the Gram matrices to be matched in each region, `Targets.grams`; arguments as for `make_targets`.

    Several paintings blend linearly, gram = sum_k v_k gram(S_k) with sum v_k = 1 at each layer.

    Raises:
        ConfigError, MaskError: as `nst.plan.guidance.Guidance.of`.
    """
    return _blended_grams(network, _guidance(config, styles, layout), styles, side, interruption)


def grams_of(
    network: Network,
    pixels: tf.Tensor,
    side: int = WHOLE,
    guides: tuple[Guides, ...] = (),
    interruption: Interruption = UNINTERRUPTED,
) -> tuple[Grams, ...]:
    """Return the Gram matrices of a picture (1, H, W, 3), computed by tiles of `side`, for each region.

    Args:
        guides: Of each region; empty for one entry over the whole picture.
        interruption: What is asked between tiles whether to go on.

    Raises:
        Interrupted: if not.
    """
    grams = no_grams(network, len(guides))
    for some in groups(_tiles(network, pixels, side), interruption):
        grams = tracing.called(_gram_function(network, len(guides)), pixels, tf.constant(some), guides, grams)
    return grams


def style_term(
    network: Network, targets: Targets, grams: tuple[Grams, ...], distances: tuple[tf.Tensor, ...] = ()
) -> tf.Tensor:
    """Return Js () of a picture with these Gram matrices, one entry for each region, or distances from neighbours."""
    if distances:
        return tf.tensordot(targets.style_weights[0], tf.stack(distances), 1)
    own, aims, axes = map(tf.nest.flatten, (grams, targets.grams, targets.axes))
    if network.statistics == "wasserstein":
        losses = losses_of_layers(wasserstein_loss, own, aims, axes)
    elif network.statistics == "moments":
        losses = losses_of_layers(moments_loss, own, aims)
    else:
        losses = tf.stack(list(map(style_loss, own, aims)))
    return tf.tensordot(tf.reshape(targets.style_weights, (-1,)), losses, 1)


def targets_signature(network: Network, regions: int = 0) -> Targets:
    """Return the TensorFlow signature of a network's targets for pictures of any size with so many regions."""
    rows, layers = max(regions, 1), len(groups_of(network) or network.style_layers)
    return Targets(
        content=tuple(
            tf.TensorSpec((1, None, None, channels_of(name)), dtype(network, name)) for name in network.content_layers
        ),
        content_guides=(_GUIDE,) * len(network.content_layers),
        grams=_grams_signature(network, regions),
        axes=_axes_signature(network, regions),
        guides=_guides_signature(network, regions),
        matches=matches_signature(network),
        content_weights=tf.TensorSpec((len(network.content_layers),), tf.float32),
        style_weights=tf.TensorSpec((rows, layers), tf.float32),
        weights=Terms.filled(tf.TensorSpec((), tf.float32)),
        temporal=(_PIXELS, _GUIDE),
    )


def gram_matrices(
    network: Network, maps: Sequence[tf.Tensor], guides: tuple[Guides, ...], tile: Tile | None = None
) -> tuple[Grams, ...]:
    """Return the Gram matrices of the style layers' feature maps, or with `tile` the share of that tile's core.

    Args:
        guides: Of each region of the whole picture; empty for one entry over all positions.
    """
    if network.matching:
        return ()
    names = network.style_layers
    if tile is None:
        if not guides:
            return (tuple(_products(network, each) for each in maps),)
        return tuple(tuple(_guided(network, *pair) for pair in zip(maps, row, strict=True)) for row in guides)
    cores = [tile.core_of_tile(each, name) for name, each in zip(names, maps, strict=True)]
    if not guides:
        pairs = zip(names, cores, strict=True)
        return (tuple(_products(network, core, tile.whole_maps(name)) for name, core in pairs),)
    return tuple(
        tuple(
            _guided(network, core, tile.core_of_whole(guide, name))
            for name, core, guide in zip(names, cores, row, strict=True)
        )
        for row in guides
    )


def no_grams(network: Network, regions: int) -> tuple[Grams, ...]:
    """Return the Gram matrices of no position at all, to which tiles' shares are added; none with neighbours."""
    if network.matching:
        return ()
    return (tuple(tf.zeros(_gram_shape(network, name)) for name in network.style_layers),) * max(regions, 1)


def _gram_shape(network: Network, name: str) -> Shape:
    side = channels_of(name) + network.has_means
    return side, side


def _products(network: Network, maps: tf.Tensor, whole: tf.Tensor | None = None) -> tf.Tensor:
    """Return the mean products of channels over all positions, or a part's share of those of `whole`."""
    if not network.has_means:
        return gram_matrix(maps, whole)
    positions = tf.reduce_prod(tf.shape(maps)[1:3] if whole is None else whole)
    return moment_matrix(maps, 1.0 / tf.cast(positions, tf.float32))


def _guided(network: Network, maps: tf.Tensor, guide: tf.Tensor) -> tf.Tensor:
    return moment_matrix(maps, guide) if network.has_means else guided_gram_matrix(maps, guide)


def _scaled(network: Network, weights: tf.Tensor, spread: tf.Tensor) -> tf.Tensor:
    """Return the layers' weights for a relative distance, so that it is of the size of Jc; the paper's are as given."""
    if network.statistics == "gram":
        return weights
    return weights * spread / (DIVISOR if network.statistics == "wasserstein" else MOMENTS_DIVISOR)


def _temporal(target: TemporalTarget | None) -> tuple[tf.Tensor, tf.Tensor]:
    if target is None:
        return tf.zeros((1, 0, 0, 3)), tf.zeros((1, 0, 0, 1))
    return as_tensor(target.picture), as_tensor(target.weights[..., None])


def _content_guide(config: StyleTransferConfig, layout: Layout | None, shape: Shape) -> tf.Tensor:
    """Return how firmly the photo is held at each position of feature maps of (height, width): more in its subject."""
    if layout is None or layout.subject is None:
        return tf.ones((1, *shape, 1))
    return as_tensor(1.0 + (config.subject_weight - 1.0) * resized(layout.subject, shape)[..., None])


def _principal_axes(grams: tuple[Grams, ...], interruption: Interruption) -> tuple[Axes, ...]:
    """Return the axes of every target; with many regions and layers that takes seconds, so it can be stopped."""

    def axes(moments: tf.Tensor) -> tf.Tensor:
        interruption.check()
        return principal_axes(moments)

    found: tuple[Axes, ...] = tf.nest.map_structure(axes, grams)
    return found


def _spread(maps: tuple[tf.Tensor, ...]) -> tf.Tensor:
    """Return the variance of the photo's feature maps (), the mean over channels and layers.

    A relative distance times this is of the size of Jc, whatever the photo: one beta means nearly the same for all.
    """
    spread = tf.add_n([tf.reduce_mean(spread_of(each)) for each in maps]) / len(maps)
    return tf.maximum(spread, LEAST_SPREAD)


def spread_of(maps: tf.Tensor) -> tf.Tensor:
    """Return the variance over positions of each channel (C,) of feature maps (1, H, W, C)."""
    return tf.math.reduce_variance(tf.cast(maps[0], tf.float32), axis=(0, 1))


def _guidance(config: StyleTransferConfig, styles: Sequence[np.ndarray], layout: Layout | None) -> Guidance:
    layout = layout or Layout.plain(len(styles))
    return Guidance.of(config, layout, [(style.shape[0], style.shape[1]) for style in styles])


def _blended_grams(
    network: Network, guidance: Guidance, styles: Sequence[np.ndarray], side: int, interruption: Interruption
) -> tuple[Grams, ...]:
    """Return each region's Gram matrices: at each style layer those of the paintings, blended by their shares."""
    own, network = style_side(side), network.of_paintings
    paintings = [
        grams_of(network, as_tensor(style), own, () if guides is None else (_as_tensors(guides),), interruption)[0]
        for style, guides in zip(styles, guidance.paintings, strict=True)
    ]
    layers = list(zip(*paintings, strict=True))
    return tuple(
        tuple(_blend(shares, grams) for shares, grams in zip(row.shares, layers, strict=True)) for row in guidance.rows
    )


def _blend(shares: Sequence[float], grams: Sequence[tf.Tensor]) -> tf.Tensor:
    """Return sum_k v_k gram_k, (C, C), at one style layer."""
    return tf.add_n([share * gram for share, gram in zip(shares, grams, strict=True)])


def _as_tensors(guides: Sequence[Mask]) -> Guides:
    return tuple(tf.constant(guide[None, ..., None], tf.float32) for guide in guides)


def _grams_signature(network: Network, regions: int) -> tuple[Grams, ...]:
    if network.matching:
        return ()
    layers = tuple(tf.TensorSpec(_gram_shape(network, name), tf.float32) for name in network.style_layers)
    return (layers,) * max(regions, 1)


def _axes_signature(network: Network, regions: int) -> tuple[Axes, ...]:
    if network.statistics != "wasserstein":
        return ()
    shapes = [(channels_of(name), min(AXES, channels_of(name))) for name in network.style_layers]
    return (tuple(tf.TensorSpec(shape, tf.float32) for shape in shapes),) * max(regions, 1)


def _guides_signature(network: Network, regions: int) -> tuple[Any, ...]:
    return ((_GUIDE,) * len(network.style_layers),) * regions


def _tiles(network: Network, pixels: tf.Tensor, side: int) -> np.ndarray:
    height, width = pixels.shape[1:3]
    return cut(height, width, network.layers[-1], side)


@lru_cache(maxsize=16)
def _gram_function(network: Network, regions: int) -> Any:
    def grams(
        pixels: tf.Tensor, tiles: tf.Tensor, guides: tuple[Guides, ...], before: tuple[Grams, ...]
    ) -> tuple[Grams, ...]:
        def share(row: tf.Tensor) -> tuple[Grams, ...]:
            tile = Tile.of(row, pixels)
            return gram_matrices(network, feature_maps(network, tile.pixels(pixels))[1], guides, tile)

        return sum_over(tiles, share, before)

    build(network)
    signature = [_PIXELS, TILES, _guides_signature(network, regions), _grams_signature(network, regions)]
    return tf.function(grams, input_signature=signature, autograph=False)


def content_maps(network: Network, pixels: tf.Tensor, side: int, interruption: Interruption) -> tuple[tf.Tensor, ...]:
    """Return the whole picture's feature maps of each content layer, put together from the tiles' cores."""
    interruption.check()
    function, tiles = _content_function(network), _tiles(network, pixels, side)
    if len(tiles) == 1:
        maps: tuple[tf.Tensor, ...] = tracing.called(function, pixels, tf.constant(tiles[0]))
        return maps
    height, width = pixels.shape[1:3]
    names = network.content_layers
    shapes = [(1, height // stride_of(name), width // stride_of(name), channels_of(name)) for name in names]
    wholes = [tf.Variable(tf.zeros(shape, dtype(network, name))) for shape, name in zip(shapes, names, strict=True)]
    for tile in tiles:
        interruption.check()
        for whole, name, core in zip(wholes, names, function(pixels, tile), strict=True):
            top, left, bottom, right = (int(edge) // stride_of(name) for edge in tile[CORE])
            # In place: joined in the end, they would take their memory twice.
            assign_part(whole, (slice(None), slice(top, bottom), slice(left, right)), core)
    return tuple(map(tf.convert_to_tensor, wholes))


@lru_cache(maxsize=16)
def _content_function(network: Network) -> Any:
    def cores(pixels: tf.Tensor, row: tf.Tensor) -> tuple[tf.Tensor, ...]:
        tile = Tile.of(row, pixels)
        maps = feature_maps(network, tile.pixels(pixels))[0]
        return tuple(tile.core_of_tile(each, name) for name, each in zip(network.content_layers, maps, strict=True))

    build(network)
    # TensorFlow drops the layers whose output is not asked for.
    return tf.function(cores, input_signature=[_PIXELS, tf.TensorSpec((8,), tf.int32)], autograph=False)
