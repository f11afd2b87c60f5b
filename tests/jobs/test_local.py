"""The queue in front of the engine: order, cancelling, crashes, pages that went away, bounded memory."""

import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nst.config import StyleTransferConfig
from nst.errors import DivergenceError, WeightsError
from nst.jobs import FRAMES, POINTS, PREVIEW_BYTES, PREVIEW_SIDE, JobSnapshot, JobSpec, JobState
from nst.jobs.limits import Limits
from nst.jobs.local import NICE
from nst.pictures.codec import read_picture, read_recipe_text
from nst.recipes.recipe import Recipe, Source
from tests.support.fake_engine import SECONDS, Engine, Record
from tests.support.local import finished, runner
from tests.support.queued import Clock
from tests.support.waiting import wait


def spec(seed: int = 0, side: int = 8) -> JobSpec:
    pixels = np.zeros((side, side, 3), np.uint8)
    photo, painting = Source.of("photo", b"photo"), Source.of("painting", b"painting")
    recipe = Recipe(photo, (painting,), StyleTransferConfig(seed=seed), nst_version="1")
    return JobSpec(pixels, (pixels,), recipe)


def running(snapshot: JobSnapshot) -> bool:
    return snapshot.progress is not None


def test_a_job_ends_with_the_last_picture_and_its_recipe_inside():
    jobs = runner(Engine())
    snapshot = finished(jobs, jobs.submit(spec(seed=7)))
    assert snapshot.state is JobState.DONE
    assert snapshot.error is None
    assert np.all(read_picture(snapshot.result_png).pixels == 50)
    assert Recipe.from_json(read_recipe_text(snapshot.result_png)).config.seed == 7
    assert read_picture(snapshot.result_jpeg).pixels.shape == (6, 8, 3)


def test_progress_and_previews_are_seen_while_it_runs():
    engine = Engine(gated=True)
    jobs = runner(engine)
    job = jobs.submit(spec())
    engine.release(2)
    snapshot = wait(jobs, job, lambda now: now.frame == 2)
    assert snapshot.state is JobState.RUNNING
    assert (snapshot.progress.step, snapshot.progress.steps, snapshot.progress.scales) == (2, 5, 2)
    assert (snapshot.progress.total, snapshot.progress.eta) == (4.0, 1.5)
    assert read_picture(snapshot.preview_jpeg).pixels.shape == (6, 8, 3)
    engine.release(3)
    assert finished(jobs, job).frame == 5


def test_a_large_preview_is_made_small():
    def engine(*_, **__):
        yield Record(1, 1, 0, preview=np.zeros((40, 2 * PREVIEW_SIDE, 3), np.uint8))

    jobs = runner(engine)
    snapshot = finished(jobs, jobs.submit(spec()))
    assert read_picture(snapshot.preview_jpeg).pixels.shape == (20, PREVIEW_SIDE, 3)


def test_a_note_of_the_engine_is_kept_once():
    def engine(*_, **__):
        for step, note in enumerate(("", "went back", "", "went back", "again")):
            yield Record(step, 5, 0, note=note)

    jobs = runner(engine)
    assert finished(jobs, jobs.submit(spec())).notes == ("went back", "again")


def test_jobs_run_one_at_a_time_first_come_first_served():
    engine = Engine(gated=True)
    jobs = runner(engine)
    first, second, third = (jobs.submit(spec(seed)) for seed in (1, 2, 3))
    engine.release(1)
    wait(jobs, first, running)
    assert [jobs.poll(job).position for job in (first, second, third)] == [0, 1, 2]
    assert engine.started == [1]
    engine.release(4)
    finished(jobs, first)
    engine.release(1)
    wait(jobs, second, running)
    assert jobs.poll(third).position == 1
    engine.release(9)
    assert finished(jobs, third).state is JobState.DONE
    assert engine.started == [1, 2, 3]


def test_ids_are_long_and_different():
    jobs = runner(Engine())
    ids = {jobs.submit(spec()) for _ in range(20)}
    assert len(ids) == 20
    assert min(map(len, ids)) >= 20


def test_an_unknown_id_is_harmless():
    jobs = runner(Engine())
    jobs.cancel("nothing")
    assert jobs.poll("nothing") is None


def test_cancelling_a_queued_job_skips_it():
    engine = Engine(gated=True)
    jobs = runner(engine)
    first, second, third = (jobs.submit(spec(seed)) for seed in (1, 2, 3))
    jobs.cancel(second)
    assert jobs.poll(second).state is JobState.CANCELLED
    assert jobs.poll(second).result_png is None
    engine.release(10)
    assert finished(jobs, first).state is JobState.DONE
    assert finished(jobs, third).state is JobState.DONE
    assert engine.started == [1, 3]


