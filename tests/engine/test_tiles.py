"""Cutting a picture into tiles, and that J and its gradient by tiles are those of the whole picture."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from nst.config import PAPER, StyleTransferConfig
from nst.engine.canvas import as_tensor
from nst.engine.objective import Value, value_and_gradient
from nst.engine.targets import Targets, make_targets
from nst.engine.tiled import evaluated_by_tiles, losses_by_tiles
from nst.engine.vgg import Network
from nst.layers import LAYERS, stride_of
from nst.masks.regions import Layout
from nst.masks.temporal import TemporalTarget
from nst.plan.tiling import CORE, TILE, cut, halo

# Geometry


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("block1_conv1", 1),
        ("block1_conv2", 2),
        ("block2_conv1", 4),  # 2 + 2
        ("block3_conv1", 12),  # 2 + 2 * 2 + 4 is 10
        ("block4_conv2", 40),  # 2 + 2 * 2 + 4 * 4 + 2 * 8 is 38
        ("block5_conv1", 80),  # 2 + 2 * 2 + 4 * 4 + 4 * 8 + 16 is 70
        ("block5_conv4", 128),  # 118
    ],
)
def test_halo_is_what_the_convolutions_see_in_whole_strides(layer: str, expected: int) -> None:
    assert halo(layer) == expected


@pytest.mark.parametrize("deepest", ["block1_conv1", "block3_conv2", "block5_conv1"])
@pytest.mark.parametrize("side", [1, 48, 100, 10_000])
@pytest.mark.parametrize("shape", [(16, 16), (100, 37), (257, 1023), (31, 640)])
def test_cores_cover_every_pixel_once_and_begin_on_the_pooling_grid(
    shape: tuple[int, int], side: int, deepest: str
) -> None:
    step, seen = stride_of(deepest), np.zeros(shape, int)
    for row in cut(*shape, deepest, side):
        top, left, bottom, right = row[CORE]
        seen[top:bottom, left:right] += 1
        assert top % step == left % step == 0
        assert min(bottom - top, right - left) >= step
        # The last takes the odd remainder.
        assert max(bottom - top, right - left) < max(side, step) + step
    assert np.all(seen == 1)


@pytest.mark.parametrize("side", [32, 64, 1000])
def test_tiles_reach_as_far_as_the_halo_or_the_pictures_edge(side: int) -> None:
    for row in cut(200, 321, "block5_conv1", side):
        top, left, bottom, right = row[CORE]
        assert tuple(row[TILE]) == (
            max(0, top - 80),
            max(0, left - 80),
            200 if bottom == 200 else min(200, bottom + 80),
            321 if right == 321 else min(321, right + 80),
        )


def test_a_picture_that_is_no_longer_than_the_side_is_one_tile() -> None:
    np.testing.assert_array_equal(cut(300, 512, "block5_conv1", 512), [[0, 0, 300, 512] * 2])


# J by tiles


def _picture(shape: tuple[int, int], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3)).astype(np.uint8)


def _targets(network: Network, config: StyleTransferConfig, shape: tuple[int, int], side: int) -> Targets:
    weights = np.random.default_rng(5).uniform(0, 1, shape).astype(np.float32)
    temporal = TemporalTarget(_picture(shape, 6), weights) if config.temporal_weight else None
    paintings = [_picture((70, 90), 2), _picture((131, 64), 3)]
    return make_targets(network, config, _picture(shape, 1), paintings, side, temporal=temporal)


def _by_tiles(network: Network, targets: Targets, shape: tuple[int, int], side: int) -> tuple[Value, Any]:
    """Return J with its gradient, and J and its terms alone, as the runs and `evaluate` compute them."""
    picture, tiles = as_tensor(_picture(shape, 4)), cut(*shape, network.layers[-1], side)
    assert len(tiles) > 1
    return evaluated_by_tiles(network, picture, targets, tiles), losses_by_tiles(network, picture, targets, tiles)


def _assert_exact(
    shape: tuple[int, int], side: int, *, edge: str = "replicate", tolerance: float = 1e-5, **changes: Any
) -> None:
    config = PAPER.with_changes(**changes)
    network = Network.of(config, "float32", edge)
    targets = _targets(network, config, shape, 10_000)
    whole = value_and_gradient(network, as_tensor(_picture(shape, 4)), targets)
    tiled, (total, terms) = _by_tiles(network, targets, shape, side)
    for one, other in ((tiled.total, whole.total), (tiled.terms, whole.terms), (total, whole.total)):
        np.testing.assert_allclose(one, other, rtol=tolerance)
    np.testing.assert_allclose(terms, whole.terms, rtol=tolerance)
    # Where the halo of one tile ends in the middle of another, an error would be large but local.
    difference, largest = np.abs(tiled.gradient - whole.gradient).max(), np.abs(whole.gradient).max()
    assert difference <= tolerance * largest
    assert np.linalg.norm(tiled.gradient - whole.gradient) <= tolerance * np.linalg.norm(whole.gradient)


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("edge", ["zero", "replicate"])
@pytest.mark.parametrize(
    ("shape", "side"), [((37, 200), 64), ((101, 235), 96), ((41, 50), 16), ((250, 47), 128), ((233, 131), 150)]
)
def test_gradient_by_tiles_is_that_of_the_whole(shape: tuple[int, int], side: int, edge: str, pooling: str) -> None:
    _assert_exact(shape, side, edge=edge, pooling=pooling)


@pytest.mark.parametrize("layer", LAYERS)
def test_gradient_by_tiles_is_exact_for_every_layer(layer: str) -> None:
    _assert_exact((83, 149), 64, content_layers=layer, style_layers=layer)


@pytest.mark.parametrize("weights", [(1, 0, 0, 0), (0, 1, 0, 0), (1e-6, 0, 1, 0), (1e-6, 0, 0, 1)])
def test_gradient_by_tiles_is_exact_for_every_loss_alone(weights: tuple[float, float, float, float]) -> None:
    alpha, beta, gamma, delta = weights
    _assert_exact((83, 149), 64, content_weight=alpha, style_weight=beta, tv_weight=gamma, temporal_weight=delta)


def test_gradient_by_tiles_is_exact_for_means_and_covariances() -> None:
    _assert_exact((83, 149), 64, style_statistics="wasserstein", tolerance=1e-3)


def test_gradient_by_tiles_is_exact_for_moments() -> None:
    _assert_exact((83, 149), 64, style_statistics="moments", style_blend_weights=(1, 2))


def test_gradient_by_tiles_is_exact_where_a_subject_is_held_more_firmly() -> None:
    shape, config = (83, 149), PAPER.with_changes(subject_weight=5, content_layers="block2_conv1,block4_conv2")
    network = Network.of(config, "float32", "replicate")
    subject = np.linspace(0, 1, 83 * 149, dtype=np.float32).reshape(shape)
    layout = dataclasses.replace(Layout.plain(1), subject=subject)
    pictures = config, _picture(shape, 1), [_picture((70, 90), 2)]
    targets = make_targets(network, *pictures, layout=layout)
    whole = value_and_gradient(network, as_tensor(_picture(shape, 4)), targets)
    plain = value_and_gradient(network, as_tensor(_picture(shape, 4)), make_targets(network, *pictures))
    tiled, _ = _by_tiles(network, targets, shape, 64)
    assert float(whole.terms.content) > 1.5 * float(plain.terms.content)
    np.testing.assert_allclose(tiled.terms, whole.terms, rtol=1e-5)
    assert np.abs(tiled.gradient - whole.gradient).max() <= 1e-5 * np.abs(whole.gradient).max()


def test_gradient_by_tiles_is_exact_for_many_layers_at_once() -> None:
    _assert_exact(
        (90, 150),
        48,
        content_layers={"block1_conv2": 1, "block3_conv4": 2, "block5_conv2": 0.5},
        style_layers={"block1_conv1": 3, "block2_conv2": 1, "block4_conv3": 0.1},
    )


@pytest.mark.parametrize(
    "layers", [{}, {"content_layers": "block2_conv1,block5_conv3", "style_layers": "block1_conv2"}]
)
def test_targets_by_tiles_are_those_of_the_whole(layers: dict[str, Any]) -> None:
    config = PAPER.with_changes(style_blend_weights=(1, 2), **layers)
    network = Network.of(config, "float32", "replicate")
    whole, tiled = (_targets(network, config, (83, 149), side) for side in (10_000, 48))
    for one, other in zip(tf.nest.flatten(tiled), tf.nest.flatten(whole), strict=True):
        assert one.shape == other.shape
        assert np.linalg.norm(one - other) <= 1e-5 * np.linalg.norm(other)


def test_bfloat16_by_tiles_is_as_good_as_bfloat16_whole() -> None:
    config, shape = PAPER, (90, 150)
    exact, network = (Network.of(config, precision, "zero") for precision in ("float32", "bfloat16"))
    reference = value_and_gradient(exact, as_tensor(_picture(shape, 4)), _targets(exact, config, shape, 10_000))
    tiled, _ = _by_tiles(network, _targets(network, config, shape, 64), shape, 64)
    assert tiled.gradient.dtype == tf.float32
    np.testing.assert_allclose(tiled.terms, reference.terms, rtol=0.02)
    difference = np.linalg.norm(tiled.gradient - reference.gradient)
    assert difference <= 0.05 * np.linalg.norm(reference.gradient)
