"""How long a job will take and a waiting one will wait, from the speed that was measured on this machine."""

import heapq
from collections import deque
from collections.abc import Iterable, Sequence
from statistics import median

from nst.jobs.limits import film_work
from nst.jobs.records import JobProgress, JobSpec
from nst.plan.run import work_of
from nst.plan.scales import Shape

#: Jobs that ended last and whose rates count. The median of them is what the next is expected to take: the first job of
#: a size takes TensorFlow seconds more than those after it.
_LATEST = 5

#: Megapixel evaluations of a picture that a pace is taken from: starting takes most of the time of smaller ones.
LEAST_WORK = 3.0

#: Share of its steps before which a running job's own promise counts no more than what such jobs took lately: the first
#: steps promise nearly anything.
_EARLY = 0.25


def shapes_of(spec: JobSpec) -> tuple[Shape, tuple[Shape, ...]]:
    """Return (height, width) of a job's photo and of each of its paintings."""
    photo, *styles = ((each.shape[0], each.shape[1]) for each in (spec.content, *spec.styles))
    return photo, tuple(styles)


def work(spec: JobSpec) -> float:
    """Return the work of a job in megapixel evaluations, see `nst.plan.run.work_of`."""
    if spec.film is not None:
        return film_work(spec.film.config, *shapes_of(spec))
    return work_of(*shapes_of(spec), spec.recipe.config, len(spec.recipe.regions))


class Forecast:
    """Learns from the jobs that ran how many seconds a unit of work takes; knows nothing before the first."""

    def __init__(self) -> None:
        self._guess: float | None = None
        self._rates: deque[float] = deque(maxlen=_LATEST)
        self._paces: deque[float] = deque(maxlen=_LATEST)

    @property
    def pace(self) -> float | None:
        """Seconds that a unit of work of the last pictures took, or None before the first that was large enough."""
        return median(self._paces) if self._paces else None

    def guess(self, work: float, seconds: float) -> None:
        """Note that a job that still runs expects `work` to take `seconds`; counts until one has ended."""
        self._guess = seconds / work

    def learn(self, work: float, seconds: float, *, film: bool = False) -> None:
        """Note that `work` took `seconds`."""
        self._rates.append(seconds / work)
        if work >= LEAST_WORK and not film:
            self._paces.append(seconds / work)

    def duration(self, work: float, progress: JobProgress | None = None) -> float | None:
        """Return the seconds that a job still needs, or None if nothing was measured yet."""
        rate = median(self._rates) if self._rates else self._guess
        expected = None if rate is None else rate * work
        if progress is None or progress.eta is None:
            return expected
        if expected is not None and self._rates and progress.step < _EARLY * progress.steps:
            return min(expected, progress.eta)
        return progress.eta


def waits(running: Iterable[float | None], queued: Sequence[float | None], workers: int) -> list[float | None]:
    """Return for each queued job the seconds until it starts; None where a job before it has no known duration.

    Args:
        running: Seconds left of each running job.
        queued: Seconds of each queued job, in the order of work.
        workers: How many jobs run at a time; the next job goes to the one that is free first.
    """
    left = list(running)
    if None in left:
        return [None] * len(queued)
    free = [seconds for seconds in left if seconds is not None] + [0.0] * max(0, workers - len(left))
    heapq.heapify(free)
    starts: list[float | None] = []
    for index, seconds in enumerate(queued):
        start = heapq.heappop(free)
        starts.append(start)
        if seconds is None:
            return starts + [None] * (len(queued) - index - 1)
        heapq.heappush(free, start + seconds)
    return starts
