"""The page's own queue with an engine of the test's."""

from collections.abc import Callable, Iterator
from typing import Any

from nst.jobs import JobRunner, JobSnapshot
from tests.support.waiting import wait


def runner(engine: Callable[..., Iterator[Any]], **settings) -> JobRunner:
    return JobRunner(engine, settings.pop("warm_up", lambda: None), **settings)


def finished(jobs: JobRunner, job: str) -> JobSnapshot:
    return wait(jobs, job, lambda snapshot: snapshot.state.final)
