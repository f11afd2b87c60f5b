"""What one job's picture is compared with: the photo's feature maps and the paintings' Gram matrices.

Both are computed tile by tile, like J itself, so that large pictures need no more memory than small ones.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from nst.config import StyleTransferConfig, normalised
from nst.losses import gram_matrix
from nst.network import Network, dtype, feature_maps
from nst.tensors import as_tensor
from nst.tiling import CORE, WHOLE, cut
from nst.vgg import channels
from nst.window import TILES, Window, sum_over

_PIXELS = tf.TensorSpec((1, None, None, 3), tf.float32)


class Targets(NamedTuple):
    """What one job's picture is compared with, and how much each part counts.

    Attributes:
        content: The photo's feature maps, (1, H, W, C) for each content layer.
        grams: The paintings' Gram matrices, (C, C) float32 for each style layer.
        content_weights: w_l, (content layers,), sum 1.
        style_weights: lambda_l, (style layers,), sum 1.
        weights: alpha, beta, gamma, (3,).
    """

    content: tuple[tf.Tensor, ...]
    grams: tuple[tf.Tensor, ...]
    content_weights: tf.Tensor
    style_weights: tf.Tensor
    weights: tf.Tensor


def make_targets(
    network: Network, config: StyleTransferConfig, content: np.ndarray, styles: Sequence[np.ndarray], side: int = WHOLE
) -> Targets:
    """Return the targets of a photo and paintings, all uint8 RGB (height, width, 3) at the sizes to be used.

    Args:
        side: Of a tile's core, see `nst.tiling.cut`.

    Raises:
        ConfigError: if there is no painting, or not one blend weight for each.
    """
    photo = as_tensor(content)
    return Targets(
        content=_content_maps(network, photo, _tiles(network, photo, side)),
        grams=style_grams(network, config, styles, side),
        content_weights=tf.constant(list(normalised(config.content_layers).values()), tf.float32),
        style_weights=tf.constant(list(normalised(config.style_layers).values()), tf.float32),
        weights=tf.constant([config.content_weight, config.style_weight, config.tv_weight], tf.float32),
    )


def style_grams(
    network: Network, config: StyleTransferConfig, styles: Sequence[np.ndarray], side: int = WHOLE
) -> tuple[tf.Tensor, ...]:
    """Return the Gram matrix (C, C) to be matched at each style layer; paintings and `side` as for `make_targets`.

    Several paintings blend linearly, gram = sum_k v_k gram(S_k) with sum v_k = 1.

    Raises:
        ConfigError: if there is no painting, or not one blend weight for each.
    """
    blend = config.blend(len(styles))
    grams = [grams_of(network, as_tensor(style), side) for style in styles]
    return tuple(
        tf.add_n([share * gram for share, gram in zip(blend, layer, strict=True)]) for layer in zip(*grams, strict=True)
    )


def grams_of(network: Network, pixels: tf.Tensor, side: int = WHOLE) -> tuple[tf.Tensor, ...]:
    """Return the Gram matrix (C, C) of each style layer at a picture (1, H, W, 3), computed by tiles of `side`."""
    grams: tuple[tf.Tensor, ...] = _gram_function(network)(pixels, _tiles(network, pixels, side))
    return grams


def targets_signature(network: Network) -> Targets:
    """Return the TensorFlow signature of a network's targets for pictures of any size."""
    scalars = [
        tf.TensorSpec((count,), tf.float32) for count in (len(network.content_layers), len(network.style_layers))
    ]
    return Targets(
        content=tuple(
            tf.TensorSpec((1, None, None, channels(name)), dtype(network, name)) for name in network.content_layers
        ),
        grams=tuple(tf.TensorSpec((channels(name),) * 2, tf.float32) for name in network.style_layers),
        content_weights=scalars[0],
        style_weights=scalars[1],
        weights=tf.TensorSpec((3,), tf.float32),
    )


def gram_matrices(network: Network, maps: Sequence[tf.Tensor], window: Window | None = None) -> tuple[tf.Tensor, ...]:
    """Return the Gram matrix of each style layer's feature maps, or with `window` the share of that tile's core."""
    if window is None:
        return tuple(gram_matrix(each) for each in maps)
    return tuple(
        gram_matrix(window.core_of_tile(each, name), window.whole_maps(name))
        for name, each in zip(network.style_layers, maps, strict=True)
    )


def no_grams(network: Network) -> tuple[tf.Tensor, ...]:
    """Return the Gram matrices of no position at all, to which tiles' shares are added."""
    return tuple(tf.zeros((channels(name),) * 2) for name in network.style_layers)


def _tiles(network: Network, pixels: tf.Tensor, side: int) -> np.ndarray:
    height, width = pixels.shape[1:3]
    return cut(height, width, network.layers[-1], side)


@lru_cache(maxsize=16)
def _gram_function(network: Network) -> Any:
    def grams(pixels: tf.Tensor, tiles: tf.Tensor) -> tuple[tf.Tensor, ...]:
        def share(row: tf.Tensor) -> tuple[tf.Tensor, ...]:
            window = Window.of(row, pixels)
            return gram_matrices(network, feature_maps(network, window.pixels(pixels))[1], window)

        return sum_over(tiles, share, no_grams(network))

    return tf.function(grams, input_signature=[_PIXELS, TILES], autograph=False)


def _content_maps(network: Network, pixels: tf.Tensor, tiles: np.ndarray) -> tuple[tf.Tensor, ...]:
    """Return the whole picture's feature maps of each content layer, put together from the tiles' cores."""
    rows = []
    for top in np.unique(tiles[:, CORE.start]):
        row = [_content_function(network)(pixels, tile) for tile in tiles[tiles[:, CORE.start] == top]]
        rows.append([_joined(maps, 2) for maps in zip(*row, strict=True)])
    return tuple(_joined(maps, 1) for maps in zip(*rows, strict=True))


def _joined(maps: Sequence[tf.Tensor], axis: int) -> tf.Tensor:
    return maps[0] if len(maps) == 1 else tf.concat(maps, axis)


@lru_cache(maxsize=16)
def _content_function(network: Network) -> Any:
    def cores(pixels: tf.Tensor, row: tf.Tensor) -> tuple[tf.Tensor, ...]:
        window = Window.of(row, pixels)
        maps = feature_maps(network, window.pixels(pixels))[0]
        return tuple(window.core_of_tile(each, name) for name, each in zip(network.content_layers, maps, strict=True))

    # TensorFlow drops the layers whose output is not asked for.
    return tf.function(cores, input_signature=[_PIXELS, tf.TensorSpec((8,), tf.int32)], autograph=False)
