"""Which finished pictures have to go when there are too many."""

from collections.abc import Callable, Sequence

from nst.jobs.job import Job
from nst.jobs.limits import Limits


def surplus_results(finished: Sequence[Job], limits: Limits) -> list[Job]:
    """Return the finished jobs beyond the bounds of `limits`; `finished` is in the order of their ends.

    The visitor who holds most goes first, with their oldest: nobody can push out the pictures of others before all of
    their own. The newest of all stays whatever it holds, because somebody waits for it.
    """
    left, going = list(finished), []

    def reduce(weight: Callable[[Job], int], most: float) -> None:
        while len(left) > 1 and sum(weight(job) for job in left) > most:
            going.append(_heaviest(left, weight))
            left.remove(going[-1])

    reduce(lambda job: 1, limits.kept_results)
    reduce(Job.size, limits.kept_megabytes * 1e6)
    return going


def _heaviest(jobs: Sequence[Job], weight: Callable[[Job], int]) -> Job:
    """Return the oldest job of the visitor who holds most, the newest of all left out."""
    held: dict[str, int] = {}
    for job in jobs:
        held[job.session] = held.get(job.session, 0) + weight(job)
    # Of those who hold the same, the one with the oldest picture: `max` takes the first.
    return max(jobs[:-1], key=lambda job: held[job.session])
