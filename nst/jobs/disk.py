"""The queue's side of the disk: a job is worth painting even when it cannot be kept, or when nothing is to be kept.

Nothing here is called under the queue's lock; a job's own lock keeps what is written about it in order.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from nst.jobs.job import Job
from nst.jobs.records import Checkpoint, Outcome
from nst.jobs.store import Store
from nst.jobs.workplace import Workplaces

_log = logging.getLogger(__name__)

Describe = Callable[[Job], dict[str, Any] | None]


class Disk:
    """A store, or none.

    Args:
        describe: Returns a job's record as it is now, or None if the job has been forgotten.
        films: Where films are painted: the store's own folders if those who paint are here and there is one.
    """

    def __init__(self, store: Store | None, describe: Describe, films: Workplaces) -> None:
        self._store, self._films = store, films
        self._describe = describe
        self._kept: set[str] = set()
        self._lock = threading.Lock()

    def save(self, job: Job) -> None:
        """Write down where a job is now; one that has ended needs its checkpoint no longer."""

        def write(store: Store) -> None:
            record = self._describe(job)
            if record is not None:
                self._save_state(store, job, record)
                if job.state.final:
                    store.drop_checkpoint(job.id)

        self._write(job, write)
        if job.state.final:
            self._films.remove(job.id)  # its frames are the checkpoint of a film

    def save_checkpoint(self, job: Job, checkpoint: Checkpoint) -> None:
        """Write down a checkpoint, and that there is one."""

        def write(store: Store) -> None:
            record = self._describe(job)
            if record is not None and job.checkpoint is checkpoint:
                self._save_state(store, job, record)
                store.save_checkpoint(job.id, checkpoint)

        self._write(job, write)

    def save_result(self, job: Job, outcome: Outcome) -> None:
        """Write down how a job is about to end, then its last picture; `save` is to follow.

        A server that is killed in between finds the picture and the end that belongs to it.
        """

        def write(store: Store) -> None:
            record = self._describe(job)
            if record is not None and outcome.png is not None and outcome.jpeg is not None:
                self._save_state(store, job, record)
                store.save_result(job.id, outcome.png, outcome.jpeg, outcome.film)

        self._write(job, write)

    def remove(self, job: Job) -> None:
        """Forget a job."""

        def write(store: Store) -> None:
            store.remove(job.id)
            with self._lock:
                self._kept.discard(job.id)

        self._write(job, write)
        self._films.remove(job.id)

    def restored(self, now: float, seconds: float) -> list[Job]:
        """Return the jobs that another server's run has left, in the order of their submissions.

        Args:
            now: Of the queue's clock.
            seconds: For which a job is kept after its end.
        """
        if self._store is None:
            self._films.expire()
            return []
        self._store.expire(seconds)
        jobs: list[Job] = []
        calendar = time.time() - now
        for stored in self._store.load():
            try:
                jobs.append(Job.restored_from(stored, now, calendar))
            except Exception:  # of another version
                self._store.leave(stored.id)
        self._kept = {job.id for job in jobs}
        return sorted(jobs, key=lambda job: (job.number, job.submitted))

    def _save_state(self, store: Store, job: Job, record: dict[str, Any]) -> None:
        with self._lock:
            kept = job.id in self._kept
        if kept:
            store.save_state(job.id, record)
            return
        store.add(job.id, job.spec, record)
        with self._lock:
            self._kept.add(job.id)

    def _write(self, job: Job, write: Callable[[Store], None]) -> None:
        """Write to the disk; a full one is the log's concern alone."""
        if self._store is None:
            return
        try:
            with job.files:
                write(self._store)
        except Exception:
            _log.exception("A job could not be kept on the disk.")
