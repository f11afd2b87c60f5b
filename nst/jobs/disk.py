"""The queue's side of the disk: a job is worth painting even when it cannot be kept, or when nothing is to be kept."""

import logging
import time
from collections.abc import Callable

from nst.jobs.job import Job
from nst.jobs.store import Store

_log = logging.getLogger(__name__)


class Disk:
    """A store, or none."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    def save(self, write: Callable[[Store], None]) -> None:
        """Write to the disk; a full one is the log's concern alone."""
        if self._store is None:
            return
        try:
            write(self._store)
        except OSError:
            _log.exception("A job could not be kept on the disk.")

    def remove(self, job_id: str) -> None:
        """Forget a job."""
        if self._store is not None:
            self._store.remove(job_id)

    def restored(self, now: float) -> list[Job]:
        """Return the jobs that another server's run has left: unfinished ones as submitted, the others as they ended.

        Args:
            now: Of the queue's clock.
        """
        jobs: list[Job] = []
        calendar = time.time() - now
        for stored in () if self._store is None else self._store.load():
            try:
                jobs.append(Job.restored_from(stored, now, calendar))
            except (KeyError, TypeError, ValueError):
                _log.warning("A job on the disk is of another version and is removed.", exc_info=True)
                self.remove(stored.id)
        return sorted(jobs, key=lambda job: (job.state.final, job.ended if job.state.final else job.submitted))
