"""The memory of what does not grow with the picture: targets for every layer and region, and neighbours' features."""

from typing import Any

import pytest

from nst.config import PAPER, RunOptions, StyleTransferConfig
from nst.errors import LimitError, OversizeError
from nst.jobs.limits import check_memory
from nst.layers import LAYERS
from nst.plan.machine import Machine
from nst.plan.memory import evaluation_memory, painting_memory, targets_memory
from nst.plan.run import plan_run
from nst.plan.scales import Scale
from nst.plan.tiling import WHOLE
from tests.support.settings import STATISTICS

TWO: dict[str, Any] = {"style_layers": "block1_conv1,block2_conv1", "content_layers": "block2_conv1"}
SQUARE = (256, 256)


def _scale(paintings: int = 1, side: int = 256) -> Scale:
    return Scale((side, side), ((side, side),) * paintings, 1)


def _memory(regions: int = 0, paintings: int = 1, side: int = WHOLE, **settings: Any) -> int:
    config = STATISTICS.with_changes(style_weight=100.0, **settings)
    return painting_memory(_scale(paintings), side, 20, config, "float32", regions)


def test_targets_are_the_moments_and_axes_of_each_region_or_its_gram_matrices_twice() -> None:
    """By hand: layers of 64 and 128 channels, with a channel of ones 65 and 129; 64 and 128 axes."""
    moments, axes = 4 * (65**2 + 129**2), 4 * (64 * 64 + 128 * 128)
    config = STATISTICS.with_changes(**TWO)
    assert targets_memory(config, 0) == targets_memory(config, 1) == moments + axes
    assert targets_memory(config, 8) == 8 * (moments + axes)
    paper = PAPER.with_changes(**TWO)
    assert targets_memory(paper, 3) == 3 * 2 * 4 * (64**2 + 128**2), "for either padding of the border"
    assert targets_memory(paper.with_changes(tileable=True), 3) == 3 * 4 * (64**2 + 128**2)
    assert targets_memory(config.with_changes(style_statistics="moments"), 3) == 3 * moments
    assert targets_memory(config.with_changes(method="combined"), 3) == targets_memory(config, 3)
    assert targets_memory(config.with_changes(method="neighbours"), 3) == 0


def test_all_layers_and_regions_take_several_times_their_targets() -> None:
    """By hand: 16 layers have 2 x 64, 2 x 128, 4 x 256 and 8 x 512 channels, so 9.7 MB of moments a region."""
    layers: dict[str, Any] = {"style_layers": ",".join(LAYERS)}
    moments = 4 * (2 * 65**2 + 2 * 129**2 + 4 * 257**2 + 8 * 513**2)
    axes = 4 * (2 * 64 * 64 + 2 * 128 * 128 + 4 * 256 * 128 + 8 * 512 * 128)
    few, many = (_memory(regions, **layers) for regions in (1, 8))
    maps = 7 * 0.75 * 256**2 * 4 * (2 * 64 + 2 * 128 / 4 + 4 * 256 / 16 + 4 * 512 / 64 + 4 * 512 / 256)
    assert many - few == pytest.approx(7 * (8 * moments + axes) + maps, rel=1e-6)
    assert _memory(8, **layers, style_statistics="gram") < many


def test_paintings_count_while_they_are_looked_at() -> None:
    """Small ones beside a picture of one tile: what is counted is nearly the matrices alone."""
    layers: dict[str, Any] = {"style_layers": ",".join(LAYERS)}
    config = STATISTICS.with_changes(**layers)
    scales = (Scale((64, 64), ((512, 512),) * count, 1) for count in (1, 5))
    one, five = (painting_memory(each, WHOLE, 1, config, "float32", 0) for each in scales)
    moments = 4 * (2 * 65**2 + 2 * 129**2 + 4 * 257**2 + 8 * 513**2)
    assert five - one == 4 * (moments + 3 * 512**2)


def test_neighbours_count_with_every_copy_of_their_features() -> None:
    """By hand: 7 layers have 1408 channels; a painting of 256 x 256 px is searched in four turns of 64 x 64 places."""
    places = 4 * 64 * 64
    found = _memory(method="neighbours")
    assert found > 880e6 + 4 * 1408 * 5 * places
    assert found < 880e6 + 4 * 1408 * 7 * places
    scale = Scale((64, 64), ((64, 64),), 1)
    config = StyleTransferConfig(method="neighbours")
    small = painting_memory(scale, WHOLE, 1, config, "float32", 0)
    assert small < found - 4 * 1408 * 4 * (places - 4 * 16 * 16), "of a small painting there are fewer"


def test_places_of_a_picture_count_as_in_the_pass_that_has_more_of_them() -> None:
    """By hand: by layers 384 channels on every 2nd pixel, 512 on every 4th, 512 on every 8th, which is 136 a pixel."""
    config = StyleTransferConfig(method="neighbours")
    small, large = (
        evaluation_memory(Scale((side, side), ((64, 64),), 1), WHOLE, config, "float32", 0) for side in (512, 1024)
    )
    assert large - small > 4 * 136 * (1024**2 - 512**2)


def test_every_place_has_a_neighbour_in_every_painting() -> None:
    """By hand: 1024 x 1024 px have 512 x 512 places at the finest; 12 bytes each and for each painting."""
    config = StyleTransferConfig(method="neighbours", size=1024)
    one, many = (painting_memory(_scale(count, 1024), 256, 2, config, "float32", 0) for count in (2, 8))
    assert many - one >= 6 * 12 * 512**2


def test_j_alone_counts_them_too() -> None:
    config = STATISTICS.with_changes(style_layers=",".join(LAYERS))
    few, many = (evaluation_memory(_scale(), WHOLE, config, "float32", regions) for regions in (1, 8))
    assert many - few > 7 * 5 * 9.6e6
    combined, neighbours = (
        evaluation_memory(_scale(), WHOLE, config.with_changes(method=method), "float32", 1)
        for method in ("combined", "neighbours")
    )
    assert combined == neighbours, "that of the last pass"


def test_what_does_not_fit_says_what_to_lower_where_a_smaller_size_would_not_help() -> None:
    config = STATISTICS.with_changes(size=256, style_layers=",".join(LAYERS))
    machine, options = Machine("CPU", "float32", int(1.4e9)), RunOptions()
    with pytest.raises(OversizeError, match="choose fewer regions, paintings or style_layers, or allow more memory"):
        plan_run(SQUARE, (SQUARE,), config, options, machine, 8)
    with pytest.raises(LimitError, match="take fewer regions, paintings or style_layers, or try again later"):
        check_memory(config, SQUARE, (SQUARE,), 8, options, machine)
    plan_run(SQUARE, (SQUARE,), config, options, machine, 1)
    large = config.with_changes(size=2048, upscale=True)
    with pytest.raises(LimitError, match=r"lower size from 2048 to \d+"):
        check_memory(large, SQUARE, (SQUARE,), 1, RunOptions(tile=2048), machine)
