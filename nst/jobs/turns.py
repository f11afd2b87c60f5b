"""Who is taken, who is next, and how long each one waits.

Whoever shares the queue is to have the same work done as the others, be it by few large pictures or by many small ones.
That is start-time fair queueing (Goyal, Vin and Cheng 1996) with a clock of work as in Parekh and Gallager 1993: it
advances by the work that is done, divided by the number of networks that have jobs, and so shows how much each of them
could have had. A job's turn comes when the clock shows what its network has had and has before that job.
"""

from collections.abc import Collection

from nst.errors import LimitError
from nst.jobs.forecast import Forecast, waits
from nst.jobs.job import Job
from nst.jobs.limits import Limits
from nst.jobs.records import JobState


class Clock:
    """How much work each network could have had so far, in the unit of `Job.work`, and how much it has had.

    Who had a job just now and asks for another keeps the place that it has earned by having had less, as far as one
    large job ahead of the clock. When nobody waits all is forgotten: there was nothing to share then.

    Args:
        now: What it shows.
    """

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._had: dict[str, float] = {}

    def turn(self, job: Job, before: Collection[Job]) -> float:
        """Return the turn of a new job that comes after the unfinished ones `before` it, its neighbours."""
        return max((self._had.get(job.network, self._now), *(each.turn + each.work for each in before)))

    def started(self, job: Job) -> None:
        """Note that it was a job's turn."""
        self._now = max(self._now, job.turn)

    def ended(self, job: Job, jobs: Collection[Job]) -> None:
        """Note that nobody works any longer on a job, one of `jobs`; it counts as far as it got."""
        others = [other for other in jobs if other is not job and other.state in (JobState.QUEUED, JobState.RUNNING)]
        work = job.done * job.work
        self._now += work / len({job.network, *(other.network for other in others)})
        if work:
            self._had[job.network] = max(self._had.get(job.network, 0.0), job.turn + work)
        for other in others:
            if other.network == job.network and other.state is JobState.QUEUED and other.turn > job.turn:
                other.turn -= job.work - work  # it does not wait for what was not done
        least = self._now - max((other.work for other in others), default=0.0)
        self._had = {network: had for network, had in self._had.items() if had > least} if others else {}


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
    """Return the queued jobs in the order of work: whose network has had least is first, among equals the oldest."""
    return sorted((job for job in jobs if job.state is JobState.QUEUED), key=lambda job: (job.turn, job.number))


def place(job: Job, jobs: Collection[Job], forecast: Forecast, workers: int) -> tuple[int, float | None]:
    """Return how many jobs a queued one waits for, and how many seconds; None as long as nothing was measured."""
    line = in_line(jobs)
    index = line.index(job)
    running = [other for other in jobs if other.state is JobState.RUNNING]
    left = [forecast.duration(other.work, other.progress) for other in running]
    durations = [forecast.duration(other.work) for other in line[: index + 1]]
    return len(running) + index, waits(left, durations, max(1, workers))[index]