def test_cancelling_a_running_job_keeps_its_best_picture():
    engine = Engine(gated=True)
    jobs = runner(engine)
    job = jobs.submit(spec())
    engine.release(2)
    wait(jobs, job, lambda now: now.frame == 2)
    jobs.cancel(job)
    assert jobs.poll(job).cancelling
    engine.release(1)  # the evaluation that it was in
    snapshot = finished(jobs, job)
    assert snapshot.state is JobState.CANCELLED
    assert not snapshot.cancelling
    assert np.all(read_picture(snapshot.result_png).pixels == 30)


@pytest.mark.parametrize("engine", [Engine(), lambda *_, **__: 1 / 0], ids=["done", "failed"])
def test_cancelling_again_or_after_the_end_changes_nothing(engine):
    jobs = runner(engine)
    job = jobs.submit(spec())
    before = finished(jobs, job)
    jobs.cancel(job)
    jobs.cancel(job)
    assert jobs.poll(job) == before


def test_cancelling_twice_while_queued_and_while_running():
    engine = Engine(gated=True)
    jobs = runner(engine)
    first, second = jobs.submit(spec(1)), jobs.submit(spec(2))
    engine.release(1)
    wait(jobs, first, running)
    for job in (first, first, second, second):
        jobs.cancel(job)
    engine.release(5)
    assert finished(jobs, first).state is JobState.CANCELLED
    assert finished(jobs, second).state is JobState.CANCELLED


def test_a_crash_fails_its_job_with_an_incident_and_the_next_one_runs(caplog):
    def engine(content, styles, config, *, initial=None, **_):
        yield Record(1, 5, 0)
        if config.seed == 1:
            raise RuntimeError("secret detail")

    jobs = runner(engine)
    first, second = jobs.submit(spec(1)), jobs.submit(spec(2))
    snapshot = finished(jobs, first)
    assert snapshot.state is JobState.FAILED
    assert "secret detail" not in snapshot.error
    incident = snapshot.error.partition("incident ")[2].split()[0].strip("().")
    assert incident in caplog.text
    assert finished(jobs, second).state is JobState.DONE


def test_a_crash_keeps_the_best_picture_so_far():
    def engine(content, styles, config, *, initial=None, **_):
        yield Record(1, 5, 70)
        raise MemoryError

    jobs = runner(engine)
    snapshot = finished(jobs, jobs.submit(spec()))
    assert snapshot.state is JobState.FAILED
    assert np.all(read_picture(snapshot.result_png).pixels == 70)


def test_the_recipe_names_the_precision_that_was_used():
    jobs = runner(Engine())
    snapshot = finished(jobs, jobs.submit(spec()))
    run = Recipe.from_json(read_recipe_text(snapshot.result_png)).run
    assert (run.options.precision, run.options.tile, run.device) == ("float32", 0, "CPU")
    assert snapshot.spec.recipe.run is None


def test_an_error_meant_for_the_user_is_passed_on():
    def engine(*_, **__):
        raise DivergenceError("J stayed non-finite; lower style_weight.")

    jobs = runner(engine)
    assert finished(jobs, jobs.submit(spec())).error == "J stayed non-finite; lower style_weight."


def test_running_out_of_memory_suggests_a_smaller_size():
    def engine(*_, **__):
        raise MemoryError

    jobs = runner(engine)
    assert "smaller size" in finished(jobs, jobs.submit(spec())).error


def test_jobs_wait_for_the_network_to_load():
    loaded = threading.Event()
    jobs = runner(Engine(), warm_up=lambda: loaded.wait(SECONDS))
    job = jobs.submit(spec())
    assert jobs.poll(job).loading
    assert jobs.poll(job).state is JobState.QUEUED
    loaded.set()
    assert not finished(jobs, job).loading


def test_a_warm_up_that_fails_is_tried_again_by_the_next_job(caplog):
    attempts = []

    def warm_up():
        attempts.append(1)
        if len(attempts) < 3:
            raise WeightsError("VGG-19 weights: expected the file, got none; restore it.")

    jobs = runner(Engine(), warm_up=warm_up)
    first = finished(jobs, jobs.submit(spec()))
    assert first.state is JobState.FAILED
    assert first.error == "VGG-19 weights: expected the file, got none; restore it."
    assert "could not be loaded" in caplog.text
    assert finished(jobs, jobs.submit(spec())).state is JobState.DONE
    assert finished(jobs, jobs.submit(spec())).state is JobState.DONE
    assert len(attempts) == 3


