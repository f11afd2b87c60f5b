"""What the tests of a Ray cluster paint, and how long they wait for it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from nst.config import StyleTransferConfig
from nst.jobs import JobSnapshot, JobSpec, JobState
from nst.jobs.limits import Limits
from nst.jobs.ray import RayRunner
from nst.pictures.gallery import load_gallery
from nst.recipes.recipe import Recipe, Source
from tests.support import waiting

SECONDS = 600.0  # a generous bound; two workers load the network on a machine that may be busy
#: Evaluations of a job that is to run on for a while, and after how many of them it is killed: coarse sizes come first.
STEPS, BEGUN = 200, 25
LIMITS = Limits(max_size=128, checkpoint_seconds=0.5, grace_seconds=1e6)


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


def kept(jobs: RayRunner, state: Path, job: str) -> bool:
    """Whether the table has a checkpoint of a job below its state folder, or the job has ended and needs none."""
    return (state / "jobs" / job / "checkpoint.png").exists() or jobs.poll(job).state.final
