"""Films as jobs: what was painted is kept whatever ends them, and nothing is computed beyond the limits."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nst.config import FilmConfig
from nst.errors import FilmError, LimitError
from nst.jobs import JobRunner, JobSnapshot, JobSpec, JobState, Store
from nst.jobs.clips import paint_film
from nst.jobs.forecast import work
from nst.jobs.limits import PROFILES, Limits
from nst.jobs.queue import JobQueue
from nst.jobs.records import Checkpoint, FilmClip, JobProgress, Order, Outcome
from nst.jobs.workplace import Workplaces
from nst.pictures.codec import read_picture, read_recipe_text
from nst.recipes.recipe import Recipe, Source
from nst.video.frames import FrameFolder
from tests.support.fake_engine import SECONDS
from tests.support.film_engine import FilmEngine
from tests.support.films import SHAPE, flat, moving, read, write

CONFIG = FilmConfig(size=64, steps=10, seconds=1, fps=5)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Half a second of 25 frames a second, with sound: at 5 a second 3 frames are painted."""
    return write(tmp_path_factory.mktemp("film") / "me.mp4", moving(12), sound="aac").read_bytes()


def spec(film: bytes, config: FilmConfig = CONFIG) -> JobSpec:
    recipe = Recipe(Source.of("me.mp4", film), (Source.of("painting", b"painting"),), config.first_frame(), "1")
    return JobSpec(flat(0), (flat(1),), recipe, film=FilmClip(film, "me.mp4", config))


@pytest.fixture
def engine() -> FilmEngine:
    return FilmEngine()


@pytest.fixture
def runner(engine: FilmEngine) -> JobRunner:
    return JobRunner(warm_up=lambda: None, film=engine)


def until(runner: JobRunner, job_id: str, holds: Callable[[JobSnapshot], bool]) -> JobSnapshot:
    deadline = time.monotonic() + SECONDS
    while True:
        job = runner.poll(job_id)
        assert job is not None
        if holds(job):
            return job
        assert time.monotonic() < deadline, job.state
        time.sleep(0.01)


def frames(data: bytes | None, tmp_path: Path) -> int:
    assert data is not None
    path = tmp_path / "out.mp4"
    path.write_bytes(data)
    return len(read(path)[0])


def test_a_film_is_painted_and_its_first_frame_is_the_picture(
    film: bytes, engine: FilmEngine, runner: JobRunner, tmp_path: Path
) -> None:
    engine.release(3)
    job = until(runner, runner.submit(spec(film)), lambda job: job.state.final)
    assert job.state is JobState.DONE
    assert frames(job.result_film, tmp_path) == 3
    assert job.progress is not None
    assert (job.progress.step, job.progress.steps) == (3, 3)
    assert job.result_png is not None
    assert job.result_jpeg is not None
    assert read_picture(job.result_png).pixels.shape == (*SHAPE, 3)
    assert abs(int(read_picture(job.result_png).pixels.mean()) - 20) < 2
    assert Recipe.from_json(str(read_recipe_text(job.result_png))).config == CONFIG.first_frame()
    assert engine.configs == [CONFIG]
    assert job.preview_jpeg is not None


def test_a_film_that_is_cancelled_is_what_was_painted_of_it(
    film: bytes, engine: FilmEngine, runner: JobRunner, tmp_path: Path
) -> None:
    job_id = runner.submit(spec(film))
    engine.release(2)
    until(runner, job_id, lambda job: job.frame == 2)
    runner.cancel(job_id)
    job = until(runner, job_id, lambda job: job.state.final)
    assert job.state is JobState.CANCELLED
    assert frames(job.result_film, tmp_path) == 2


def test_a_film_that_is_cancelled_before_its_first_frame_is_nothing(
    film: bytes, engine: FilmEngine, runner: JobRunner
) -> None:
    job_id = runner.submit(spec(film))
    until(runner, job_id, lambda job: job.state is JobState.RUNNING and bool(engine.configs))
    runner.cancel(job_id)
    job = until(runner, job_id, lambda job: job.state.final)
    assert (job.state, job.result_png, job.result_film) == (JobState.CANCELLED, None, None)


def test_a_film_that_fails_says_so_and_keeps_what_there_is(
    film: bytes, engine: FilmEngine, runner: JobRunner, tmp_path: Path
) -> None:
    engine.error = FilmError("me.mp4: expected more, got less.")
    engine.release(1)
    job = until(runner, runner.submit(spec(film)), lambda job: job.state.final)
    assert (job.state, job.error) == (JobState.FAILED, "me.mp4: expected more, got less.")
    assert frames(job.result_film, tmp_path) == 1


def test_a_film_that_cannot_be_read_fails_with_a_sentence(engine: FilmEngine, runner: JobRunner) -> None:
    job = until(runner, runner.submit(spec(b"no film at all")), lambda job: job.state.final)
    assert job.state is JobState.FAILED
    assert "expected a film that can be read" in str(job.error)


def test_a_film_takes_no_longer_than_a_job_may(film: bytes, engine: FilmEngine, tmp_path: Path) -> None:
    runner = JobRunner(warm_up=lambda: None, film=engine, limits=Limits(job_seconds=1))
    engine.release(1)
    job = until(runner, runner.submit(spec(film)), lambda job: job.state.final)
    assert job.state is JobState.DONE
    assert frames(job.result_film, tmp_path) == 1
    assert "the most that a film gets here" in job.notes[-1]


