"""A worker and its jobs: the time limit, checkpoints, going on from them, threads that die."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.config import StyleTransferConfig
from nst.config.transfer import FINISHING_WEIGHT
from nst.errors import DivergenceError
from nst.jobs import JobSpec, JobState, Store, painter
from nst.jobs.limits import Limits
from nst.jobs.painter import paint
from nst.jobs.records import Checkpoint, JobProgress, Order, Outcome
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.codec import read_picture, read_recipe_text
from nst.recipes.painting import RESUMED_STEPS
from nst.recipes.recipe import Recipe, Source
from tests.support.fake_engine import Record
from tests.support.local import finished, runner
from tests.support.settings import STATISTICS
from tests.support.waiting import wait

PIXELS = np.zeros((8, 8, 3), np.uint8)


def spec(**settings: Any) -> JobSpec:
    photo, painting = Source.of("photo", b"photo"), Source.of("painting", b"painting")
    return JobSpec(PIXELS, (PIXELS,), Recipe(photo, (painting,), StyleTransferConfig(**settings), nst_version="1"))


class Desk:
    """Writes down what the worker reports."""

    def __init__(self) -> None:
        self.seen: list[JobProgress] = []
        self.notes: list[str] = []
        self.kept: list[Checkpoint] = []
        self.outcome: Outcome | None = None
        self.ending = False

    def note(self, worker: str, job_id: str, progress: JobProgress, note: str, preview: bytes | None) -> bool:
        self.seen.append(progress)
        self.notes.append(note)
        return False

    def is_to_end(self, worker: str, job_id: str) -> bool:
        return self.ending

    def keep(self, worker: str, job_id: str, checkpoint: Checkpoint) -> None:
        self.kept.append(checkpoint)

    def finish(self, worker: str, job_id: str, outcome: Outcome) -> None:
        self.outcome = outcome


def ten_steps(*_: object, **__: object) -> Iterator[Record]:
    """Four steps at a coarse size and six at the final one, in two passes, a second each."""
    for step in range(1, 11):
        scale = 1 if step <= 4 else 2 if step <= 8 else 3
        yield Record(step, 10, level=step, scale=scale, scales=3, seconds=float(step))


def painted(engine: Any, order: Order) -> Desk:
    desk = Desk()
    paint("a", order, desk, engine, lambda: None)
    return desk


def recipe_of(desk: Desk) -> Recipe:
    assert desk.outcome is not None
    assert desk.outcome.png is not None
    text = read_recipe_text(desk.outcome.png)
    assert text is not None
    return Recipe.from_json(text)


def order(
    checkpoint: Checkpoint | None = None, seconds: float = 1e6, between: float = 0.0, **settings: object
) -> Order:
    return Order("job", spec(**settings), checkpoint, seconds, between)


def test_checkpoints_are_taken_at_the_final_size_with_what_is_left() -> None:
    kept = painted(ten_steps, order()).kept
    assert [(each.step, each.left, each.seconds) for each in kept] == [(step, 10 - step, step) for step in range(5, 11)]
    assert [each.picture[0, 0, 0] for each in kept] == list(range(5, 11))
    assert painted(ten_steps, order(between=1e6)).kept == []


def test_without_a_last_pass_the_last_size_is_the_final_one() -> None:
    def engine(*_: object, **__: object) -> Iterator[Record]:
        yield from (dataclasses.replace(record, config=STATISTICS) for record in ten_steps())

    assert [each.step for each in painted(engine, order()).kept] == [9, 10]


@pytest.mark.parametrize(("left", "finishing", "steps"), [(12, True, 12), (0, True, 12), (13, False, 33)])
def test_a_run_that_was_interrupted_in_its_last_pass_goes_on_with_that(left: int, finishing: bool, steps: int) -> None:
    """Of the 45 steps at the final size 12 are the last pass's."""
    given: dict[str, Any] = {}

    def engine(content, styles, config, **more):
        given.update(more, steps=config.steps)
        yield Record(1, config.steps, level=3, scale=1, scales=1)

    painted(engine, order(Checkpoint(PIXELS, 95 - left, left, 1.0)))
    assert (given["finishing"], given["steps"]) == (finishing, steps)


def test_the_parts_that_are_told_add_up_to_j_in_either_pass() -> None:
    """In the last one beta is no more than 100."""
    config = StyleTransferConfig(style_weight=2000.0)
    records: list[Any] = [Record(1, 2, 1, scale=scale, config=config) for scale in (1, 2)]
    before, last = records
    assert JobProgress.of(before).weighted() == {"content": 1.0, "style": 2 * 2000.0, "tv": 3 * 2.0}
    assert JobProgress.of(last).weighted() == {"content": 1.0, "style": 2 * FINISHING_WEIGHT, "tv": 3 * 2.0}


