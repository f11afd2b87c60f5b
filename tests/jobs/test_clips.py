"""Films as jobs: what was painted is kept whatever ends them, and nothing is computed beyond the limits."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nst.config import FilmConfig
from nst.errors import FilmError, LimitError
from nst.jobs import JobRunner, JobSnapshot, JobSpec, JobState, Store
from nst.jobs.forecast import work
from nst.jobs.limits import PROFILES, Limits
from nst.jobs.records import FilmClip
from nst.pictures.codec import read_picture, read_recipe_text
from nst.recipes.recipe import Recipe, Source
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