def test_a_film_and_what_was_painted_of_it_survive_a_restart(film: bytes, engine: FilmEngine, tmp_path: Path) -> None:
    store = Store(tmp_path)
    runner = JobRunner(warm_up=lambda: None, film=engine, store=store)
    engine.release(3)
    job_id = runner.submit(spec(film))
    before = until(runner, job_id, lambda job: job.state.final)
    store.close()
    after = JobRunner(warm_up=lambda: None, film=engine, store=Store(tmp_path)).poll(job_id)
    assert after is not None
    assert after.spec.film == before.spec.film
    assert after.result_film == before.result_film


@pytest.mark.parametrize(
    ("limits", "config", "sentence"),
    [
        (PROFILES["public"], CONFIG, "film: expected a picture on this server"),
        (Limits(), replace(CONFIG, seconds=11), "film: expected at most 10 seconds on this server, got 11"),
        (Limits(), replace(CONFIG, seconds=0), "film: expected at most 10 seconds on this server, got 0"),
        (Limits(), replace(CONFIG, fps=0), "film: expected at most 30 frames a second, got 0"),
        (Limits(), replace(CONFIG, fps=240), "film: expected at most 30 frames a second, got 240"),
        (Limits(max_work=0.5), replace(CONFIG, seconds=10, fps=30), "work: expected at most 0.5 evaluations"),
        (Limits(max_steps=5), CONFIG, "steps: expected at most 5"),
    ],
)
def test_what_is_more_than_a_film_may_have_is_refused_before_anything_is_read(
    limits: Limits, config: FilmConfig, sentence: str
) -> None:
    runner = JobRunner(warm_up=lambda: None, limits=limits)
    with pytest.raises(LimitError, match=sentence):
        runner.submit(spec(b"not even a film", config))


def test_the_work_of_a_film_is_that_of_all_its_frames() -> None:
    short, long = (work(spec(b"", CONFIG.with_changes(seconds=seconds, style_weight=1000))) for seconds in (1, 10))
    assert 5 < long / short < 10.1
    assert spec(b"123").size() == 2 * flat(0).nbytes + 3


class Killed(BaseException):
    """What ends a worker without a word."""


class Desk:
    """Lets a worker paint so many frames before its server is killed."""

    def __init__(self, frames: int = 99) -> None:
        self.frames, self.outcomes = frames, [Outcome()]

    def note(self, worker: str, job_id: str, progress: JobProgress, note: str, preview: bytes | None) -> bool:
        if progress.step >= self.frames:
            raise Killed
        return False

    def is_to_end(self, worker: str, job_id: str) -> bool:
        return False

    def keep(self, worker: str, job_id: str, checkpoint: Checkpoint) -> None:
        raise AssertionError("a film has frames, and no checkpoint")

    def finish(self, worker: str, job_id: str, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


class GoingOn(FilmEngine):
    """Paints only what is not there, as the real engine does, and counts."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = 0

    def __call__(self, film: Path, styles: Any, output: Path, config: FilmConfig, *_: Any, **more: Any) -> Any:
        there = len(list(FrameFolder.beside(output).glob("*.png")))
        for record in super().__call__(film, styles, output, config, **more):
            self.painted += record.picture is not None and record.done > there
            yield record


def test_a_film_whose_server_was_killed_goes_on_from_its_frames(film: bytes, tmp_path: Path) -> None:
    places = Workplaces(tmp_path / "films")
    order = Order("secret", spec(film), None, 60.0, 60.0)
    first, second = GoingOn(), GoingOn()
    for engine in (first, second):
        engine.release(3)
    with pytest.raises(Killed):
        paint_film("a", order, Desk(frames=2), first, lambda: None, places)
    assert places.place_of("secret").is_dir()
    desk = Desk()
    paint_film("a", order, desk, second, lambda: None, places)
    assert (first.painted, second.painted) == (2, 1)
    outcome = desk.outcomes[-1]
    assert outcome.png is not None
    assert abs(int(read_picture(outcome.png).pixels.mean()) - 20) < 2, "the first frame, not the first of this run"
    assert frames(outcome.film, tmp_path) == 3
    assert not places.place_of("secret").exists()


def test_a_film_that_is_cancelled_after_a_restart_is_what_was_painted_of_it(film: bytes, tmp_path: Path) -> None:
    store, engine = Store(tmp_path / "state"), GoingOn()
    table = JobQueue(store=store)
    table.join("a")
    job_id = table.submit(spec(film))
    order = table.take("a", timeout=0)
    assert order is not None
    engine.release(3)
    with pytest.raises(Killed):
        paint_film("a", order, Desk(frames=2), engine, lambda: None, store.films)
    store.close()
    table = JobQueue(store=Store(tmp_path / "state"))
    table.cancel(job_id)
    job = table.poll(job_id)
    assert job is not None
    assert job.state is JobState.CANCELLED
    assert frames(job.result_film, tmp_path) == 2
    assert job.result_png is not None
    assert abs(int(read_picture(job.result_png).pixels.mean()) - 20) < 2
    assert list((tmp_path / "state" / "films").iterdir()) == []
