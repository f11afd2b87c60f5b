"""A J that is not finite never becomes a black picture: the run recovers, or says what happened."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from nst.config import PAPER, RunOptions, StyleTransferConfig, without_run
from nst.engine import descent, objective, targets, tiled
from nst.engine.border import Border
from nst.engine.objective import Value
from nst.engine.optimizers.best import BestSoFar
from nst.engine.records import Progress
from nst.engine.targets import Targets
from nst.engine.transfer import evaluate, stylize
from nst.engine.vgg import Network
from nst.errors import DivergenceError
from nst.plan.tiling import WHOLE
from nst.progress import Interruption
from tests.support import reference
from tests.support.reference import gallery_picture

#: Large enough for two sizes, 128 and 256 px.
PHOTO = gallery_picture("photos/pagoda.jpg", 171, 256)
PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 100, 128)


def _config(**changes: Any) -> StyleTransferConfig:
    # Shallow layers are quick to trace.
    layers = {"content_layers": "block2_conv1", "style_layers": "block1_conv1,block2_conv1"}
    return PAPER.with_changes(**{"size": 64, **layers, **changes})


def _stream(*, initial: np.ndarray | None = None, **changes: Any) -> Iterator[Progress]:
    settings, run = without_run(changes)
    options = RunOptions(**{"precision": "float32", **run})
    return stylize(PHOTO, [PAINTING], _config(**settings), options, initial=initial, preview_seconds=None)


def _j(picture: np.ndarray) -> float:
    """Return J of a picture over J of the photo itself."""
    photo = reference.resized(PHOTO, *picture.shape[:2])
    judged, untouched = (evaluate(PHOTO, [PAINTING], _config(), each).total for each in (picture, photo))
    return judged / untouched


class Trouble:
    """Stands in for `value_and_gradient`: J and its gradient are NaN from one evaluation to another, counted from 1."""

    def __init__(self) -> None:
        # Variables, because the engine traces this once and then runs it many times.
        self._first, self._last, self._evaluation = (tf.Variable(0) for _ in range(3))

    def at(self, first: int, last: int) -> None:
        """Begin to count evaluations anew."""
        for variable, number in ((self._first, first), (self._last, last), (self._evaluation, 0)):
            variable.assign(number)

    def value_and_gradient(self, network: Network, pixels: tf.Tensor, targets: Targets) -> Value:
        number = self._evaluation.assign_add(1)
        factor = tf.where((self._first <= number) & (number <= self._last), np.nan, 1.0)
        value = objective.value_and_gradient(network, pixels, targets)
        return value._replace(total=factor * value.total, gradient=factor * value.gradient)


@pytest.fixture(scope="module")
def trouble() -> Iterator[Trouble]:
    trouble = Trouble()
    descent.step_function.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(descent, "value_and_gradient", trouble.value_and_gradient)
        yield trouble
    descent.step_function.cache_clear()


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize(("first", "last"), [(1, 1), (1, 3), (5, 5), (5, 7)])
def test_a_run_recovers_and_says_so(trouble: Trouble, optimizer: str, first: int, last: int) -> None:
    trouble.at(first, last)
    records = list(_stream(steps=20, optimizer=optimizer))
    assert len(records) == 20
    for record in records:
        assert not np.isnan(record.losses.total)
        assert ("went back to the best picture" in record.note) == (record.step == first)
    assert _j(records[last - 1].picture()) <= 1
    assert _j(records[-1].picture()) < 0.8


@pytest.mark.parametrize("steps", [1, 3, 40])
def test_a_run_that_never_sees_a_finite_j_ends_in_a_sentence(trouble: Trouble, steps: int) -> None:
    trouble.at(1, 1000)
    seen: list[Progress] = []
    with pytest.raises(DivergenceError, match="J: expected a finite number, got nan"):
        seen.extend(_stream(steps=steps))
    photo = reference.resized(PHOTO, 43, 64)
    assert len(seen) == min(steps, descent.MAX_FAILURES)
    for record in seen:
        np.testing.assert_array_equal(record.picture(), photo)  # not a black one


def test_trouble_at_a_fine_scale_leaves_the_coarse_picture(trouble: Trouble) -> None:
    trouble.at(11, 1000)
    records = list(_stream(size=256, steps=10))
    assert records[9].scale == 1
    assert records[-1].scale == 2
    np.testing.assert_array_equal(records[-1].picture(), records[9].picture())
    assert _j(records[-1].picture()) < 0.5
    assert "went back" in records[10].note


def test_trouble_at_a_coarse_scale_does_not_spoil_the_fine_one(trouble: Trouble) -> None:
    trouble.at(4, 4 + descent.MAX_FAILURES)
    records = list(_stream(size=256, steps=14))
    # Every evaluation that was made counts, and no other.
    assert [record.step for record in records] == list(range(1, 3 + descent.MAX_FAILURES + 14 + 1))
    assert records[-1].steps == 28
    assert _j(records[-1].picture()) < 0.5


def test_trouble_while_continuing_keeps_the_given_picture(trouble: Trouble) -> None:
    trouble.at(1, 1000)
    given = reference.resized(PAINTING[:85], 43, 64)
    records = list(_stream(steps=5, init="picture", initial=given))
    np.testing.assert_array_equal(records[-1].picture(), given)
    assert "went back" in records[0].note


def test_trouble_at_the_start_does_not_hide_what_is_said_about_sizes(trouble: Trouble) -> None:
    trouble.at(1, 1)
    note = next(_stream(size=256, style_scale=3, coarse_to_fine=False)).note
    assert "A painting is only 128 px long" in note
    assert "went back to the best picture" in note


class Shortage:
    """Stands in for `value_and_gradient`: from one evaluation on, tiles above a size find no memory."""

    def __init__(self, first: int, largest: int) -> None:
        self._first, self._largest, self._evaluation = first, largest, tf.Variable(0)

    def evaluated_by_tiles(
        self, network: Network, picture: tf.Variable, targets: Targets, tiles: np.ndarray, interruption: Interruption
    ) -> Value:
        self._allocate(self._evaluation.assign_add(1), (tiles[:, 2:4] - tiles[:, :2]).max())
        return tiled.evaluated_by_tiles(network, picture, targets, tiles, interruption)

    def value_and_gradient(self, network: Network, pixels: tf.Tensor, targets: Targets) -> Value:
        largest = tf.reduce_max(tf.shape(pixels)[1:3])
        with tf.control_dependencies([tf.py_function(self._allocate, [self._evaluation.assign_add(1), largest], [])]):
            pixels = tf.identity(pixels)
        return objective.value_and_gradient(network, pixels, targets)

    def _allocate(self, number: tf.Tensor, largest: tf.Tensor) -> None:
        if number >= self._first and largest > self._largest:
            raise MemoryError  # which TensorFlow turns into its ResourceExhaustedError


@pytest.fixture
def shortage(request: pytest.FixtureRequest) -> Iterator[None]:
    descent.step_function.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        shortage = Shortage(*request.param)
        patch.setattr(descent, "value_and_gradient", shortage.value_and_gradient)
        patch.setattr(descent, "evaluated_by_tiles", shortage.evaluated_by_tiles)
        yield
    descent.step_function.cache_clear()


@pytest.mark.parametrize("shortage", [(4, 140)], indirect=True)
@pytest.mark.usefixtures("shortage")
def test_when_memory_runs_out_the_run_goes_on_by_smaller_tiles() -> None:
    records = list(_stream(size=256, steps=7, coarse_to_fine=False, tile=1000))
    assert [record.step for record in records] == [1, 2, 3, 4, 5, 6, 7]
    assert [record.options.tile for record in records] == [1000] * 3 + [128] * 4  # half of 256
    assert ["Memory ran out" in record.note for record in records] == [number == 4 for number in range(1, 8)]
    # From the best picture so far.
    assert records[3].losses.total == pytest.approx(min(record.losses.total for record in records[:3]), rel=0.02)
    assert records[-1].losses.total < records[2].losses.total


@pytest.mark.parametrize("shortage", [(3, 10)], indirect=True)
@pytest.mark.usefixtures("shortage")
def test_when_the_smallest_tiles_find_no_memory_the_error_is_told() -> None:
    records = _stream(size=256, steps=7, coarse_to_fine=False)
    assert [next(records).step, next(records).step] == [1, 2]
    with pytest.raises(MemoryError):
        next(records)


def test_when_memory_runs_out_while_the_targets_are_made_the_run_begins_by_smaller_tiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def make_targets(*arguments: Any) -> Targets:
        if arguments[4] > 140:
            raise MemoryError
        return targets.make_targets(*arguments)

    monkeypatch.setattr(descent, "make_targets", make_targets)
    records = list(_stream(size=256, steps=3, coarse_to_fine=False, tile=1000))
    assert [record.options.tile for record in records] == [128] * 3
    assert ["Memory ran out" in record.note for record in records] == [True, False, False]
    assert records[-1].losses.total < records[0].losses.total


class Scarcity:
    """Lets init, the step or the correction of the border run out of memory at some of their calls, counted from 1."""

    def __init__(self, patch: pytest.MonkeyPatch, **failing: list[int]) -> None:
        self._left = {what: list(calls) for what, calls in failing.items()}
        self._calls = dict.fromkeys(failing, 0)
        #: What the pairs of each search that was begun are kept in.
        self.pairs: list[str] = []
        init, corrected = BestSoFar.init, Border.corrected
        steps = {name: getattr(descent, name) for name in ("step_function", "tiled_step_function")}

        def failing_init(optimizer: BestSoFar, x: tf.Tensor, *arguments: Any) -> Any:
            if x.shape[2] == 256:  # and not the one that a step is traced with
                self._spend("init")
                self.pairs.append(optimizer.solver.pairs)  # type: ignore[attr-defined]
            return init(optimizer, x, *arguments)

        def failing_correction(border: Border, *arguments: Any) -> Any:
            self._spend("correction")
            return corrected(border, *arguments)

        def failing_step(name: str, *arguments: Any) -> Any:
            self._spend("step")
            return steps[name](*arguments)

        patch.setattr(BestSoFar, "init", failing_init)
        patch.setattr(Border, "corrected", failing_correction)
        for name in steps:
            patch.setattr(descent, name, partial(failing_step, name))
        patch.setattr(descent, "SMALLEST_TILE", 32)

    def _spend(self, what: str) -> None:
        if what in self._calls:
            self._calls[what] += 1
            if self._calls[what] in self._left[what]:
                raise MemoryError


@pytest.mark.parametrize(
    ("failing", "tiles"),
    [
        ({"init": [1]}, [128] * 7),
        ({"init": [1, 2]}, [64] * 7),
        ({"step": [4]}, [1000] * 3 + [128] * 4),
        ({"step": [4, 5]}, [1000] * 3 + [64] * 4),
        ({"step": [4], "init": [2]}, [1000] * 3 + [64] * 4),  # and in the attempt after it
        ({"correction": [2]}, [1000] * 5 + [128] * 2),
        ({"correction": [2, 3]}, [1000] * 5 + [64] * 2),
    ],
    ids=str,
)
def test_wherever_memory_runs_out_the_run_goes_on_from_the_best_picture(
    failing: dict[str, list[int]], tiles: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    Scarcity(monkeypatch, **failing)
    records = list(_stream(size=256, steps=7, coarse_to_fine=False, tile=1000))
    assert [record.options.tile for record in records] == tiles
    totals = [record.losses.total for record in records]
    first = next(number for number, tile in enumerate(tiles) if tile < 1000)
    if first:
        assert totals[first] <= 1.02 * min(totals[:first])
    assert totals[-1] < totals[0]


def test_tiles_after_a_lack_of_memory_have_pairs_of_half_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    scarcity = Scarcity(monkeypatch, step=[3])
    assert len(list(_stream(size=256, steps=4, coarse_to_fine=False, tile=WHOLE, history=3))) == 4
    assert scarcity.pairs == ["", "bfloat16"]