def test_a_run_from_a_checkpoint_starts_with_its_picture_and_counts_on() -> None:
    given: dict[str, Any] = {}

    def engine(content, styles, config, *, initial, regions, style_guides, **_):
        given.update(config=config, initial=initial)
        yield Record(1, 26, level=3, scale=1, scales=1, seconds=1.0)

    base = Checkpoint(np.full((8, 8, 3), 99, np.uint8), step=14, left=6, seconds=30.0)
    desk = painted(engine, order(base, init="noise", steps=60, style_weight=7.0, method="statistics"))
    assert given["config"].init == "picture"
    assert given["config"].steps == 6 + RESUMED_STEPS
    assert given["config"].style_weight == 7.0
    assert (given["initial"] == 99).all()
    assert (desk.seen[0].step, desk.seen[0].steps, desk.seen[0].seconds) == (15, 40, 31.0)
    assert (desk.kept[0].step, desk.kept[0].left, desk.kept[0].seconds) == (15, 25, 31.0)
    # The recipe is that of the whole job.
    assert Recipe.from_json(read_recipe_text(desk.outcome.png)).config.init == "noise"


def test_recipe_of_a_run_from_a_checkpoint_says_so() -> None:
    def engine(*_: object, **__: object) -> Iterator[Record]:
        yield Record(25, 26, level=3, scale=1, scales=1)
        yield Record(26, 26, level=4, scale=1, scales=1)

    recipe = recipe_of(painted(engine, order(Checkpoint(PIXELS, step=14, left=6, seconds=30.0))))
    assert recipe.run is not None
    assert (recipe.run.resumed, recipe.evaluations) == ((14, 26), None)
    assert "went on from a checkpoint after 14 evaluations with 26 more" in recipe.run.sentence()
    assert "not the same one" in recipe.run.sentence()
    whole = recipe_of(painted(ten_steps, order()))
    assert whole.run is not None
    assert whole.run.resumed is None
    assert "checkpoint" not in whole.run.sentence()


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("a bug"), DivergenceError("J ran away.")], ids=ascii)
def test_whatever_ends_a_run_its_best_picture_is_kept_with_an_honest_recipe(error: Exception) -> None:
    def engine(*_: object, **__: object) -> Iterator[Record]:
        yield from list(ten_steps())[:7]
        raise error

    desk = painted(engine, order(between=1e6))
    assert desk.outcome is not None
    assert desk.outcome.error
    assert (read_picture(desk.outcome.png or b"").pixels == 7).all()
    assert recipe_of(desk).evaluations == 7


class Unfinished(Record):
    """A record of a run that has no memory left to finish its picture, once it has failed."""

    def picture(self) -> np.ndarray:
        if self.step > 6:
            raise MemoryError
        return super().picture()


def test_the_style_weight_that_a_run_found_is_shown_with_j_and_is_in_its_recipe_even_from_a_checkpoint() -> None:
    found = StyleTransferConfig(style_weight=24.7)

    def engine(*_: object, **__: object) -> Iterator[Record]:
        yield Record(6, 10, level=6, scale=2, config=found)

    def failing(*_: object, **__: object) -> Iterator[Record]:
        yield Unfinished(6, 10, level=6, scale=2, config=found)
        yield Unfinished(7, 10, level=7, scale=2, config=found)

    for each in (engine, failing):
        desk = painted(each, order(photo_kept=0.5))
        assert desk.seen[-1].weights["style"] == 24.7
        assert recipe_of(desk).config == found


def test_where_the_picture_cannot_be_finished_the_checkpoint_is_what_is_left() -> None:
    def engine(*_: object, **__: object) -> Iterator[Record]:
        yield Unfinished(6, 10, level=6, scale=2)
        yield Unfinished(7, 10, level=7, scale=2)

    desk = painted(engine, order())
    assert desk.outcome is not None
    assert desk.outcome.error is not None
    assert "memory" in desk.outcome.error
    assert desk.outcome.error.endswith("What is left is the picture after 6 evaluations.")
    assert (read_picture(desk.outcome.png or b"").pixels == 6).all()
    assert recipe_of(desk).evaluations == 6


def test_without_a_checkpoint_nothing_is_left_and_that_is_said() -> None:
    def engine(*_: object, **__: object) -> Iterator[Record]:
        yield Unfinished(7, 10, level=7, scale=1)

    desk = painted(engine, order())
    assert desk.outcome is not None
    assert desk.outcome.png is None
    assert "out of memory" in str(desk.outcome.error)


def test_a_run_from_a_checkpoint_that_cannot_even_begin_leaves_the_checkpoint() -> None:
    def engine(*_: object, **__: object) -> Iterator[Record]:
        raise MemoryError

    base = Checkpoint(np.full((8, 8, 3), 99, np.uint8), step=14, left=6, seconds=30.0)
    desk = painted(engine, order(base))
    assert desk.outcome is not None
    assert "What is left is the picture after 14 evaluations." in str(desk.outcome.error)
    assert (read_picture(desk.outcome.png or b"").pixels == 99).all()
    assert recipe_of(desk).evaluations == 14


def test_going_on_never_takes_more_steps_than_the_whole_job() -> None:
    given = []

    def engine(content, styles, config, *, initial, regions, style_guides, **_):
        given.append(config.steps)
        yield Record(1, 1, level=3)

    painted(engine, order(Checkpoint(PIXELS, 2, 8, 1.0), steps=10))
    assert given == [10]


