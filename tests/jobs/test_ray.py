"""The queue on a real Ray cluster on this machine: two workers with the real network, one of them killed at work."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import ray

from nst.config import RunOptions
from nst.errors import HostingError, LimitError
from nst.jobs import JobState
from nst.jobs.limits import Limits
from nst.jobs.ray import NAMESPACE, WORKER_ANSWER, RayRunner, _RemoteDesk
from nst.jobs.records import Outcome
from nst.pictures.codec import read_picture, read_recipe_text
from nst.recipes.painting import RESUMED_STEPS
from nst.recipes.recipe import Recipe
from tests.support.cluster import BEGUN, LIMITS, SECONDS, STEPS, finished, kept, spec, wait
from tests.support.waiting import until

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def jobs(state: Path) -> Iterator[RayRunner]:
    ray.init(
        num_cpus=2, include_dashboard=False, object_store_memory=100_000_000, namespace=NAMESPACE, log_to_driver=False
    )
    yield RayRunner(LIMITS, state, workers=2, options=RunOptions(precision="float32"))
    ray.shutdown()


def worker_process(number: int) -> int:
    worker: Any = ray.get_actor(f"nst-worker-{number}", NAMESPACE)
    return int(ray.get(worker.pid.remote()))


def test_no_cluster_is_one_sentence() -> None:
    """Before the first test that starts one."""
    with pytest.raises(HostingError) as caught:
        RayRunner(Limits(), None)
    expected = "ray_address: expected a Ray cluster at 'auto', got none; start one with: ray start --head"
    assert str(caught.value) == expected


def test_a_worker_waits_for_no_answer_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []
    monkeypatch.setattr("nst.jobs.ray.ray.get", lambda _, timeout=None: waits.append(timeout))
    desk, anything = _RemoteDesk(MagicMock()), MagicMock()
    desk.note("a", "job", anything, "", None)
    desk.is_to_end("a", "job")
    desk.keep("a", "job", anything)
    desk.finish("a", "job", Outcome())
    assert waits == [WORKER_ANSWER] * 4


def test_a_killed_worker_s_job_goes_on_from_its_checkpoint_and_no_other_is_harmed(jobs: RayRunner, state: Path) -> None:
    ids = [jobs.submit(spec(STEPS, seed)) for seed in (1, 2)]
    for job in ids:  # at a time, one on each worker
        wait(jobs, job, lambda now: now.progress is not None and now.progress.step > BEGUN and now.frame > 1)
    until(lambda: all(kept(jobs, state, job) for job in ids), SECONDS)
    doomed = worker_process(0)
    os.kill(doomed, signal.SIGKILL)
    ends = [wait(jobs, job, finished) for job in ids]
    assert sorted(end.progress.steps for end in ends) == [STEPS, STEPS + RESUMED_STEPS]
    assert all(end.progress.step == end.progress.steps for end in ends)
    assert jobs.statistics().recovered == 1
    for seed, end in zip((1, 2), ends, strict=True):
        assert read_picture(end.result_png).pixels.shape[1] == 64
        assert Recipe.from_json(read_recipe_text(end.result_png)).config.seed == seed
    assert worker_process(0) != doomed


def test_a_job_is_cancelled_wherever_it_runs_and_keeps_its_picture(jobs: RayRunner) -> None:
    job = jobs.submit(spec(5000))
    wait(jobs, job, lambda now: now.progress is not None)
    jobs.cancel(job)
    jobs.cancel(job)
    end = wait(jobs, job, lambda now: now.state is JobState.CANCELLED)
    assert read_picture(end.result_png).pixels.shape[1] == 64


def test_another_page_server_sees_the_same_queue(jobs: RayRunner) -> None:
    job = jobs.submit(spec(20), "ann")
    wait(jobs, job, finished)
    code = (
        "import sys; from nst.server.settings import load_settings, make_runner;"
        "jobs = make_runner(load_settings()); now = jobs.poll(sys.argv[1]);"
        "print(now.state, len(now.result_png), now.spec.recipe.config.steps, jobs.limits.max_size)"
    )
    settings = {"NST_BACKEND": "ray", "NST_RAY_ADDRESS": ray.get_runtime_context().gcs_address, "NST_MAX_SIZE": "99"}
    done = subprocess.run(
        [sys.executable, "-c", code, job], cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True
    )
    assert done.stdout.split() == ["done", str(len(jobs.poll(job).result_png)), "20", "128"], done.stderr


def test_what_is_refused_is_refused_in_the_same_words(jobs: RayRunner) -> None:
    with pytest.raises(LimitError, match=r"^size: expected at most 128 on this server, got 256; lower it\.$"):
        jobs.submit(spec(20, size=256))
    assert jobs.poll("nothing") is None
    jobs.cancel("nothing")


def test_the_table_survives_its_own_death(jobs: RayRunner) -> None:
    job = jobs.submit(spec(20))
    before = wait(jobs, job, finished)
    ray.kill(ray.get_actor("nst-table", NAMESPACE), no_restart=False)
    after = wait(jobs, job, finished)
    assert after.result_png == before.result_png
    assert wait(jobs, jobs.submit(spec(20)), finished).result_png is not None
