"""The queue on a real Ray cluster on this machine: two workers with the real network, one of them killed at work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import ray

from nst.config import RunOptions, StyleTransferConfig
from nst.errors import HostingError, LimitError
from nst.jobs import JobSnapshot, JobSpec, JobState
from nst.jobs.limits import Limits
from nst.jobs.painter import RESUMED_STEPS
from nst.jobs.ray import NAMESPACE, RayRunner
from nst.pictures.codec import read_picture, read_recipe_text
from nst.pictures.gallery import load_gallery
from nst.recipes.recipe import Recipe, Source
from tests.support import waiting

ROOT = Path(__file__).parents[2]
SECONDS = 600.0  # a generous bound; two workers load the network on a machine that may be busy
LIMITS = Limits(max_size=128, checkpoint_seconds=0.5, grace_seconds=1e6)


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayRunner]:
    ray.init(
        num_cpus=2, include_dashboard=False, object_store_memory=100_000_000, namespace=NAMESPACE, log_to_driver=False
    )
    yield RayRunner(LIMITS, tmp_path_factory.mktemp("state"), workers=2, options=RunOptions(precision="float32"))
    ray.shutdown()


def spec(steps: int, seed: int = 0, size: int = 64) -> JobSpec:
    gallery = load_gallery()
    photo, painting = gallery.photos[0], gallery.paintings[0]
    pixels = [np.asarray(preset.read().pixels[:256, :256]) for preset in (photo, painting)]
    config = StyleTransferConfig(size=size, steps=steps, seed=seed)
    sources = [Source(preset.id, preset.sha256) for preset in (photo, painting)]
    return JobSpec(pixels[0], (pixels[1],), Recipe(sources[0], (sources[1],), config, nst_version="1"))


def wait(jobs: RayRunner, job: str, until: Callable[[JobSnapshot], bool]) -> JobSnapshot:
    return waiting.wait(jobs, job, until, SECONDS)


def finished(snapshot: JobSnapshot) -> bool:
    return snapshot.state is JobState.DONE


def worker_process(number: int) -> int:
    return int(ray.get(ray.get_actor(f"nst-worker-{number}", NAMESPACE).pid.remote()))


def test_no_cluster_is_one_sentence() -> None:
    """Before the first test that starts one."""
    with pytest.raises(HostingError) as caught:
        RayRunner(Limits(), None)
    expected = "ray_address: expected a Ray cluster at 'auto', got none; start one with: ray start --head"
    assert str(caught.value) == expected


def test_a_killed_worker_s_job_goes_on_from_its_checkpoint_and_no_other_is_harmed(jobs: RayRunner) -> None:
    ids = [jobs.submit(spec(500, seed)) for seed in (1, 2)]
    for job in ids:  # at a time, one on each worker
        wait(jobs, job, lambda now: now.progress is not None and now.progress.step > 50 and now.frame > 1)
    time.sleep(1.0)  # a checkpoint is due every half second
    doomed = worker_process(0)
    os.kill(doomed, signal.SIGKILL)
    ends = [wait(jobs, job, finished) for job in ids]
    assert sorted(end.progress.steps for end in ends) == [500, 500 + RESUMED_STEPS]
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
