"""Which places are searched, who searches them, and what that takes."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from nst.config import RunOptions, StyleTransferConfig
from nst.errors import ConfigError, MaskError
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region
from nst.plan.machine import Machine
from nst.plan.neighbours import (
    COLUMN_PLACES,
    LAYER_PLACES,
    LEAST_PLACES,
    Owners,
    check_places,
    drawn,
    groups_of,
    limit_of,
    part_of,
    search_operations,
    turns_of,
)
from nst.plan.run import RunPlan, plan_run
from nst.plan.scales import plan

CONFIG = StyleTransferConfig(method="neighbours")


def test_small_paintings_are_searched_in_all_directions_and_large_ones_as_they_are() -> None:
    assert turns_of((256, 256), 1) == 4
    assert turns_of((260, 260), 1) == 1
    assert turns_of((256, 256), 2) == 1
    assert limit_of(7, 1) == COLUMN_PLACES == 512 * 512 // 16
    assert (limit_of(1, 1), limit_of(1, 2), limit_of(1, 100)) == (LAYER_PLACES, LAYER_PLACES // 2, LEAST_PLACES)


def test_places_are_drawn_only_where_there_are_too_many() -> None:
    parts = [np.random.default_rng(1).random((20, 30)) < 0.5 for _ in range(2)]
    allowed = sum(int(part.sum()) for part in parts)
    for part, kept in zip(parts, drawn(parts, allowed, 3), strict=True):
        np.testing.assert_array_equal(part, kept)
    fewer, again, other = (drawn(parts, 100, seed) for seed in (3, 3, 4))
    assert sum(int(each.sum()) for each in fewer) == 100
    assert all((kept <= part).all() for part, kept in zip(parts, fewer, strict=True))
    np.testing.assert_array_equal(fewer, again)
    assert not np.array_equal(fewer, other)


def test_a_layer_by_itself_has_places_of_two_pixels_at_least() -> None:
    columns, by_layer = (groups_of(["block1_conv2", "block4_conv2"], each) for each in (False, True))
    assert columns == ((("block1_conv2", "block4_conv2"), "block3_conv1"),)
    assert by_layer == ((("block1_conv2",), "block2_conv1"), (("block4_conv2",), "block4_conv2"))


def test_a_place_belongs_to_the_region_that_has_most_of_it_and_counts_by_its_strength() -> None:
    mask = np.zeros((16, 24), np.float32)
    mask[:, :9] = 1
    regions = (Region("a", PackedMask.of(mask), (1.0,), 2.0), Region("b", PackedMask.of(1 - mask), (1.0,)))
    owners = Owners.of(CONFIG, Layout.of(regions, (), (16, 24), 1), (16, 24), "block4_conv1")
    np.testing.assert_array_equal(owners.region, [[0, 1, 1]] * 2)
    np.testing.assert_allclose(owners.weights, [[2, 1.125, 1]] * 2)


def test_what_no_region_covers_has_no_owner() -> None:
    mask = np.zeros((16, 24), np.float32)
    mask[:, :8] = 1
    layout = Layout.of((Region("a", PackedMask.of(mask), (1.0,)),), (), (16, 24), 1)
    owners = Owners.of(CONFIG, layout, (16, 24), "block4_conv1")
    np.testing.assert_array_equal(owners.region, [[0, -1, -1]] * 2)
    np.testing.assert_array_equal(owners.weights, [[1, 0, 0]] * 2)


def test_parts_without_a_place_and_blocks_are_refused_in_a_sentence() -> None:
    part = np.zeros((64, 64), np.float32)
    part[:3, :3] = 1
    with pytest.raises(MaskError, match=r"part of painting 2: expected a part of at least 8 px"):
        check_places(CONFIG, Layout((), (None, part)), [(64, 64), (64, 64)])
    with pytest.raises(ConfigError, match="style_blocks"):
        check_places(CONFIG.with_changes(style_blocks=["1-5"]), Layout((), (None,)), [(64, 64)])
    assert part_of(part, (64, 64), "block2_conv1", "part").sum() == 3


@pytest.mark.parametrize("method", ["neighbours", "combined"])
@pytest.mark.parametrize("steps", [1, 2, 5, 75])
def test_the_final_steps_are_those_of_both_passes_together(method: str, steps: int) -> None:
    config = StyleTransferConfig(method=method, steps=steps)
    passes = plan((100, 200), ((100, 100),), config, coarse=False)
    assert sum(each.steps for each in passes) == steps
    assert [each.by_layer for each in passes] == [False, True][: len(passes)]
    assert all(each.steps >= 1 for each in passes)
    assert len(passes) == (1 if steps == 1 else 2)


def test_the_default_ends_with_twelve_of_its_45_steps_and_statistics_alone_with_none() -> None:
    found = plan((100, 100), ((100, 100),), StyleTransferConfig(), coarse=True)
    assert [(each.steps, each.by_layer) for each in found] == [(33, False), (12, True)]
    for changes in ({"method": "statistics"}, {"style_blocks": "1-5"}):
        (only,) = plan((100, 100), ((100, 100),), StyleTransferConfig().with_changes(**changes), coarse=True)
        assert not only.by_layer


def _estimate(**settings: Any) -> RunPlan:
    machine = Machine("CPU", "bfloat16", 10**11, 1e12)
    config = StyleTransferConfig().with_changes(**settings)
    return plan_run((1024, 1024), ((1024, 1024),), config, RunOptions(), machine)


def test_neighbours_take_at_most_one_and_a_half_times_as_long_as_statistics() -> None:
    times = [_estimate(method=method).operations for method in ("neighbours", "statistics")]
    assert times[0] < 1.5 * times[1]


def test_both_together_take_their_shares_of_either() -> None:
    """Of 100 steps at the final size 27 are the last pass's; the coarse sizes are the statistics'."""
    both = _estimate(method="combined", steps=100, style_weight=100.0)
    statistics = _estimate(method="statistics", steps=73, style_weight=100.0)
    assert [scale.steps for scale in both.scales] == [*(scale.steps for scale in statistics.scales), 27]
    assert [scale.by_layer for scale in both.scales] == [False] * len(statistics.scales) + [True]
    neighbours = _estimate(method="neighbours", steps=54, style_weight=100.0, coarse_to_fine=False)
    rest = both.operations - statistics.operations
    assert 0.3 * neighbours.operations < rest < 0.7 * neighbours.operations
    assert both.memory == max(statistics.memory, neighbours.memory)


def test_memory_is_told_for_the_search_too() -> None:
    for size in (512, 1024):
        found, other = (_estimate(method=method, size=size) for method in ("neighbours", "statistics"))
        assert found.memory > other.memory + 4 * COLUMN_PLACES * 1408
    small = dataclasses.replace(Machine("CPU", "bfloat16", 10**11, 1e12), memory=2 * 10**9)
    tiled = plan_run((2048, 2048), ((512, 512),), CONFIG.with_changes(size=2048), RunOptions(), small)
    assert tiled.tiles > 1
    assert tiled.memory <= 2 * 10**9


def test_sharing_the_places_among_several_paintings_counts() -> None:
    """Of 1024 x 1024 px the hypercolumns have 256 x 256 places, all of which are tried: 200 rounds and a last one."""
    one, two = (search_operations((1024, 1024), CONFIG, False, paintings) for paintings in (1, 2))
    assert two - one == 3000 * 2 * 201 * 256 * 256
    large_one, large_two = (search_operations((4096, 4096), CONFIG, False, paintings, 3) for paintings in (1, 2))
    assert large_two - large_one == pytest.approx(3000 * 2 * (200 * 3 * 2**16 + 1024 * 1024))
    many = search_operations((1024, 1024), CONFIG, False, 64)
    assert many > 64 * 512 / 16_384 * one, "each painting is searched at 512 places at least"
