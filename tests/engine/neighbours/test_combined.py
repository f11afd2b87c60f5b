"""Whole runs as they are by default: by statistics first and by neighbours at last."""

from typing import Any

import numpy as np
import pytest

from benchmarks.start import traces
from nst.config import RunOptions, StyleTransferConfig
from nst.config.transfer import FINISHING_SUBJECT, FINISHING_WEIGHT
from nst.engine.records import Progress
from nst.engine.transfer import evaluate, stylize, warm_up
from nst.errors import MaskError
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.plan.strength import RUN_STEPS
from tests.support.reference import gallery_picture

PHOTO = gallery_picture("photos/pagoda.jpg", 86, 128)
PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 100, 128)


def _run(run: Any = None, given: Any = None, **settings: Any) -> list[Progress]:
    config = StyleTransferConfig().with_changes(**{"size": 96, "steps": 11, **settings})
    options = RunOptions(precision="float32", **(run or {}))
    return list(stylize(PHOTO, [PAINTING], config, options, preview_seconds=None, **(given or {})))


def _left_half() -> np.ndarray:
    mask = np.zeros(PHOTO.shape[:2], np.float32)
    mask[:, :64] = 1
    return mask


def test_statistics_paint_first_just_as_they_do_by_themselves() -> None:
    records = _run(run={"network": "exact"}, style_weight=400.0)
    alone = _run(run={"network": "exact"}, style_weight=400.0, method="statistics", steps=8)
    assert [record.scale for record in records] == [1] * 8 + [2] * 3
    found = [record.losses.total for record in records[:8]]
    np.testing.assert_allclose(found, [record.losses.total for record in alone], rtol=1e-4)


def test_the_last_pass_goes_on_from_there_and_lowers_what_evaluate_tells() -> None:
    *_, last = _run(run={"network": "exact"}, steps=30, style_weight=400.0)
    *_, before = _run(run={"network": "exact"}, steps=22, style_weight=400.0, method="statistics")
    painted, unfinished = (evaluate(PHOTO, [PAINTING], last.config, each.picture()) for each in (last, before))
    assert painted.style < 0.9 * unfinished.style
    assert last.losses.total == pytest.approx(painted.total, rel=0.1)


def test_its_value_is_that_of_neighbours_with_no_more_than_the_finishing_weight() -> None:
    *_, last = _run(style_weight=3 * FINISHING_WEIGHT, steps=4)
    neighbours = StyleTransferConfig(
        method="neighbours", style_weight=FINISHING_WEIGHT, subject_weight=FINISHING_SUBJECT, size=96
    )
    losses = [evaluate(PHOTO, [PAINTING], config, last.picture()) for config in (last.config, neighbours)]
    assert losses[0] == losses[1]


def test_the_strength_is_found_for_the_statistics() -> None:
    # Enough steps of both for the search to have all of its own.
    *_, last = _run(run={"network": "exact"}, steps=RUN_STEPS + 1)
    *_, alone = _run(run={"network": "exact"}, steps=RUN_STEPS, method="statistics")
    assert last.config.method == "combined"
    assert last.config.style_weight == alone.config.style_weight != StyleTransferConfig().style_weight


def test_by_tiles_it_is_the_same_picture() -> None:
    whole, tiled = (_run(run={"tile": tile}, size=128, steps=4, style_weight=400.0)[-1] for tile in (0, 64))
    assert np.abs(whole.levels() - tiled.levels()).mean() < 1.0


def test_a_part_of_a_painting_that_is_too_small_for_either_is_refused() -> None:
    corner = np.zeros(PAINTING.shape[:2], np.float32)
    corner[:2, :2] = 1
    with pytest.raises(MaskError):
        _run(given={"style_guides": (PackedMask.of(corner),)})


@pytest.mark.parametrize("settings", [{"steps": 1}, {"steps": 3, "style_blocks": ("1-5",)}], ids=["step", "blocks"])
def test_what_cannot_end_with_neighbours_is_painted_by_statistics(settings: dict[str, Any]) -> None:
    records, alone = (_run(**settings, style_weight=400.0, method=method) for method in ("combined", "statistics"))
    assert {record.scale for record in records} == {1}
    assert records[-1].losses == alone[-1].losses
    np.testing.assert_array_equal(records[-1].picture(), alone[-1].picture())
    judged, other = (evaluate(PHOTO, [PAINTING], each[-1].config, each[-1].picture()) for each in (records, alone))
    assert judged == other


def test_two_steps_are_one_of_each() -> None:
    records = _run(steps=2, style_weight=400.0)
    assert [(record.step, record.steps, record.scale) for record in records] == [(1, 2, 1), (2, 2, 2)]
    assert np.isfinite(records[-1].losses.total)


def test_a_run_that_is_stopped_in_its_last_pass_keeps_what_that_has_painted_and_can_be_continued() -> None:
    config = StyleTransferConfig(size=96, steps=8, style_weight=400.0)
    options, scales = RunOptions(precision="float32"), list[int]()
    whole = _run(steps=8, style_weight=400.0)
    for record in stylize(PHOTO, [PAINTING], config, options, interrupted=lambda: len(scales) == 7):
        scales.append(record.scale)
        stopped = record
    assert scales == [1] * 6 + [2]
    np.testing.assert_array_equal(stopped.picture(), whole[6].picture())
    continued = _run(steps=8, style_weight=400.0, init="picture", given={"initial": stopped.picture()})
    assert [record.scale for record in continued] == [1] * 6 + [2] * 2
    assert continued[-1].losses.total < whole[6].losses.total
    finished = _run(
        steps=4, style_weight=400.0, init="picture", given={"initial": stopped.picture(), "finishing": True}
    )
    assert [(record.scale, record.scales) for record in finished] == [(1, 1)] * 4, "the last pass alone"
    assert finished[-1].losses.total < whole[6].losses.total


def test_what_no_region_covers_stays_as_the_photo_and_the_rest_is_painted_in_both_passes() -> None:
    regions = [Region("left", PackedMask.of(_left_half()), (1.0,))]
    *_, before, _, last = _run(size=128, steps=7, style_weight=400.0, given={"regions": regions})
    assert (before.scale, last.scale) == (1, 2)
    np.testing.assert_array_equal(last.picture()[:, 64:], PHOTO[:, 64:])
    assert np.abs(last.picture()[:, :64].astype(int) - PHOTO[:, :64]).mean() > 5
    assert np.abs(last.levels()[:, :64] - before.levels()[:, :64]).mean() > 0.1


def test_without_a_photo_and_with_borders_that_fit_it_is_painted_too() -> None:
    last = _run(size=80, steps=5, content_weight=0.0, init="noise", tileable=True, crop=1.0)[-1]
    assert np.isfinite(last.losses.total)
    assert evaluate(PHOTO, [PAINTING], last.config, last.picture()).total == pytest.approx(last.losses.total, rel=0.1)


def test_after_the_networks_were_warmed_up_a_first_run_traces_nothing() -> None:
    warm_up(RunOptions(precision="float32"))
    before = traces()
    _run(steps=4)
    assert traces() == before > 0
