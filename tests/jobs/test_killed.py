"""A server that is killed at any write to its disk loses nothing, paints nothing anew and forgets no Cancel.

The k-th call that changes the disk raises what no handler in the project catches, and so does every later one, as for
a process that is no more; then a new queue opens the folder.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from nst.jobs import JobState, Store
from nst.jobs.limits import Limits
from nst.jobs.queue import JobQueue
from nst.jobs.records import Outcome
from nst.pictures.codec import encode_jpeg, encode_png, read_picture
from tests.support.killed import Fault, Killed
from tests.support.queued import FOREVER, checkpoint, progress, spec, taken

pytestmark = pytest.mark.slow  # every write is a case

PICTURE = np.full((64, 64, 3), 200, np.uint8)
RESULT = Outcome(encode_png(PICTURE), encode_jpeg(PICTURE))
LIMITS = Limits(grace_seconds=FOREVER)


@dataclass
class Life:
    """What a server has told its visitors before it was killed."""

    told: dict[str, JobState] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    jobs: dict[str, str] = field(default_factory=dict)
    store: Store | None = None

    def run(self, folder: Path) -> None:
        """One job that is done, one that fails, one cancelled at work, one in line, and one that waits."""
        self.store = Store(folder)
        queue = JobQueue(LIMITS, self.store)
        for name in ("done", "failed", "stopped", "waiting"):
            self.jobs[name] = queue.submit(spec(), name)
        self._paint(queue, "done", RESULT)
        self._paint(queue, "failed", Outcome(RESULT.png, RESULT.jpeg, "No."))
        self._paint(queue, "stopped", RESULT, cancel=True)
        self._cancel(queue, "waiting")

    def _paint(self, queue: JobQueue, name: str, outcome: Outcome, *, cancel: bool = False) -> None:
        job = self.jobs[name]
        assert taken(queue) == job
        queue.note("a", job, progress(3), "", None)
        queue.keep("a", job, checkpoint(3))
        self.kept.add(job)
        if cancel:
            self._cancel(queue, name)
        queue.finish("a", job, outcome)
        self.told[job] = queue.poll(job, name).state

    def _cancel(self, queue: JobQueue, name: str) -> None:
        queue.cancel(self.jobs[name], name)
        self.cancelled.add(self.jobs[name])


def reopened(folder: Path) -> JobQueue:
    return JobQueue(LIMITS, Store(folder))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_write_loses_nothing(tmp_path: Path, after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # counts as a change, but the disk itself is not killed
    for calls in range(10_000):
        folder, life = tmp_path / str(calls), Life()
        with monkeypatch.context() as patch:
            fault = Fault(patch, calls, after=after)
            try:
                life.run(folder)
            except Killed:
                assert fault.struck
        if life.store is not None:
            life.store.close()  # as the system does for a process that is killed
        check(life, folder, f"killed at change {calls} of the disk")
        check(life, folder, f"killed at change {calls} of the disk, restarted twice")
        if not fault.struck:
            break
    assert calls > 60, "the disk was written to less often than this test is worth"
    assert life.told == {
        life.jobs["done"]: JobState.DONE,
        life.jobs["failed"]: JobState.FAILED,
        life.jobs["stopped"]: JobState.CANCELLED,
    }


def check(life: Life, folder: Path, when: str) -> None:
    store = Store(folder)
    queue = JobQueue(LIMITS, store)
    for name, job in life.jobs.items():
        now = queue.poll(job, name)
        assert now is not None, f"{when}: {name} was accepted and is gone"
        if job in life.told:
            assert now.state is life.told[job], f"{when}: {name}"
            assert now.result_png == RESULT.png, f"{when}: {name}"
            assert now.error == ("No." if name == "failed" else None)
        if job in life.cancelled:
            assert now.state is JobState.CANCELLED, f"{when}: {name}"
            if job in life.kept:
                assert read_picture(now.result_png).pixels[0, 0, 0] in (3, 200), f"{when}: {name}"
        elif job in life.kept and now.state is JobState.QUEUED:
            order = queue.take("a", timeout=0)
            assert (order.id, order.checkpoint.step) == (job, 3), f"{when}: {name}"
            queue.lose("a")
    # Nothing that had a picture waits to be painted.
    while (order := queue.take("b", timeout=0)) is not None:
        assert order.id not in life.told, when
        assert order.id not in life.cancelled, when
        queue.lose("b")
        queue.cancel(order.id, next(name for name, job in life.jobs.items() if job == order.id))
    store.close()


def test_a_checkpoint_is_the_result_when_its_job_is_cancelled_before_a_worker_has_it_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    queue = JobQueue(LIMITS, store)
    job = queue.submit(spec(seed=7), "ann")
    taken(queue)
    queue.keep("a", job, checkpoint(6))
    store.close()
    queue = reopened(tmp_path)
    queue.cancel(job, "ann")
    now = queue.poll(job, "ann")
    assert now.state is JobState.CANCELLED
    assert (read_picture(now.result_png).pixels == 6).all()
    assert read_picture(now.result_jpeg).pixels.shape == (64, 64, 3)
