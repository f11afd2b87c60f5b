"""The network of fewer operations: what it computes, how near that is, and which runs take it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nst.config import PAPER, RunOptions, StyleTransferConfig
from nst.engine.low_rank import factors
from nst.engine.records import Progress
from nst.engine.transfer import evaluate, stylize
from nst.engine.vgg import build_features
from nst.layers import LAYERS, up_to
from nst.plan.low_rank import TIME_SHARES, uses_low_rank
from nst.plan.machine import Machine
from nst.plan.run import plan_run
from nst.weights.bundled import load_axes, load_weights
from tests.support.reference import convolution, gallery_picture

CONFIG = StyleTransferConfig(size=96, steps=8, style_weight=400.0)
FLOAT32 = RunOptions(precision="float32")
MACHINE = Machine("CPU", "float32", 10**12, rate=1e11)
DEEPEST = "block5_conv1"
#: Of maps after the ReLU: the root of the mean squared error over that of the maps.
NEAR = {"block1_conv2": 0.02, "block2_conv1": 0.07, "block3_conv1": 0.15, "block4_conv1": 0.2, DEEPEST: 0.8}


def _run(run: Any = None, **settings: Any) -> list[Progress]:
    photo, painting = (
        gallery_picture(f"{name}.jpg", 86, 128) for name in ("photos/pagoda", "paintings/wheat-field-with-cypresses")
    )
    options = FLOAT32.with_changes(**(run or {}))
    return list(stylize(photo, [painting], CONFIG.with_changes(**settings), options, preview_seconds=None))


@pytest.mark.parametrize("name", ["block1_conv2", "block3_conv3"])
def test_a_layer_is_its_responses_projected_on_their_axes(name: str) -> None:
    kernel, bias = (each.astype(np.float64) for each in load_weights()[name])
    mean, axes = (each.astype(np.float64) for each in load_axes()[name])
    maps = np.random.default_rng(3).uniform(0, 2, (9, 7, kernel.shape[2]))
    found = factors(name)
    assert found is not None
    assert found.down.shape[3] == axes.shape[1] < bias.size
    computed = convolution(maps, found.down, np.zeros(axes.shape[1])) @ found.up[0, 0] + found.bias
    expected = mean + (convolution(maps, kernel, bias) - mean) @ axes @ axes.T
    np.testing.assert_allclose(computed, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_features_of_pictures_are_near_those_of_the_network_itself() -> None:
    for name in ("photos/dahlia", "paintings/irises"):
        picture = gallery_picture(f"{name}.jpg", 128, 128)[None].astype(np.float32)
        exact, near = (build_features(LAYERS[:13], low_rank=low_rank)(picture) for low_rank in (0, 1))
        for layer, bound in NEAR.items():
            error = np.square(near[layer] - exact[layer]).mean() / np.square(exact[layer]).mean()
            assert 0 < np.sqrt(error) < bound, (name, layer)
        np.testing.assert_array_equal(near[LAYERS[0]], exact[LAYERS[0]])


def test_the_axes_are_orthogonal_and_of_every_layer_up_to_the_deepest_style_layer() -> None:
    assert tuple(load_axes()) == up_to((DEEPEST,))[1:]
    for _, axes in load_axes().values():
        products = axes.astype(np.float64).T @ axes
        np.testing.assert_allclose(products, np.eye(axes.shape[1]), rtol=0, atol=2e-3)


def test_from_a_block_on_only_the_layers_below_are_those_of_the_network_itself() -> None:
    picture = gallery_picture("photos/dahlia.jpg", 64, 64)[None].astype(np.float32)
    exact, all_near, near = (build_features(LAYERS[:9], low_rank=block)(picture) for block in (0, 1, 3))
    for layer in LAYERS[:4]:
        np.testing.assert_array_equal(near[layer], exact[layer])
    errors = [np.square(each["block3_conv1"] - exact["block3_conv1"]).mean() for each in (near, all_near)]
    assert 0 < errors[0] < errors[1]


def test_every_evaluation_takes_it_and_each_record_tells_so() -> None:
    records = _run()
    assert [(record.scale, record.low_rank) for record in records] == [(1, n) for n in range(1, 7)] + [(2, 7), (2, 8)]
    assert not any(record.low_rank for record in _run({"network": "exact"}))


def test_what_is_told_of_a_saved_picture_is_of_the_network_itself() -> None:
    *_, last = _run()
    photo, painting = (
        gallery_picture(f"{name}.jpg", 86, 128) for name in ("photos/pagoda", "paintings/wheat-field-with-cypresses")
    )
    losses = [evaluate(photo, [painting], last.config, last.picture(), FLOAT32.with_changes(network=each))
              for each in ("auto", "exact")]  # fmt: skip
    assert losses[0] == losses[1]
    # While it paints a run has only its own network's J.
    assert 0.8 * losses[0].total < last.losses.total < 1.05 * losses[0].total


def test_by_tiles_it_is_the_same_picture() -> None:
    whole, tiled = (_run({"tile": tile}, size=128, steps=4)[-1] for tile in (0, 64))
    assert whole.low_rank == tiled.low_rank == 4
    assert np.abs(whole.levels() - tiled.levels()).mean() < 1.0


@pytest.mark.parametrize(
    ("settings", "run", "machine"),
    [
        ({"method": "statistics", "style_statistics": "gram"}, {}, {}),
        ({"style_blocks": "1-5", "style_statistics": "gram"}, {}, {}),
        ({"method": "statistics", "temporal_weight": 1000.0}, {}, {}),
        ({"method": "neighbours"}, {}, {}),
        ({"method": "neighbours"}, {"network": "low-rank"}, {}),
        ({"pooling": "max"}, {}, {}),
        ({"pooling": "max"}, {"network": "low-rank"}, {}),
        ({}, {"network": "exact"}, {}),
        ({}, {"weights": "own.npz"}, {}),
        ({}, {}, {"precision": "bfloat16"}),
        ({}, {}, {"device": "NVIDIA H200"}),
    ],
    ids=lambda changes: "-".join(changes) or "default",
)
def test_other_runs_are_exact(settings: dict[str, Any], run: dict[str, Any], machine: dict[str, Any]) -> None:
    assert uses_low_rank(CONFIG, FLOAT32, MACHINE)
    changed = CONFIG.with_changes(**settings), FLOAT32.with_changes(**run), replace(MACHINE, **machine)
    assert not uses_low_rank(*changed)


@pytest.mark.parametrize("settings", [{"method": "statistics"}, {"style_blocks": "1-5"}, {"style_statistics": "gram"}])
def test_statistics_take_it_alone_or_before_a_last_pass(settings: dict[str, Any]) -> None:
    assert uses_low_rank(CONFIG.with_changes(**settings), FLOAT32, MACHINE)


def test_the_papers_objective_takes_it_if_that_is_asked_for() -> None:
    assert uses_low_rank(PAPER, FLOAT32.with_changes(network="low-rank"), MACHINE)


def test_statistics_alone_end_with_the_network_itself() -> None:
    photo, painting = (
        gallery_picture(f"{name}.jpg", 172, 256) for name in ("photos/pagoda", "paintings/wheat-field-with-cypresses")
    )
    config = PAPER.with_changes(size=256, steps=20, style_weight=100.0)
    last, counts = {}, {}
    for network in ("low-rank", "exact"):
        options = FLOAT32.with_changes(network=network)
        records = list(stylize(photo, [painting], config, options, preview_seconds=None))
        last[network], counts[network] = records[-1], [record.low_rank for record in records]
    # All 20 at 128 px, and the first 10 at 256 px.
    assert counts["low-rank"] == [*range(1, 31), *[30] * 10]
    assert not any(counts["exact"])
    found = {name: evaluate(photo, [painting], config, each.picture(), FLOAT32).total for name, each in last.items()}
    assert last["low-rank"].losses.total == pytest.approx(found["low-rank"], rel=0.02), "its J is that of VGG-19"
    assert found["low-rank"] < 1.15 * found["exact"]
    values = [record.losses.total for record in records]
    assert np.isfinite(values).all()


def test_by_tiles_the_network_changes_at_the_same_place() -> None:
    whole, tiled = (
        _run({"tile": tile, "network": "low-rank"}, method="statistics", size=128, steps=4)[-1] for tile in (0, 64)
    )
    assert whole.low_rank == tiled.low_rank == 2
    assert np.abs(whole.levels() - tiled.levels()).mean() < 1.0


def test_a_run_is_expected_to_end_sooner_with_it() -> None:
    config = StyleTransferConfig(style_weight=400.0)
    seconds = [
        plan_run((512, 512), ((512, 512),), config, FLOAT32.with_changes(network=each), MACHINE).seconds or 0.0
        for each in ("auto", "exact")
    ]
    assert TIME_SHARES[0] * seconds[1] < seconds[0] < 0.85 * seconds[1]
    alone = config.with_changes(method="statistics")
    sooner, exact = (
        plan_run((512, 512), ((512, 512),), alone, FLOAT32.with_changes(network=each), MACHINE).seconds or 0.0
        for each in ("auto", "exact")
    )
    assert 0.65 * exact < sooner < 0.8 * exact
