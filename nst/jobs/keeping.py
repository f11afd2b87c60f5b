"""Which finished pictures have to go when there are too many."""

from collections import Counter
from collections.abc import Callable, Sequence

from nst.jobs.job import Job
from nst.jobs.limits import Limits


def surplus_results(finished: Sequence[Job], limits: Limits) -> list[Job]:
    """Return the finished jobs beyond the bounds of `limits`; `finished` is in the order of their ends.

    Of the network that holds most the visitor who holds most goes first, with their oldest: nobody, and no number of
    tabs, can push out the pictures of others before all of their own. The newest of all stays whatever it holds,
    because somebody waits for it.
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
    """Return the oldest job of the visitor who holds most on the network that does, the newest of all left out."""
    networks: Counter[str] = Counter()
    visitors: Counter[tuple[str, str]] = Counter()
    for job in jobs:
        networks[job.network] += weight(job)
        visitors[job.network, job.session] += weight(job)
    # Of those who hold the same, the one with the oldest picture: `max` takes the first.
    return max(jobs[:-1], key=lambda job: (networks[job.network], visitors[job.network, job.session]))
