"""A tab in the background keeps its job, a closed one loses it."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from nst.jobs import JobState
from nst.ui.job.presence import Presence
from tests.support.fake_engine import SECONDS


class Runner:
    """Counts the questions for each job; says it runs until it is told otherwise."""

    def __init__(self) -> None:
        self.state = JobState.RUNNING
        self.asked: list[str] = []
        self.enough = threading.Event()

    def poll(self, job_id: str, session: str) -> SimpleNamespace:
        assert session == "ann"
        self.asked.append(job_id)
        if len(self.asked) >= 3:
            self.enough.set()
        return SimpleNamespace(state=self.state)


@pytest.fixture
def threads() -> Callable[[], list[threading.Thread]]:
    """The threads that have been started since the test began and still run."""
    before = set(threading.enumerate())
    return lambda: [thread for thread in threading.enumerate() if thread not in before]


def ended(threads: Callable[[], list[threading.Thread]]) -> bool:
    for thread in threads():
        thread.join(SECONDS)
    return not threads()


def test_the_job_is_asked_for_until_the_visitor_leaves(threads) -> None:
    runner: Any = Runner()
    presence = Presence(seconds=0.01)
    presence.watch("one", "ann", runner)
    presence.watch("one", "ann", runner)
    assert len(threads()) == 1
    assert runner.enough.wait(SECONDS)
    presence.leave()
    assert ended(threads)
    assert set(runner.asked) == {"one"}


def test_an_ended_job_is_asked_for_once_more_at_most(threads) -> None:
    runner: Any = Runner()
    presence = Presence(seconds=0.01)
    runner.state = JobState.DONE
    presence.watch("one", "ann", runner)
    assert ended(threads)
    assert runner.asked == ["one"]


def test_another_job_takes_the_place_of_the_one_before(threads) -> None:
    runner: Any = Runner()
    presence = Presence(seconds=0.01)
    presence.watch("one", "ann", runner)
    presence.watch("two", "ann", runner)
    assert runner.enough.wait(SECONDS)
    presence.leave()
    assert ended(threads)
    assert runner.asked[-1] == "two"


def test_a_series_goes_on_without_the_page(threads) -> None:
    runner: Any = Runner()
    presence = Presence(seconds=0.01)
    runner.state = JobState.DONE
    jobs = iter(["two", "three", None])
    presence.watch("one", "ann", runner, lambda: next(jobs))
    assert ended(threads)
    assert runner.asked == ["one", "two", "three"]
