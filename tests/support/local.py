"""The page's own queue with an engine of the test's."""

from collections.abc import Callable, Iterator

from nst.jobs import JobRunner, JobSnapshot
from tests.support.fake_engine import Record
from tests.support.waiting import wait


def runner(engine: Callable[..., Iterator[Record]], **settings) -> JobRunner:
    return JobRunner(engine, settings.pop("warm_up", lambda: None), **settings)


def finished(jobs: JobRunner, job: str) -> JobSnapshot:
    return wait(jobs, job, lambda snapshot: snapshot.state.final)