def test_a_job_ends_at_the_time_limit_with_its_best_picture() -> None:
    jobs = runner(ten_steps, limits=Limits(job_seconds=7))
    snapshot = finished(jobs, jobs.submit(spec()))
    assert snapshot.state is JobState.DONE
    assert snapshot.notes == ("Stopped after 7 seconds, the most that a picture gets here.",)
    assert (read_picture(snapshot.result_png).pixels == 8).all()
    assert Recipe.from_json(read_recipe_text(snapshot.result_png)).evaluations == 8


def test_that_time_was_up_is_said_once_beside_what_else_there_is_to_say() -> None:
    def engine(*_: object, **__: object) -> Iterator[Record]:
        yield Record(8, 10, level=1, seconds=8.0, note="The photo is only 64 px long.")

    desk = painted(engine, order(seconds=7))
    told = [note for note in desk.notes if note]
    assert told == ["The photo is only 64 px long.", "Stopped after 7 seconds, the most that a picture gets here."]


def test_a_long_evaluation_ends_at_the_time_limit() -> None:
    def engine(*_: object, interrupted: Callable[[], bool], **__: object) -> Iterator[Record]:
        yield Record(1, 10, level=1)
        while not interrupted():  # between its tiles
            time.sleep(0.001)

    desk = painted(engine, order(Checkpoint(PIXELS, 2, 8, seconds=95.0), seconds=95.2))
    assert desk.outcome is not None
    assert desk.outcome.error is None
    assert recipe_of(desk).evaluations == 3
    assert desk.notes[-1] == "Stopped after 95 seconds, the most that a picture gets here."


def test_a_long_evaluation_ends_when_the_job_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painter, "ASKING_SECONDS", 0.0)
    reached = threading.Event()

    def engine(*_: object, interrupted: Callable[[], bool], **__: object) -> Iterator[Record]:
        yield Record(1, 10, level=1)
        reached.set()
        while not interrupted():
            time.sleep(0.001)

    jobs = runner(engine)
    job = jobs.submit(spec())
    assert reached.wait(10)
    jobs.cancel(job)
    snapshot = finished(jobs, job)
    assert snapshot.state is JobState.CANCELLED
    assert (read_picture(snapshot.result_png).pixels == 1).all()


def test_the_time_before_a_checkpoint_counts() -> None:
    desk = painted(ten_steps, order(Checkpoint(PIXELS, 2, 8, seconds=95.0), seconds=98.0))
    assert {progress.step for progress in desk.seen} == {3, 4, 5, 6}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_whose_thread_has_died_is_replaced_and_its_job_goes_on() -> None:
    attempts = []

    def engine(*_: object, **__: object) -> Iterator[Record]:
        attempts.append(1)
        if len(attempts) == 1:
            raise SystemExit  # ends a thread without a word
        yield from ten_steps()

    jobs = runner(engine)
    first = jobs.submit(spec())
    assert finished(jobs, first).state is JobState.DONE
    assert finished(jobs, jobs.submit(spec())).state is JobState.DONE
    assert len(attempts) == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_restarted_server_finishes_the_job_that_was_running(tmp_path: Path) -> None:
    def hanging(*_: object, **__: object) -> Iterator[Record]:
        yield from list(ten_steps())[:6]
        raise SystemExit  # as far as the folder can tell: killed

    limits = Limits(checkpoint_seconds=0)
    store = Store(tmp_path)
    first = runner(hanging, limits=limits, store=store)
    job = first.submit(spec(steps=75, method="statistics"))
    first._thread.join(10)
    store.close()

    starts = []

    def engine(content, styles, config, *, initial, regions, style_guides, **_):
        starts.append((config.steps, int(initial[0, 0, 0])))
        yield Record(1, config.steps, level=50, scale=1, scales=1)

    second = runner(engine, limits=limits, store=Store(tmp_path))
    assert wait(second, job, lambda now: now.state.final).state is JobState.DONE
    assert starts == [(4 + RESUMED_STEPS, 6)]
    assert (read_picture(second.poll(job).result_png).pixels == 50).all()


def test_engine_gets_the_recipes_regions() -> None:
    given: dict[str, Any] = {}

    def engine(content, styles, config, *, initial, regions, style_guides, **_):
        given.update(regions=regions, style_guides=style_guides)
        yield Record(1, 1, level=3)

    mask = PackedMask.of(np.eye(6, 8, dtype=np.float32))
    asked = order()
    sky = Region("sky", mask, (1.0,) * len(asked.spec.styles))
    recipe = dataclasses.replace(asked.spec.recipe, regions=(sky,), style_guides=(mask,) * len(asked.spec.styles))
    desk = painted(engine, dataclasses.replace(asked, spec=dataclasses.replace(asked.spec, recipe=recipe)))
    assert desk.outcome is not None
    assert given == {"regions": (sky,), "style_guides": recipe.style_guides}
