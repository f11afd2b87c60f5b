"""Gram matrices, means and standard deviations of features, and how far two layers' are apart."""

from functools import partial

import numpy as np
import pytest
import tensorflow as tf

from nst.engine.losses import style_loss
from nst.engine.moments import moments_loss
from nst.engine.statistics import losses_of_layers
from tests.support import features as support
from tests.support import reference
from tests.support.features import moments

RANDOM = np.random.default_rng(12)
features = partial(support.features, RANDOM)


def test_the_distance_agrees_with_numpy() -> None:
    one, other = features(), features(mean=2)
    expected = [reference.moments(maps[0].numpy().astype(np.float64)) for maps in (one, other)]
    found = moments_loss(moments(one), moments(other))
    assert float(found) == pytest.approx(reference.relative_moments(expected[0], expected[1]), rel=1e-5)


@pytest.mark.parametrize("strength", [0.1, 10.0])
def test_a_picture_is_at_no_distance_from_itself_and_nearly_one_from_nothing_however_strong(strength: float) -> None:
    target = moments(strength * features())
    nothing = moments(tf.zeros((1, 20, 30, 16)))
    assert float(moments_loss(target, target)) == pytest.approx(0, abs=1e-6)
    assert 0.9 < float(moments_loss(nothing, target)) < 1


def test_it_tells_channels_apart_that_a_gram_matrix_takes_for_the_same() -> None:
    """A channel that is 1 everywhere and one that is 2 in a quarter of the places have the same mean square."""
    even, spotted = tf.ones((1, 20, 30, 1)), np.zeros((1, 20, 30, 1), np.float32)
    spotted[:, ::2, ::2] = 2
    one, other = (moments(tf.constant(maps)) for maps in (even, spotted))
    assert float(style_loss(one[:1, :1], other[:1, :1])) == pytest.approx(0)
    # By hand: means 1 and 1/2, deviations 0 and sqrt(3)/2, with a ridge of 1 % of 3/4 before the root; halved.
    deviations = np.sqrt(0.0075) - np.sqrt(0.7575)
    assert float(moments_loss(one, other)) == pytest.approx((0.25 + deviations**2) / 2, rel=1e-4)


def test_the_gradient_agrees_with_finite_differences() -> None:
    maps, target = features(), moments(features(mean=2))
    direction = tf.constant(RANDOM.normal(size=(1, 20, 30, 16)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        value = moments_loss(moments(maps), target)
    slope = float(tf.reduce_sum(tape.gradient(value, maps) * direction))

    def expected(step: float) -> float:
        moved = (maps + step * direction)[0].numpy().astype(np.float64)
        other = np.concatenate([target[-1:, :-1], target[:-1, :-1]]).astype(np.float64)
        return reference.relative_moments(reference.moments(moved), other)

    assert slope == pytest.approx((expected(1e-3) - expected(-1e-3)) / 2e-3, rel=1e-3)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_layer_without_any_variance_has_a_finite_loss_and_gradient(level: float) -> None:
    flat = tf.fill((1, 20, 30, 16), level)
    for maps in (flat, features()):
        with tf.GradientTape() as tape:
            tape.watch(maps)
            value = moments_loss(moments(maps), moments(flat))
        assert np.isfinite(float(value))
        assert np.all(np.isfinite(tape.gradient(value, maps)))


def test_layers_taken_together_have_the_losses_that_they_have_by_themselves() -> None:
    pairs = [(moments(features(channels)), moments(features(channels, mean=2))) for channels in (16, 8, 16)]
    together = losses_of_layers(moments_loss, *zip(*pairs, strict=True))
    np.testing.assert_allclose(together, [moments_loss(*pair) for pair in pairs], rtol=1e-5)
