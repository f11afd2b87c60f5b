"""Several pictures of one visitor, painted one after the other: each is a job like any other.

The next job is submitted when the one before it has ended, so a series takes no more of the queue, of the memory and of
the worker than its visitor may have anyway, and others come in between. Whoever watches it lets it go on: `go_on` may
be called from any thread. A series ends with its last picture, when one of its jobs is cancelled, which is also what
becomes of a job that nobody watches, or when the queue takes no more. The job that waits or runs carries the rest of
it, so that after a restart of the server it can be taken up again from that job.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Self

from nst.errors import LimitError, StyleTransferError
from nst.jobs.limits import Limits
from nst.jobs.place import Kind, Place, Step
from nst.jobs.records import JobSnapshot, JobSpec, JobState, Runner
from nst.pictures.codec import Pixels
from nst.recipes.recipe import Source

#: Returns a painting of the gallery, uint8 RGB; of any thread. Raises a StyleTransferError if it is not there.
Gallery = Callable[[Source], Pixels]


class Series:
    """A series from its first picture to its last.

    Args:
        runner: The queue.
        spec: What its pictures have in common: all but the settings and the paintings.
        steps: The pictures in their order.
        session: The visitor's secret.
        gallery: Where paintings are found that are not in `paintings`.
        network: A name of where the visitor comes from.
        kind: What comes out.
        columns: Of a table, which is filled row by row.
        paintings: The visitor's own, uint8 RGB, by their files' checksums.

    Raises:
        LimitError: if there are more pictures than a series may have on this server.
    """

    def __init__(
        self,
        runner: Runner,
        spec: JobSpec,
        steps: Sequence[Step],
        session: str,
        gallery: Gallery,
        *,
        network: str = "",
        kind: Kind = "pictures",
        columns: int = 0,
        paintings: Mapping[str, Pixels] | None = None,
    ) -> None:
        check_count(len(steps), runner.limits)
        self.steps, self.kind, self.columns = tuple(steps), kind, columns
        self._runner, self._session, self._network, self._gallery = runner, session, network, gallery
        self._spec: JobSpec | None = replace(spec, series=None)
        self._paintings = dict(paintings or {})
        self._lock = threading.Lock()
        self._ids: list[str] = []  # of the jobs that were submitted, in the order of the steps
        self._failed = 0
        self._sentence = ""
        self._over = False

    @classmethod
    def taken_up(cls, runner: Runner, job: JobSnapshot, session: str, gallery: Gallery, network: str = "") -> Self:
        """Return the series of a job that waits or runs and has a place in one, as it goes on from there.

        Arguments as for the class; raises likewise.
        """
        place = job.spec.series
        assert place is not None
        series = cls(
            runner, job.spec, place.steps, session, gallery,
            network=network, kind=place.kind, columns=place.columns, paintings=place.paintings,
        )  # fmt: skip
        series._ids = [*place.before, job.id]
        return series

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

    def size(self) -> int:
        """Return how many bytes the pictures take that it holds; none once it has ended."""
        spec = self._spec
        return (0 if spec is None else spec.size()) + sum(pixels.nbytes for pixels in self._paintings.values())

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
        self._over, self._spec, self._paintings = True, None, {}  # which lets go of the pictures

    def _submit(self, index: int, *, replace: bool = False) -> str:
        spec = self._spec_of(index)
        return self._runner.submit(spec, self._session, network=self._network, replace=replace)

    def _spec_of(self, index: int) -> JobSpec:
        assert self._spec is not None
        step = self.steps[index]
        styles = [self._paintings.get(style.sha256) for style in step.styles]
        found = tuple(
            self._gallery(style) if pixels is None else pixels
            for style, pixels in zip(step.styles, styles, strict=True)
        )
        later = {style.sha256 for each in self.steps[index + 1 :] for style in each.styles}
        paintings = {sha256: pixels for sha256, pixels in self._paintings.items() if sha256 in later}
        place = Place(self.kind, self.columns, self.steps, self.job_ids[:index], paintings)
        recipe = replace(self._spec.recipe, config=step.config, styles=step.styles)
        return replace(self._spec, styles=found, recipe=recipe, series=place)


def check_count(count: int, limits: Limits) -> None:
    """Raise LimitError if a series may not have so many pictures on this server."""
    if count > limits.series_jobs:
        raise LimitError(
            f"series: expected at most {limits.series_jobs} pictures one after the other on this server, got {count}; "
            "choose fewer."
        )
