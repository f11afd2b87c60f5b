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
    held = sum(other.spec.size() for other in others) + job.spec.size()
    if others and held > limits.queue_megabytes * 1e6:
        raise LimitError("The queue is full: the waiting pictures are large; try again in a few minutes.")


def surplus(job: Job, jobs: Collection[Job], limits: Limits) -> list[Job]:
    """Return the session's oldest unfinished jobs that leave no room for another."""
    own = [other for other in unfinished(job.session, jobs) if not other.cancel and other.state is not JobState.SAVING]
    return own[: max(0, len(own) + 1 - limits.session_jobs)]


def unfinished(session: str, jobs: Collection[Job]) -> list[Job]:
    """Return a session's jobs that have not ended, oldest first."""
    own = (job for job in jobs if job.session == session and not job.state.final)
    return sorted(own, key=lambda job: job.number)


def in_line(jobs: Collection[Job]) -> list[Job]:
    """Return the queued jobs in the order of work: each session's first, then each one's second, and so on."""
    return sorted((job for job in jobs if job.state is JobState.QUEUED), key=lambda job: (job.turn, job.number))


def place(job: Job, jobs: Collection[Job], forecast: Forecast, workers: int) -> tuple[int, float | None]:
    """Return how many jobs a queued one waits for, and how many seconds; None as long as nothing was measured."""
    line = in_line(jobs)
    index = line.index(job)
    running = [other for other in jobs if other.state is JobState.RUNNING]
    left = [forecast.duration(other.work, other.progress) for other in running]
    durations = [forecast.duration(other.work) for other in line[: index + 1]]
    return len(running) + index, waits(left, durations, max(1, workers))[index]
