"""The places of the paintings among which neighbours are looked for, with their features."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from nst.engine.canvas import as_tensor
from nst.engine.neighbours.matches import Group, groups_of, place_features
from nst.engine.tiles import Tile
from nst.engine.vgg import Network, build, feature_maps
from nst.layers import stride_of
from nst.masks.mask import Mask
from nst.plan.neighbours import drawn, limit_of, part_of, turns_of
from nst.plan.tiling import CORE, cut
from nst.progress import Interruption

#: The core of a tile, and its places' features (h, w, C) for each group.
Seen = tuple[np.ndarray, tuple[tf.Tensor, ...]]


class Candidates(NamedTuple):
    """The places of one painting that are searched, for one group of layers.

    Attributes:
        features: (N, C) float32, of all layers of the group one after the other.
        centre: Their mean, (C,).
    """

    features: tf.Tensor
    centre: tf.Tensor


def seen_by_tiles(network: Network, pixels: tf.Tensor, side: int, interruption: Interruption) -> Iterator[Seen]:
    """Yield the core of each tile of a picture (1, H, W, 3), and its places' features (h, w, C) for each group.

    Args:
        network: With a matching.
        side: Of a tile's core, see `nst.plan.tiling.cut`.
        interruption: What is asked before each tile whether to go on.

    Raises:
        Interrupted: if not.
    """
    height, width = pixels.shape[1:3]
    for row in cut(height, width, network.layers[-1], side):
        interruption.check()
        yield row[CORE], _function(network)(pixels, tf.constant(row))


def candidates_of(
    network: Network,
    painting: np.ndarray,
    guide: Mask | None,
    paintings: int,
    seed: int,
    side: int,
    interruption: Interruption,
    title: str,
) -> tuple[Candidates, ...]:
    """Return the candidates of a painting, uint8 RGB (height, width, 3), for each group.

    Args:
        network: With a matching.
        guide: The part of the painting that is used, in its proportions; None for the whole.
        paintings: How many there are, which share the number of places.
        seed: Of the places that are drawn from more than can be searched.
        side: Of a tile's core.
        interruption: What is asked between tiles whether to go on.
        title: What errors call the part.

    Raises:
        MaskError: if no place lies in the part.
    """
    groups = groups_of(network)
    masks = [_searched(group, painting.shape[:2], guide, paintings, seed, title) for group in groups]
    kept: list[list[tf.Tensor]] = [[] for _ in groups]
    for turn in range(max(map(len, masks))):
        turned = as_tensor(np.rot90(painting, turn))
        for core, seen in seen_by_tiles(network, turned, side, interruption):
            for group, mask, features, found in zip(groups, masks, seen, kept, strict=True):
                if turn < len(mask):
                    top, left, bottom, right = core // stride_of(group.grid)
                    found.append(tf.boolean_mask(features, mask[turn][top:bottom, left:right]))
    features = [tf.concat(found, 0) for found in kept]
    return tuple(Candidates(each, tf.reduce_mean(each, 0)) for each in features)


def _searched(
    group: Group, shape: Sequence[int], guide: Mask | None, paintings: int, seed: int, title: str
) -> list[np.ndarray]:
    """Return which places of each turned copy of a painting are searched."""
    height, width = shape
    limit = limit_of(len(group.layers), paintings)
    part = part_of(guide, (height, width), group.grid, title)
    # Turned, an odd remainder is left out at another side, so the part may be off by less than a place.
    turned = [np.rot90(part, turn) for turn in range(turns_of((height, width), paintings))]
    return drawn(turned, limit, seed)


@lru_cache(maxsize=8)
def _function(network: Network) -> Any:
    def seen(pixels: tf.Tensor, row: tf.Tensor) -> tuple[tf.Tensor, ...]:
        tile = Tile.of(row, pixels)
        maps = feature_maps(network, tile.pixels(pixels))[1]
        groups = place_features(network, maps, tile)
        return tuple(tf.concat([tf.cast(each, tf.float32) for each in layers], -1)[0] for layers in groups)

    build(network)
    signature = [tf.TensorSpec((1, None, None, 3), tf.float32), tf.TensorSpec((8,), tf.int32)]
    return tf.function(seen, input_signature=signature, autograph=False)
