"""J and its gradient: what the picture is optimised for.

    J = alpha * Jc + beta * Js + gamma * Jtv

The whole picture at once, or, given tiles, in two passes over them that give the same numbers in the memory of one
tile: everything J depends on is a sum over positions, so the first pass adds up these sums and the second passes back,
through each tile alone, how J depends on them.

What differs from job to job (targets and weights) is passed in as tensors, so that no job makes TensorFlow trace again.
"""

from typing import NamedTuple

import tensorflow as tf

from nst.engine.bands import fold
from nst.engine.losses import content_loss, total_variation_loss
from nst.engine.targets import Grams, Targets, gram_matrices, no_grams, style_part
from nst.engine.tiles import Window, added, sum_over
from nst.engine.vgg import Network, feature_maps


class Value(NamedTuple):
    """J at a picture: `total` is J, `parts` (3,) the unweighted Jc, Js and Jtv, `gradient` dJ/dpixels."""

    total: tf.Tensor
    parts: tf.Tensor
    gradient: tf.Tensor


class Sums(NamedTuple):
    """What J is a function of, all sums over positions: each region's Gram matrices, each content layer's loss, Jtv."""

    grams: tuple[Grams, ...]
    content: tuple[tf.Tensor, ...]
    tv: tf.Tensor


def losses(
    network: Network, pixels: tf.Tensor, targets: Targets, tiles: tf.Tensor | None = None
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return J () and its unweighted parts (3,) at a picture (1, H, W, 3) float32 in 0..255.

    Args:
        tiles: Of the picture, see `nst.plan.tiling.cut`; None for the whole at once.
    """
    if tiles is None:
        return _total(_sums(network, pixels, targets), targets)
    return _total(_tiled_sums(network, pixels, targets, tiles), targets)


def value_and_gradient(network: Network, pixels: tf.Tensor, targets: Targets, tiles: tf.Tensor | None = None) -> Value:
    """Return J, its parts and its gradient at a picture (1, H, W, 3) float32 in 0..255; `tiles` as for `losses`."""
    if tiles is not None:
        return _tiled_value_and_gradient(network, pixels, targets, tiles)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        total, parts = losses(network, pixels, targets)
    return Value(total, parts, tape.gradient(total, pixels))


def _tiled_value_and_gradient(network: Network, pixels: tf.Tensor, targets: Targets, tiles: tf.Tensor) -> Value:
    sums = _tiled_sums(network, pixels, targets, tiles)
    with tf.GradientTape() as tape:
        tape.watch(sums)
        total, parts = _total(sums, targets)
    slopes = tf.nest.flatten(tape.gradient(total, sums))

    def with_tile(gradient: tf.Tensor, row: tf.Tensor) -> tf.Tensor:
        window = Window.of(row, pixels)
        part = window.pixels(pixels)
        with tf.GradientTape() as tape:
            tape.watch(part)
            shares = tf.nest.flatten(_sums(network, part, targets, window))
        return added(gradient, tape.gradient(shares, part, output_gradients=slopes), window)

    return Value(total, parts, fold(tiles, with_tile, tf.zeros_like(pixels)))


def _tiled_sums(network: Network, pixels: tf.Tensor, targets: Targets, tiles: tf.Tensor) -> Sums:
    def share(row: tf.Tensor) -> Sums:
        window = Window.of(row, pixels)
        return _sums(network, window.pixels(pixels), targets, window)

    nothing = Sums(no_grams(network, len(targets.guides)), (tf.zeros(()),) * len(network.content_layers), tf.zeros(()))
    return sum_over(tiles, share, nothing)


def _sums(network: Network, pixels: tf.Tensor, targets: Targets, window: Window | None = None) -> Sums:
    """Return what J is a function of at a picture, or a tile's share of it if `pixels` are those of a `window`."""
    content, style = feature_maps(network, pixels)
    grams = gram_matrices(network, style, targets.guides, window)
    if window is None:
        terms = tuple(content_loss(*pair) for pair in zip(content, targets.content, strict=True))
        return Sums(grams, terms, total_variation_loss(pixels))
    terms = tuple(
        content_loss(window.core_of_tile(maps, name), window.core_of_whole(target, name), window.whole_maps(name))
        for name, maps, target in zip(network.content_layers, content, targets.content, strict=True)
    )
    return Sums(grams, terms, total_variation_loss(window.core_and_next(pixels), window.whole, window.own))


def _total(sums: Sums, targets: Targets) -> tuple[tf.Tensor, tf.Tensor]:
    """Return J () and its unweighted parts (3,)."""
    parts = tf.stack(
        [
            tf.tensordot(targets.content_weights, tf.stack(sums.content), 1),
            style_part(targets, sums.grams),
            sums.tv,
        ]
    )
    return tf.tensordot(targets.weights, parts, 1), parts
