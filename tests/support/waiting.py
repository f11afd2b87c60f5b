"""Waiting for what must come, however busy the machine is."""

import time
from collections.abc import Callable

from nst.jobs import JobSnapshot
from nst.jobs.records import Runner
from tests.support.fake_engine import SECONDS


def until(condition: Callable[[], bool], seconds: float = SECONDS, pause: float = 0.02) -> None:
    """Wait until a condition holds; fail the test if it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(pause)


def wait(jobs: Runner, job: str, until: Callable[[JobSnapshot], bool], seconds: float = SECONDS) -> JobSnapshot:
    """Poll a job until it is as the test wants it; a job that has ended otherwise fails the test at once."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        snapshot = jobs.poll(job)
        assert snapshot is not None
        if until(snapshot):
            return snapshot
        assert not snapshot.state.final, f"{snapshot.state}: {snapshot.error}"
        time.sleep(0.005)
    raise AssertionError(f"still {snapshot.state}, {snapshot.progress} after {seconds} s")
