"""Whole runs by statistics first and by neighbours at last."""

from typing import Any

import numpy as np
import pytest

from nst.config import RunOptions, StyleTransferConfig
from nst.config.transfer import FINISHING_WEIGHT
from nst.engine.transfer import Progress, evaluate, stylize
from nst.errors import ConfigError, MaskError
from nst.masks.packed import PackedMask
from tests.support.reference import gallery_picture

PHOTO = gallery_picture("photos/pagoda.jpg", 86, 128)
PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 100, 128)


def _run(run: Any = None, guides: Any = (), **settings: Any) -> list[Progress]:
    config = StyleTransferConfig(method="combined").with_changes(**{"size": 96, "steps": 11, **settings})
    options = RunOptions(precision="float32", **(run or {}))
    return list(stylize(PHOTO, [PAINTING], config, options, style_guides=guides, preview_seconds=None))


def test_statistics_paint_first_just_as_they_do_by_themselves() -> None:
    records = _run(style_weight=400.0)
    alone = _run(style_weight=400.0, method="statistics", steps=8)
    assert [record.scale for record in records] == [1] * 8 + [2] * 3
    found = [record.losses.total for record in records[:8]]
    np.testing.assert_allclose(found, [record.losses.total for record in alone], rtol=1e-4)


def test_the_last_pass_goes_on_from_there_and_lowers_what_evaluate_tells() -> None:
    *_, last = _run(steps=30, style_weight=400.0)
    *_, before = _run(steps=22, style_weight=400.0, method="statistics")
    painted, unfinished = (evaluate(PHOTO, [PAINTING], last.config, each.picture()) for each in (last, before))
    assert painted.style < 0.9 * unfinished.style
    assert last.losses.total == pytest.approx(painted.total, rel=0.1)


def test_its_value_is_that_of_neighbours_with_no_more_than_the_finishing_weight() -> None:
    *_, last = _run(style_weight=3 * FINISHING_WEIGHT, steps=4)
    neighbours = StyleTransferConfig(method="neighbours", style_weight=FINISHING_WEIGHT, size=96)
    losses = [evaluate(PHOTO, [PAINTING], config, last.picture()) for config in (last.config, neighbours)]
    assert losses[0] == losses[1]


def test_the_strength_is_found_for_the_statistics() -> None:
    *_, last = _run(steps=4)
    *_, alone = _run(steps=3, method="statistics")
    assert last.config.method == "combined"
    assert last.config.style_weight == alone.config.style_weight != StyleTransferConfig().style_weight


def test_by_tiles_it_is_the_same_picture() -> None:
    whole, tiled = (_run(run={"tile": tile}, size=128, steps=4, style_weight=400.0)[-1] for tile in (0, 64))
    assert np.abs(whole.levels() - tiled.levels()).mean() < 1.0


def test_what_either_way_cannot_do_is_refused() -> None:
    with pytest.raises(ConfigError, match="style_blocks: expected none with neighbours"):
        _run(style_blocks=("1-5",))
    corner = np.zeros(PAINTING.shape[:2], np.float32)
    corner[:2, :2] = 1
    with pytest.raises(MaskError):
        _run(guides=(PackedMask.of(corner),))


def test_too_few_steps_for_two_passes_are_those_of_statistics() -> None:
    (record,), (alone,) = (_run(steps=1, style_weight=400.0, method=method) for method in ("combined", "statistics"))
    np.testing.assert_array_equal(record.picture(), alone.picture())
