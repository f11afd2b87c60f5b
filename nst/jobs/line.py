"""The order of work: who is next, and how long each one waits."""

from collections.abc import Collection

from nst.jobs.forecast import Forecast, waits
from nst.jobs.job import Job
from nst.jobs.records import JobState


def in_line(jobs: Collection[Job]) -> list[Job]:
    """Return the queued jobs in the order of work: each session's first, then each one's second, and so on."""
    return sorted((job for job in jobs if job.state is JobState.QUEUED), key=lambda job: job.turn)


def place(job: Job, jobs: Collection[Job], forecast: Forecast, workers: int) -> tuple[int, float | None]:
    """Return how many jobs a queued one waits for, and how many seconds; None as long as nothing was measured."""
    line = in_line(jobs)
    index = line.index(job)
    running = [other for other in jobs if other.state is JobState.RUNNING]
    left = [forecast.duration(other.work, other.progress) for other in running]
    durations = [forecast.duration(other.work) for other in line[: index + 1]]
    return len(running) + index, waits(left, durations, max(1, workers))[index]
