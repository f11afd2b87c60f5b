"""Several pictures of one visitor, painted one after the other: each is a job like any other.

The next job is submitted when the one before it has ended, so a series takes no more of the queue, of the memory and of
the worker than its visitor may have anyway, and others come in between. Whoever watches it lets it go on: `go_on` may
be called from any thread. A series ends with its last picture, when one of its jobs is cancelled, which is also what
becomes of a job that nobody watches, or when the queue takes no more. It does not survive a restart of the server; the
job that was in work does, and says what was lost.
"""

import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nst.errors import LimitError, StyleTransferError
from nst.jobs.limits import Limits
from nst.jobs.records import JobSnapshot, JobSpec, JobState, Runner

#: What comes out: pictures to keep, or a table of small ones to choose settings by.
Kind = Literal["pictures", "table"]


@dataclass(frozen=True)
class Step:
    """One picture of a series.

    Attributes:
        label: What it is called in the series.
        spec: Returns what is to be painted, when its turn comes; of any thread, and nothing that the page draws with.
        settings: Fields of `nst.config.StyleTransferConfig` by which it differs from the others, as its `to_dict` has
            them.
    """

    label: str
    spec: Callable[[], JobSpec]
    settings: Mapping[str, Any] = field(default_factory=dict)


class Series:
    """A series from its first picture to its last.

    Args:
        runner: The queue.
        steps: The pictures in their order.
        session: The visitor's secret.
        network: A name of where they come from.
        kind: What comes out.
        columns: Of a table, which is filled row by row.

    Raises:
        LimitError: if there are more pictures than a series may have on this server.
    """

    def __init__(
        self,
        runner: Runner,
        steps: Sequence[Step],
        session: str,
        *,
        network: str = "",
        kind: Kind = "pictures",
        columns: int = 0,
    ) -> None:
        check_count(len(steps), runner.limits)
        self.steps, self.kind, self.columns = tuple(steps), kind, columns
        self._runner, self._session, self._network = runner, session, network
        self._lock = threading.Lock()
        self._ids: list[str] = []  # of the jobs that were submitted, in the order of the steps
        self._failed = 0
        self._sentence = ""
        self._over = False

    def start(self) -> str:
        """Submit the first picture in place of what its visitor has in the queue, and return its job's id.

        Raises:
            StyleTransferError: if it is not taken; the series has not begun then.
        """
        with self._lock:
            self._ids.append(self._submit(0, replace=True))
            return self._ids[0]

    def go_on(self) -> str | None:
        """Submit the next picture if the one before it has ended.

        Returns:
            The job that waits or runs; None when the series has ended.
        """
        with self._lock:
            if self._over or not self._ids:
                return None
            job = self._runner.poll(self._ids[-1], self._session)
            if job is None or job.state.final:
                self._follow(job)
            return None if self._over else self._ids[-1]

    def stop(self) -> None:
        """Submit nothing more; the job that waits or runs is not touched."""
        with self._lock:
            self._end()

    @property
    def job_ids(self) -> tuple[str, ...]:
        """The jobs that were submitted so far, in the order of the steps."""
        return tuple(self._ids)

    @property
    def over(self) -> bool:
        """Whether nothing more will be submitted."""
        return self._over

    @property
    def sentence(self) -> str:
        """What there is to say of a series that has ended otherwise than with all of its pictures; else empty."""
        if not self._over or (len(self._ids) == len(self.steps) and not self._failed):
            return ""
        count = len(self._ids) - self._failed
        return f"Painted {count} of {len(self.steps)} pictures. {self._sentence}".strip()

    def _follow(self, job: JobSnapshot | None) -> None:
        """Submit what comes after a job that has ended, or end the series."""
        if job is None or job.state is JobState.CANCELLED:
            self._end()
            return
        if job.state is JobState.FAILED:
            self._failed += 1
            self._sentence = job.error or ""
        if len(self._ids) == len(self.steps):
            self._end()
            return
        try:
            self._ids.append(self._submit(len(self._ids)))
        except StyleTransferError as error:
            self._sentence = str(error)
            self._end()

    def _end(self) -> None:
        self._over = True
        self.steps = tuple(
            dataclasses.replace(step, spec=_ended) for step in self.steps
        )  # which let go of the pictures

    def _submit(self, index: int, *, replace: bool = False) -> str:
        # With it the job itself can say what is lost if the server ends meanwhile, and the series with it.
        following = tuple(step.label for step in self.steps[index + 1 :])
        spec = dataclasses.replace(self.steps[index].spec(), following=following)
        return self._runner.submit(spec, self._session, network=self._network, replace=replace)


def _ended() -> JobSpec:
    raise RuntimeError("The series has ended.")


def check_count(count: int, limits: Limits) -> None:
    """Raise LimitError if a series may not have so many pictures on this server."""
    if count > limits.series_jobs:
        raise LimitError(
            f"series: expected at most {limits.series_jobs} pictures one after the other on this server, got {count}; "
            "choose fewer."
        )
