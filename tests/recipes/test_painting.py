"""What a user relies on: whatever ends a run, its best picture is there, and a recipe that tells the truth about it."""

import weakref
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from nst.config import StyleTransferConfig
from nst.recipes.painting import painted
from nst.recipes.recipe import Recipe, Source
from tests.support.fake_engine import Record

RECIPE = Recipe(Source.of("photo", b"1"), (Source.of("painting", b"2"),), StyleTransferConfig(), "0.1.0")


def records(last: int, error: BaseException | None = None) -> Iterator[Record]:
    for step in range(1, last + 1):
        yield Record(step, 5, level=10 * step)
    if error is not None:
        raise error


def test_a_run_to_its_end_has_the_last_picture_and_the_recipe_as_it_was_asked_for() -> None:
    painting = painted(records(5), lambda _: False)
    pixels, recipe = painting.result(RECIPE)
    assert painting.error is None
    assert (pixels == 50).all()
    assert recipe.run is not None
    assert (recipe.evaluations, recipe.run.options.precision, recipe.run.resumed) == (None, "float32", None)


def test_the_recipe_has_the_style_weight_that_the_run_found() -> None:
    found = StyleTransferConfig(style_weight=24.7, photo_kept=0)
    painting = painted(iter([Record(1, 1, 10, config=found)]), lambda _: False)
    asked = replace(RECIPE, config=StyleTransferConfig(photo_kept=0.4, seed=7))
    _, recipe = painting.result(asked)
    assert recipe.config == asked.config.with_changes(style_weight=24.7, photo_kept=0)


def test_who_watches_can_stop_it_and_the_engine_lets_go_of_its_memory() -> None:
    stream = records(5)
    painting = painted(stream, lambda record: record.step == 3)
    pixels, recipe = painting.result(RECIPE)
    assert (pixels == 30).all()
    assert recipe.evaluations == 3
    assert next(stream, None) is None


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("a bug")], ids=ascii)
def test_an_error_leaves_the_best_picture(error: Exception) -> None:
    painting = painted(records(4, error), lambda _: False)
    pixels, recipe = painting.result(RECIPE)
    assert painting.error is error
    assert (pixels == 40).all()
    assert recipe.evaluations == 4


def test_a_failure_of_who_watches_leaves_it_too() -> None:
    def fail(record: Record) -> bool:
        raise OSError("gone")

    painting = painted(records(5), fail)
    assert isinstance(painting.error, OSError)
    assert (painting.result(RECIPE)[0] == 10).all()


def test_what_failed_no_longer_holds_its_arrays() -> None:
    alive = []

    def engine() -> Iterator[Record]:
        large = np.zeros(1000)
        alive.append(weakref.ref(large))
        yield Record(1, 5, level=10)
        raise MemoryError

    painting = painted(engine(), lambda _: False)
    assert painting.error is not None
    assert alive[0]() is None


def test_without_an_evaluation_there_is_an_error_and_no_picture() -> None:
    painting = painted(records(0, MemoryError()), lambda _: False)
    assert painting.record is None
    assert isinstance(painting.error, MemoryError)
    with pytest.raises(ValueError, match="at least one evaluation"):
        painting.result(RECIPE)


def test_a_second_interruption_passes() -> None:
    with pytest.raises(KeyboardInterrupt):
        painted(records(2, KeyboardInterrupt()), lambda _: False)
