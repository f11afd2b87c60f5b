"""A run stops between tiles, while its targets are made and before a network is traced, and keeps its best picture."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nst.config import PAPER, RunOptions
from nst.engine import descent, run_plan
from nst.engine.records import Progress
from nst.engine.transfer import evaluate, stylize
from nst.errors import Interrupted, MaskError
from tests.support import reference
from tests.support.reference import gallery_picture

PHOTO = gallery_picture("photos/pagoda.jpg", 64, 96)
PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 75, 96)
LAYERS: dict[str, Any] = {"content_layers": "block2_conv1", "style_layers": "block1_conv1,block2_conv1"}


def _records(interrupted: Callable[[], bool] | None, tile: int = 1, steps: int = 3) -> list[Progress]:
    config = PAPER.with_changes(size=96, steps=steps, **LAYERS)
    options = RunOptions(precision="float32", tile=tile)
    return list(stylize(PHOTO, [PAINTING], config, options, preview_seconds=None, interrupted=interrupted))


class Questions:
    """Counts how often it is asked, and says yes from one time on."""

    def __init__(self, last: int | None = None) -> None:
        self.asked, self._last = 0, last

    def __call__(self) -> bool:
        self.asked += 1
        return self._last is not None and self.asked > self._last


def test_tiles_of_one_evaluation_can_be_told_apart_by_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.engine.tiles.GROUP_SECONDS", 0.0)  # a tile at a time
    _records(None, tile=64)  # what is traced asks too
    all_through = Questions()
    records = _records(all_through, tile=64)
    assert [record.step for record in records] == [1, 2, 3]
    # 2 tiles are gone through twice in each of 3 evaluations.
    assert all_through.asked > 3 * 2 * 2
    stopped = Questions(all_through.asked - 3)
    kept = _records(stopped, tile=64)
    assert stopped.asked == all_through.asked - 2  # and not once more
    assert [record.step for record in kept] == [1, 2]
    np.testing.assert_array_equal(kept[-1].picture(), records[1].picture())


def test_a_run_that_is_stopped_before_its_first_evaluation_ends_with_the_picture_it_starts_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("the targets were to be the last thing made")

    monkeypatch.setattr(descent, "evaluated_by_tiles", never)
    for last in (0, 1, 4):
        (record,) = _records(Questions(last))
        assert record.step == 0
        assert np.isinf(record.losses.total)
        np.testing.assert_array_equal(record.picture(), reference.resized(PHOTO, 64, 96))


@pytest.mark.parametrize("before", [True, False])
def test_the_search_for_the_subject_cannot_be_stopped_but_a_stop_is_heeded_before_and_after_it(
    monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    searched: list[bool] = []

    def found(photo: np.ndarray) -> np.ndarray:
        searched.append(True)
        raise MaskError("subject: none.")

    def no_more(*_: Any) -> None:
        raise AssertionError("it was to stop")

    monkeypatch.setattr(run_plan, "subject", found)
    monkeypatch.setattr(descent, "make_targets", no_more)
    config = PAPER.with_changes(size=96, steps=3, subject_weight=2, **LAYERS)
    (record,) = stylize(PHOTO, [PAINTING], config, interrupted=lambda: before or bool(searched))
    assert record.step == 0
    assert searched == [True] * (not before)
    with pytest.raises(Interrupted):
        evaluate(PHOTO, [PAINTING], config, PHOTO, interrupted=lambda: before or bool(searched))


def test_asking_changes_nothing() -> None:
    plain, asked = _records(None, tile=64), _records(Questions(), tile=64)
    assert [record.losses for record in plain] == [record.losses for record in asked]


def test_judging_a_picture_is_stopped_between_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.engine.tiles.GROUP_SECONDS", 0.0)  # a tile at a time

    def judged(interrupted: Callable[[], bool] | None) -> float:
        config, options = PAPER.with_changes(**LAYERS), RunOptions(tile=64)
        return evaluate(PHOTO, [PAINTING], config, PHOTO, options, interrupted=interrupted).total

    all_through = Questions()
    assert judged(all_through) == judged(None)
    for last in range(all_through.asked):
        stopped = Questions(last)
        with pytest.raises(Interrupted):
            judged(stopped)
        assert stopped.asked == last + 1
