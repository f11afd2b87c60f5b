"""Jobs for a queue without a worker: the test itself is the worker, and moves the clock."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nst.config import PAPER
from nst.jobs import JobProgress, JobSpec
from nst.jobs.queue import JobQueue
from nst.jobs.records import Checkpoint, Outcome
from nst.recipes.recipe import Recipe, Source

FOREVER = 1e7
DONE = Outcome(b"png", b"jpeg")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def run(self, seconds: int, look: Callable[[], object]) -> None:
        """Let so many seconds pass, with a look at the queue after each, as a server that runs takes all the time."""
        for _ in range(seconds):
            self.now += 1
            look()


def spec(seed: int = 0, side: int = 64, **settings: Any) -> JobSpec:
    pixels = np.zeros((side, side, 3), np.uint8)
    photo, painting = Source.of("photo", b"photo"), Source.of("painting", b"painting")
    config = PAPER.with_changes(seed=seed, **{"size": 64, "steps": 10, **settings})
    return JobSpec(pixels, (pixels,), Recipe(photo, (painting,), config, nst_version="1"))


def progress(step: int, steps: int = 10, seconds: float = 1.0, eta: float | None = None) -> JobProgress:
    losses: dict[str, Any] = {"total": 4.0, "terms": {"content": 4.0}, "weights": {"content": 1.0}}
    return JobProgress(step, steps, 1, 1, 64, 64, seconds, eta, **losses)


def checkpoint(step: int = 4) -> Checkpoint:
    return Checkpoint(np.full((64, 64, 3), step, np.uint8), step, 10 - step, seconds=2.0)


def taken(table: JobQueue, worker: str = "a") -> str:
    order = table.take(worker, timeout=0)
    assert order is not None
    return order.id
