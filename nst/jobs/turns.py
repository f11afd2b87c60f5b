"""Who is taken, who is next, and how long each one waits."""

from collections.abc import Collection

from nst.errors import LimitError
from nst.jobs.forecast import Forecast, waits
from nst.jobs.job import Job
from nst.jobs.limits import Limits
from nst.jobs.records import JobState


def admit(job: Job, jobs: Collection[Job], limits: Limits, *, replace: bool) -> None:
    """Raise LimitError if there is no room for a job beside `jobs`, of which it may `replace` its own visitor's."""
    older = surplus(job, jobs, limits)
    if older and not replace:
        raise LimitError(
            f"Expected at most {limits.session_jobs} unfinished picture{'s' if limits.session_jobs > 1 else ''} "
            "a visitor, got one more; wait for yours, cancel it, or let this one take its place."
        )
    others = [other for other in jobs if not other.state.final and other not in older]
    if len(others) >= limits.queue_jobs:
        raise LimitError(
            f"The queue is full: {len(others)} pictures are waiting or being painted; try again in a few minutes."
        )
    most = limits.queue_megabytes * 1e6
    if others and _held(job, others) > most:
        raise LimitError("The queue is full: the waiting pictures are large; try again in a few minutes.")
    near, share = [other for other in others if other.network == job.network], limits.network_share
    if near and (len(near) >= share * limits.queue_jobs or _held(job, near) > share * most):
        raise LimitError(
            f"Your network's part of the queue is full: {len(near)} pictures from it are waiting or being painted; try "
            "again in a few minutes."
        )


def _held(job: Job, others: Collection[Job]) -> int:
    """Return the bytes of the pictures of a job and the others."""
    return job.spec.size() + sum(other.spec.size() for other in others)


def surplus(job: Job, jobs: Collection[Job], limits: Limits) -> list[Job]:
    """Return the visitor's oldest unfinished jobs that leave no room for another."""
    own = [
        other
        for other in neighbours(job, jobs)
        if other.session == job.session and not other.cancel and other.state is not JobState.SAVING
    ]
    return own[: max(0, len(own) + 1 - limits.session_jobs)]


def neighbours(job: Job, jobs: Collection[Job]) -> list[Job]:
    """Return the unfinished jobs of the same visitor, and of the others on the same network, oldest first."""
    near = (other for other in jobs if job.session == other.session or job.network == other.network)
    return sorted((other for other in near if not other.state.final), key=lambda other: other.number)


def in_line(jobs: Collection[Job]) -> list[Job]:
    """Return the queued jobs in the order of work: each network's first, then each one's second, and so on."""
    return sorted((job for job in jobs if job.state is JobState.QUEUED), key=lambda job: (job.turn, job.number))


def place(job: Job, jobs: Collection[Job], forecast: Forecast, workers: int) -> tuple[int, float | None]:
    """Return how many jobs a queued one waits for, and how many seconds; None as long as nothing was measured."""
    line = in_line(jobs)
    index = line.index(job)
    running = [other for other in jobs if other.state is JobState.RUNNING]
    left = [forecast.duration(other.work, other.progress) for other in running]
    durations = [forecast.duration(other.work) for other in line[: index + 1]]
    return len(running) + index, waits(left, durations, max(1, workers))[index]
