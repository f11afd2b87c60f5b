"""Means and covariances of features, and how far two of them are apart."""

from functools import cache, partial
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from nst.engine import statistics
from nst.engine.statistics import (
    losses_of_layers,
    mean_and_covariance,
    moment_matrix,
    principal_axes,
    trace_of_root,
    wasserstein_loss,
)
from nst.layers import LAYERS, channels_of
from nst.plan.estimate import operations_of_a_comparison
from tests.support import features as support
from tests.support import reference
from tests.support.features import POSITIONS, moments
from tests.support.settings import STATISTICS

RANDOM = np.random.default_rng(11)
features = partial(support.features, RANDOM)


def expected_moments(maps: tf.Tensor) -> reference.Array:
    return reference.moments(maps[0].numpy().astype(np.float64))


def test_a_moment_matrix_holds_products_means_and_one() -> None:
    found = moment_matrix(tf.constant([[[[1.0, 2.0], [3.0, 6.0]]]]), 0.5)
    np.testing.assert_allclose(found, [[5, 10, 2], [10, 20, 4], [2, 4, 1]])
    mean, covariance = mean_and_covariance(found)
    np.testing.assert_allclose(mean, [2, 4])
    np.testing.assert_allclose(covariance, [[1, 2], [2, 4]])


def test_a_guide_weighs_the_positions() -> None:
    maps = tf.constant([[[[1.0, 2.0], [3.0, 6.0]]]])
    guide = tf.constant([[[[1.0], [0.0]]]])
    np.testing.assert_allclose(moment_matrix(maps, guide), [[1, 2, 1], [2, 4, 2], [1, 2, 1]])


@pytest.mark.parametrize("guided", [False, True])
def test_the_gradient_of_a_moment_matrix_is_that_of_its_definition(guided: bool) -> None:
    maps, upstream = features(5), tf.constant(RANDOM.normal(size=(6, 6)), tf.float32)
    weights = tf.constant(RANDOM.uniform(size=(1, 20, 30, 1)), tf.float32)
    guide = weights if guided else tf.ones_like(weights) / POSITIONS
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(maps)
        ours = tf.reduce_sum(upstream * moment_matrix(maps, weights if guided else 1 / POSITIONS))
        flat = tf.reshape(tf.concat([maps, tf.ones((1, 20, 30, 1))], -1), (-1, 6))
        plain = tf.reduce_sum(upstream * tf.matmul(flat * tf.reshape(guide, (-1, 1)), flat, transpose_a=True))
    np.testing.assert_allclose(ours, plain, rtol=1e-4)
    np.testing.assert_allclose(tape.gradient(ours, maps), tape.gradient(plain, maps), rtol=1e-3, atol=1e-5)


def test_the_axes_are_those_of_the_largest_variance() -> None:
    maps = np.zeros((1, 20, 30, 3), np.float32)
    maps[..., 1] = RANDOM.normal(size=(20, 30)) * 5
    maps[..., 2] = RANDOM.normal(size=(20, 30))
    axes = principal_axes(moments(tf.constant(maps))).numpy()
    np.testing.assert_allclose(np.abs(axes), [[0, 0, 1], [1, 0, 0], [0, 1, 0]], atol=0.2)
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-5)


def test_the_trace_of_a_root_agrees_with_its_eigenvalues() -> None:
    factor = RANDOM.normal(size=(40, 40))
    matrix = tf.constant(factor @ factor.T + np.eye(40), tf.float32)
    values, vectors = np.linalg.eigh(matrix)
    with tf.GradientTape() as tape:
        tape.watch(matrix)
        trace = trace_of_root(matrix)
    assert float(trace) == pytest.approx(np.sqrt(values).sum(), rel=1e-4)
    np.testing.assert_allclose(tape.gradient(trace, matrix), vectors / np.sqrt(values) @ vectors.T / 2, atol=2e-3)


def test_the_distance_agrees_with_scipy() -> None:
    one, other = features(), features(mean=2)
    target = moments(other)
    found = wasserstein_loss(moments(one), target, principal_axes(target))
    expected = reference.wasserstein(expected_moments(one), expected_moments(other))
    assert float(found) == pytest.approx(expected, rel=1e-3)


def test_a_picture_is_at_no_distance_from_itself_and_nearly_one_from_nothing() -> None:
    target = moments(features(200))
    axes = principal_axes(target)
    nothing = moments(tf.zeros((1, 20, 30, 200)))
    assert axes.shape == (200, 128)
    assert float(wasserstein_loss(target, target, axes)) == pytest.approx(0, abs=3e-3)
    assert 0.8 < float(wasserstein_loss(nothing, target, axes)) < 1


