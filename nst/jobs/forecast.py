"""How long a job will take and a waiting one will wait, from the speed that was measured on this machine."""

import heapq
from collections.abc import Iterable, Sequence

from nst import scales
from nst.jobs.records import JobProgress, JobSpec

#: Weight of the newest measurement in the running mean.
_SMOOTHING = 0.3


def work(spec: JobSpec) -> int:
    """Return how many pixels all evaluations of a job have together, over all sizes."""
    photo, *styles = ((each.shape[0], each.shape[1]) for each in (spec.content, *spec.styles))
    return scales.work(scales.scales_of(photo, tuple(styles), spec.recipe.config))


class Forecast:
    """Learns seconds a pixel from the jobs that ran; knows nothing before the first."""

    def __init__(self) -> None:
        self._rate: float | None = None
        self._learnt = False

    def guess(self, work: int, seconds: float) -> None:
        """Note that a job that still runs expects `work` to take `seconds`; counts until one has ended.

        The first steps of a job promise nearly anything, and saving its picture is not in what it expects.
        """
        if not self._learnt:
            self._rate = seconds / max(1, work)

    def learn(self, work: int, seconds: float) -> None:
        """Note that `work` took `seconds`."""
        rate = seconds / max(1, work)
        before = self._rate if self._learnt else None
        self._rate = rate if before is None else before + _SMOOTHING * (rate - before)
        self._learnt = True

    def duration(self, work: int, progress: JobProgress | None = None) -> float | None:
        """Return the seconds that a job still needs, or None if nothing was measured yet."""
        if progress is not None and progress.eta is not None:
            return progress.eta
        return None if self._rate is None else self._rate * work


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
