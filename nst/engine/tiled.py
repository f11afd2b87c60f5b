"""J and its gradient of a picture, tile by tile, in pieces between which the work can be stopped.

They are those of `nst.engine.objective` up to rounding; what is traced serves pictures of any size and any tiling.
"""

from functools import lru_cache, partial
from typing import Any

import numpy as np
import tensorflow as tf

from nst.engine.bands import assign_part, fold
from nst.engine.objective import Sums, Value, tile_gradient, tiled_sums, total, total_and_slopes
from nst.engine.optimizers.base import variable
from nst.engine.targets import Targets, targets_signature
from nst.engine.terms import Terms
from nst.engine.tiles import TILES, Tile, groups
from nst.engine.vgg import Network, build
from nst.progress import UNINTERRUPTED, Interruption

_PIXELS = tf.TensorSpec((1, None, None, 3), tf.float32)


def losses_by_tiles(
    network: Network,
    picture: tf.Tensor | tf.Variable,
    targets: Targets,
    tiles: np.ndarray,
    interruption: Interruption = UNINTERRUPTED,
) -> tuple[tf.Tensor, Terms]:
    """Return J () and its terms at a picture, without the gradient; arguments and errors as `evaluated_by_tiles`."""
    return total(network, _sums(network, tf.convert_to_tensor(picture), targets, tiles, interruption), targets)


def evaluated_by_tiles(
    network: Network,
    picture: tf.Tensor | tf.Variable,
    targets: Targets,
    tiles: np.ndarray,
    interruption: Interruption = UNINTERRUPTED,
) -> Value:
    """Return J, its terms and its gradient at a picture (1, H, W, 3) float32 in 0..255.

    Args:
        tiles: Of the picture, see `nst.plan.tiling.cut`.
        interruption: What is asked between tiles whether to go on.

    Raises:
        Interrupted: if not.
    """
    pixels, regions = tf.convert_to_tensor(picture), len(targets.guides)
    sums = _sums(network, pixels, targets, tiles, interruption)
    value, terms, slopes = _slopes_function(network, regions)(sums, targets)
    gradient = variable(tf.zeros_like(pixels))
    for some in groups(tiles, interruption):
        _gradient_function(network, regions)(pixels, targets, tf.constant(some), slopes, gradient)
    return Value(value, terms, tf.convert_to_tensor(gradient))


def _sums(network: Network, pixels: tf.Tensor, targets: Targets, tiles: np.ndarray, interruption: Interruption) -> Sums:
    """Return the sums over all tiles: the first pass."""
    regions = len(targets.guides)
    sums = Sums.nothing(network, regions)
    for some in groups(tiles, interruption):
        sums = _sums_function(network, regions)(pixels, targets, tf.constant(some), sums)
    return sums


@lru_cache(maxsize=8)
def _sums_function(network: Network, regions: int) -> Any:
    """Return the traced first pass: it takes the picture, the targets, some tiles and the sums before them."""

    def sums(pixels: tf.Tensor, targets: Targets, tiles: tf.Tensor, before: Sums) -> Sums:
        return tiled_sums(network, pixels, targets, tiles, before)

    build(network)
    signature = [_PIXELS, targets_signature(network, regions), TILES, _sums_signature(network, regions)]
    return tf.function(sums, input_signature=signature, autograph=False)


@lru_cache(maxsize=8)
def _slopes_function(network: Network, regions: int) -> Any:
    signature = [_sums_signature(network, regions), targets_signature(network, regions)]
    return tf.function(partial(total_and_slopes, network), input_signature=signature, autograph=False)


@lru_cache(maxsize=8)
def _gradient_function(network: Network, regions: int) -> Any:
    """Return the traced second pass: it takes the picture, the targets, some tiles, the slopes, and the gradient.

    The gradient is a variable (1, H, W, 3), to which it adds what the tiles have.
    """

    def add(pixels: tf.Tensor, targets: Targets, tiles: tf.Tensor, slopes: Sums, gradient: tf.Variable) -> None:
        def add_tile(number: tf.Tensor, row: tf.Tensor) -> tf.Tensor:
            tile = Tile.of(row, pixels)
            top, left, bottom, right = tf.unstack(tile.outer)
            place = (slice(None), slice(top, bottom), slice(left, right))
            assign_part(gradient, place, gradient[place] + tile_gradient(network, pixels, targets, tile, slopes))
            return number

        fold(tiles, add_tile, tf.constant(0))

    example = variable(tf.zeros((1, 16, 16, 3)))
    signature = [_PIXELS, targets_signature(network, regions), TILES, _sums_signature(network, regions), example]
    return tf.function(add, autograph=False).get_concrete_function(*signature)


def _sums_signature(network: Network, regions: int) -> Sums:
    return tf.nest.map_structure(lambda each: tf.TensorSpec(each.shape, each.dtype), Sums.nothing(network, regions))
