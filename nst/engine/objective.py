"""J and its gradient: what the picture is optimised for.

    J = alpha * Jc + beta * Js + gamma * Jtv + delta * Jt

Here is J of the whole picture at once, and what `nst.engine.tiled` makes the same numbers of in the memory of one tile.
Everything J depends on is a sum over positions, so a first pass over the tiles adds up these sums, and a second one
passes back, through each tile alone, how J depends on them.

What differs from job to job (targets and weights) is passed in as tensors, so that no job makes TensorFlow trace again.
"""

from typing import NamedTuple, Self

import tensorflow as tf

from nst.engine.losses import content_loss, temporal_loss, total_variation_loss, wrapped_variation_loss
from nst.engine.neighbours.matches import groups_of, match_distances
from nst.engine.targets import Grams, Targets, gram_matrices, no_grams, style_term
from nst.engine.terms import Terms, weighted_sum
from nst.engine.tiles import Tile, sum_over
from nst.engine.vgg import Network, feature_maps
from nst.layers import LAYERS


class Value(NamedTuple):
    """J at a picture: `total` is J (), `terms` the unweighted Jc, Js, Jtv and Jt, `gradient` dJ/dpixels."""

    total: tf.Tensor
    terms: Terms
    gradient: tf.Tensor


class Sums(NamedTuple):
    """What the terms of J are functions of, each a sum over positions. A new loss adds its own here.

    Attributes:
        grams: Each region's Gram matrices, one (C, C) for each style layer; empty with neighbours.
        distances: From the neighbours in the paintings, () for each match; else empty.
        content: Each content layer's loss ().
        tv: Jtv ().
        temporal: Jt ().
    """

    grams: tuple[Grams, ...]
    distances: tuple[tf.Tensor, ...]
    content: tuple[tf.Tensor, ...]
    tv: tf.Tensor
    temporal: tf.Tensor

    @classmethod
    def nothing(cls, network: Network, regions: int) -> Self:
        """Return the sums over no position at all, to which tiles' shares are added."""
        content = (tf.zeros(()),) * len(network.content_layers)
        distances = (tf.zeros(()),) * len(groups_of(network))
        return cls(no_grams(network, regions), distances, content, tv=tf.zeros(()), temporal=tf.zeros(()))

    @classmethod
    def at(cls, network: Network, pixels: tf.Tensor, targets: Targets, tile: Tile | None = None) -> Self:
        """Return the sums over a picture, or the share of a `tile`'s core if `pixels` are those of the tile."""
        content, style = feature_maps(network, pixels)
        grams = gram_matrices(network, style, targets.guides, tile)
        distances = match_distances(network, style, targets.matches, tile)
        if tile is None:
            terms = tuple(
                content_loss(*row) for row in zip(content, targets.content, targets.content_guides, strict=True)
            )
            variation = wrapped_variation_loss if network.edge == "wrap" else total_variation_loss
            temporal = temporal_loss(pixels, *targets.temporal)
            return cls(grams, distances, terms, tv=variation(pixels), temporal=temporal)
        rows = zip(network.content_layers, content, targets.content, targets.content_guides, strict=True)
        terms = tuple(
            content_loss(
                tile.core_of_tile(maps, name),
                tile.core_of_whole(target, name),
                tile.core_of_whole(guide, name),
                tile.whole_maps(name),
            )
            for name, maps, target, guide in rows
        )
        target, weights = (tile.core_of_whole(each, LAYERS[0]) for each in targets.temporal)
        return cls(
            grams,
            distances,
            terms,
            tv=total_variation_loss(tile.core_and_next(pixels), tile.picture, tile.core_shape),
            temporal=temporal_loss(tile.core_of_tile(pixels, LAYERS[0]), target, weights, tile.picture),
        )

    def terms(self, network: Network, targets: Targets) -> Terms:
        """Return the unweighted terms of J."""
        return Terms(
            content=tf.tensordot(targets.content_weights, tf.stack(self.content), 1),
            style=style_term(network, targets, self.grams, self.distances),
            tv=self.tv,
            temporal=self.temporal,
        )


def losses(network: Network, pixels: tf.Tensor, targets: Targets) -> tuple[tf.Tensor, Terms]:
    """Return J () and its unweighted terms at a picture (1, H, W, 3) float32 in 0..255, taken whole."""
    return total(network, Sums.at(network, pixels, targets), targets)


def value_and_gradient(network: Network, pixels: tf.Tensor, targets: Targets) -> Value:
    """Return J, its terms and its gradient at a picture (1, H, W, 3) float32 in 0..255, taken whole."""
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        value, terms = losses(network, pixels, targets)
    return Value(value, terms, tape.gradient(value, pixels))


def total(network: Network, sums: Sums, targets: Targets) -> tuple[tf.Tensor, Terms]:
    """Return J () and its unweighted terms for the sums over a whole picture."""
    terms = sums.terms(network, targets)
    return weighted_sum(targets.weights, terms), terms


def tiled_sums(network: Network, pixels: tf.Tensor, targets: Targets, tiles: tf.Tensor, before: Sums) -> Sums:
    """Return the sums over some tiles of a picture added to those `before` them: the first pass."""

    def share(row: tf.Tensor) -> Sums:
        tile = Tile.of(row, pixels)
        return Sums.at(network, tile.pixels(pixels), targets, tile)

    sums: Sums = sum_over(tiles, share, before)
    return sums


def total_and_slopes(network: Network, sums: Sums, targets: Targets) -> tuple[tf.Tensor, Terms, Sums]:
    """Return J (), its unweighted terms, and how J depends on each of the sums: between the two passes."""
    with tf.GradientTape() as tape:
        tape.watch(sums)
        value, terms = total(network, sums, targets)
    return value, terms, tape.gradient(value, sums)


def tile_gradient(network: Network, pixels: tf.Tensor, targets: Targets, tile: Tile, slopes: Sums) -> tf.Tensor:
    """Return what a tile's core adds to dJ/dpixels of the tile's pixels (1, h, w, 3): the second pass."""
    part = tile.pixels(pixels)
    with tf.GradientTape() as tape:
        tape.watch(part)
        shares = tf.nest.flatten(Sums.at(network, part, targets, tile))
    return tape.gradient(shares, part, output_gradients=tf.nest.flatten(slopes))