def test_outside_of_the_axes_only_the_total_variance_counts() -> None:
    maps = features(8)
    target = moments(maps)
    axes = principal_axes(target)[:, :2]
    rest = np.eye(8) - axes.numpy() @ axes.numpy().T
    doubled = tf.constant(maps.numpy() @ (np.eye(8) + rest), tf.float32)
    mean, covariance = mean_and_covariance(target)
    moved = moments(doubled - tf.reduce_mean(doubled, (0, 1, 2)) + mean)
    expected = np.trace(rest @ covariance.numpy()) / np.trace(target.numpy()[:-1, :-1])
    assert float(wasserstein_loss(moved, target, axes)) == pytest.approx(expected, rel=0.02, abs=1e-3)


def test_the_gradient_agrees_with_finite_differences() -> None:
    maps, target = features(), moments(features(mean=2))
    axes, direction = principal_axes(target), tf.constant(RANDOM.normal(size=(1, 20, 30, 16)), tf.float32)

    def loss(maps: tf.Tensor) -> tf.Tensor:
        return wasserstein_loss(moments(maps), target, axes)

    with tf.GradientTape() as tape:
        tape.watch(maps)
        value = loss(maps)
    slope = float(tf.reduce_sum(tape.gradient(value, maps) * direction))
    assert slope == pytest.approx(float(loss(maps + direction / 4) - loss(maps - direction / 4)) * 2, rel=0.05)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_layer_without_any_variance_has_a_finite_loss_and_gradient(level: float) -> None:
    flat = tf.fill((1, 20, 30, 16), level)
    target = moments(flat)
    for maps in (flat, features()):
        with tf.GradientTape() as tape:
            tape.watch(maps)
            value = wasserstein_loss(moments(maps), target, principal_axes(target))
        assert np.isfinite(float(value))
        assert np.all(np.isfinite(tape.gradient(value, maps)))


def test_layers_taken_together_have_the_losses_that_they_have_by_themselves() -> None:
    pairs = [(moments(features(channels)), moments(features(channels, mean=2))) for channels in (16, 8, 16, 200, 8)]
    axes = [principal_axes(target) for _, target in pairs]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(pairs)
        alone = [wasserstein_loss(own, target, each) for (own, target), each in zip(pairs, axes, strict=True)]
        together = losses_of_layers(wasserstein_loss, [own for own, _ in pairs], [target for _, target in pairs], axes)
        sums = tf.add_n(alone), tf.reduce_sum(together)
    np.testing.assert_allclose(together, alone, rtol=1e-4)
    for one, other in zip(*(tape.gradient(each, [own for own, _ in pairs]) for each in sums), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def compared(layers: int, regions: int) -> tf.Graph:
    """The graph in which so many layers of each region are compared, and of the gradient."""
    sides = [channels_of(layer) for layer in LAYERS[:layers]] * regions
    signature = tuple(tf.TensorSpec((side + 1, side + 1), tf.float32) for side in sides)
    axes = tuple(tf.TensorSpec((side, min(side, 128)), tf.float32) for side in sides)

    def slopes(own: Any, targets: Any, axes: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(own)
            total = tf.reduce_sum(losses_of_layers(wasserstein_loss, own, targets, axes))
        return total, tape.gradient(total, own)

    return tf.function(slopes, [signature, signature, axes], autograph=False).get_concrete_function().graph


def needed(graph: tf.Graph) -> list[tf.Operation]:
    """The operations that the outputs depend on: the others are never computed."""
    found, ahead = set(), [output.op for output in graph.outputs]
    while ahead:
        if (one := ahead.pop()) not in found:
            found.add(one)
            ahead += [each.op for each in one.inputs]
    return list(found)


def test_many_layers_and_regions_make_no_large_graph() -> None:
    assert len(compared(16, 8).get_operations()) < 3000


@pytest.mark.parametrize(("layers", "regions"), [(5, 1), (16, 3)])
def test_the_estimate_counts_the_products_of_matrices_that_a_comparison_takes(layers: int, regions: int) -> None:
    config = STATISTICS.with_changes(
        style_statistics="wasserstein", style_layers=tuple((layer, 1.0) for layer in LAYERS[:layers])
    )
    sides = [min(128, channels_of(layer)) for layer in LAYERS[:layers]] * regions
    counted = operations(compared(layers, regions)) + sum(map(operations_of_a_root, sides))
    assert operations_of_a_comparison(config, regions) == pytest.approx(counted, rel=0.02)


@cache
def operations_of_a_root(side: int) -> int:
    function = tf.function(statistics._trace_and_slope, [tf.TensorSpec((side, side))], autograph=False)
    return operations(function.get_concrete_function().graph)


def operations(graph: tf.Graph) -> int:
    """The operations of the products of matrices that the outputs depend on."""
    found = 0
    for product in needed(graph):
        if product.type.startswith(("MatMul", "BatchMatMul")):
            turned = product.get_attr("adj_x" if product.type.startswith("Batch") else "transpose_a")
            found += 2 * product.outputs[0].shape.num_elements() * product.inputs[0].shape[-2 if turned else -1]
    return found