def test_jobs_whose_page_has_gone_are_given_up():
    engine, clock = Engine(gated=True), Clock()
    jobs = runner(engine, limits=Limits(grace_seconds=60), clock=clock)
    watched, unwatched = jobs.submit(spec(1)), jobs.submit(spec(2))
    engine.release(1)
    wait(jobs, watched, running)
    clock.run(61, lambda: jobs.poll(watched))
    engine.release(1)
    wait(jobs, watched, lambda now: now.progress.step == 2)
    assert jobs.poll(watched).state is JobState.RUNNING
    engine.release(3)
    finished(jobs, watched)
    assert jobs.poll(unwatched).state is JobState.CANCELLED
    assert engine.started == [1]


def test_a_running_job_whose_page_has_gone_stops_within_an_evaluation_and_keeps_its_picture():
    engine, clock = Engine(gated=True), Clock()
    jobs = runner(engine, limits=Limits(grace_seconds=60), clock=clock)
    job = jobs.submit(spec())
    engine.release(1)
    wait(jobs, job, running)
    clock.run(61, jobs.statistics)
    engine.release(1)
    next_one = jobs.submit(spec())  # runs only when the first has stopped
    engine.release(5)
    assert finished(jobs, next_one).state is JobState.DONE
    assert jobs.poll(job).state is JobState.CANCELLED
    assert np.all(read_picture(jobs.poll(job).result_png).pixels == 20)


def test_only_so_many_finished_jobs_are_kept():
    jobs = runner(Engine(), limits=Limits(kept_results=3))
    ids = [jobs.submit(spec()) for _ in range(6)]
    finished(jobs, ids[-1])
    assert [jobs.poll(job) is not None for job in ids] == [False, False, False, True, True, True]


def test_finished_jobs_hold_only_so_many_bytes_but_the_newest_stays():
    jobs = runner(Engine(), limits=Limits(kept_megabytes=1))
    ids = []
    for side in (280, 280, 280, 800):
        ids.append(jobs.submit(spec(side=side)))
        finished(jobs, ids[-1])
        if len(ids) == 3:
            assert [jobs.poll(job) is not None for job in ids] == [False, True, True]
    assert [jobs.poll(job) is not None for job in ids] == [False, False, False, True]


def test_the_worker_lets_go_of_the_engine_s_records():
    alive: weakref.WeakSet[Any] = weakref.WeakSet()

    class Tracked(Record):
        __hash__ = object.__hash__

    def engine(*_, **__):
        for step in range(3):
            record = Tracked(step, 3, 0, preview=np.zeros((6, 8, 3), np.uint8))
            alive.add(record)
            yield record
            del record

    jobs = runner(engine)
    finished(jobs, jobs.submit(spec()))
    deadline = time.monotonic() + SECONDS
    while alive and time.monotonic() < deadline:
        gc.collect()
    assert not alive


@pytest.mark.slow
def test_the_curve_and_the_time_lapse_are_kept_within_bounds():
    def engine(*_, **__):
        for step in range(1, 4 * POINTS + 1):
            yield Record(step, 4 * POINTS, 0, preview=np.full((6, 8, 3), step % 256, np.uint8))

    jobs = runner(engine)
    job = jobs.submit(spec())
    history = finished(jobs, job).history
    assert POINTS / 2 <= len(history) <= POINTS
    assert {after.step - before.step for before, after in pairwise(history)} == {4}
    frames = jobs.frames(job)
    assert FRAMES / 2 <= len(frames) <= FRAMES
    assert np.all(read_picture(frames[0]).pixels == 1)
    assert jobs.frames("unknown") == ()


def test_a_preview_is_small_whatever_it_shows():
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), np.uint8)

    def engine(*_, **__):
        yield Record(1, 1, 0, preview=noise)

    jobs = runner(engine)
    preview = finished(jobs, jobs.submit(spec())).preview_jpeg
    assert len(preview) <= PREVIEW_BYTES
    assert read_picture(preview).pixels.shape == (PREVIEW_SIDE, PREVIEW_SIDE, 3)


def test_importing_the_queue_loads_neither_tensorflow_nor_streamlit():
    code = "import sys, nst.jobs; print({'tensorflow', 'keras', 'streamlit'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a nice value for each thread")
def test_painting_stands_back_behind_the_page() -> None:
    seen: list[int] = []

    def engine(*_: object, **__: object) -> Iterator[Record]:
        child = threading.Thread(target=lambda: seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))
        child.start()  # as TensorFlow does
        child.join()
        yield Record(1, 1, level=1)

    jobs = runner(engine)
    finished(jobs, jobs.submit(spec()))
    here = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert seen == [max(NICE, here)]
