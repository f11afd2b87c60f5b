"""The table of all jobs: who is next, who waits how long, what is kept; safe to call from any thread.

Pages submit, poll and cancel; workers take a job, note what they have done and finish it. A job's id is its only
handle: it cannot be guessed, and every call with an id that is unknown or already finished is harmless.
"""

import logging
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable

from nst.errors import LimitError
from nst.jobs import turns
from nst.jobs.disk import Disk
from nst.jobs.forecast import Forecast, work
from nst.jobs.job import Job
from nst.jobs.limits import Limits
from nst.jobs.painter import label
from nst.jobs.records import Checkpoint, JobProgress, JobSnapshot, JobSpec, JobState, Order, Outcome, Statistics
from nst.jobs.store import Store

#: Starts without a checkpoint that a job may lose its worker or server after, before it is taken for the cause.
MAX_STARTS = 5

_log = logging.getLogger(__name__)


class JobQueue:
    """All jobs of one server, or of one cluster.

    Args:
        limits: What visitors may have.
        store: Where jobs survive the server, if they are to; what it holds is taken over.
        clock: Seconds from any start; replaced in tests.
    """

    def __init__(
        self, limits: Limits | None = None, store: Store | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits or Limits()
        self._disk = Disk(store)
        self._clock = clock
        self._changed = threading.Condition()
        self._jobs: dict[str, Job] = {}  # in the order of submission; those that have ended, last, in that of the end
        self._workers: dict[str, float] = {}  # and when each was last heard of
        self._forecast = Forecast()
        self._ended: Counter[JobState] = Counter()
        self._refused = self._recovered = 0
        self._busy_seconds = 0.0
        self._turn = 0  # of the job that was taken last
        with self._changed:
            self._restore()

    # For pages

    def submit(self, spec: JobSpec, session: str | None = None, *, replace: bool = False) -> str:
        """Queue a job and return its unguessable id.

        Args:
            session: Whose it is; jobs of one session share its turn and its limit. None is a session of its own.
            replace: Cancel the session's older jobs instead of refusing the new one.

        Raises:
            LimitError: saying which limit is in the way; nothing is changed then.
        """
        job_id = secrets.token_urlsafe(16)
        now = self._clock()
        job = Job(job_id, spec, session or job_id, submitted=now, seen=now, work=work(spec))
        with self._changed:
            self._admit(job, replace)
        self._disk.save(lambda store: store.save_spec(job_id, spec))
        self._disk.save(lambda store: store.save_state(job_id, job.record(now)))
        with self._changed:
            try:
                self._admit(job, replace)  # others may have come meanwhile
            except LimitError:
                self._forget(job)
                raise
            for older in turns.surplus(job, self._jobs.values(), self.limits):
                self.cancel(older.id)
            own = turns.unfinished(job.session, self._jobs.values())
            job.turn = max((other.turn + 1 for other in own), default=self._turn)
            self._jobs[job_id] = job
            self._changed.notify_all()
        _log.info("Job %s is queued.", label(job_id), extra={"job": label(job_id), "event": "queued"})
        return job_id

    def poll(self, job_id: str) -> JobSnapshot | None:
        """Return the job as it is now, or None if it is not known; also says that someone is still watching."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is not None:
                job.seen = self._clock()  # before the sweep
            self._sweep()
            if job is None or job_id not in self._jobs:
                return None
            if job.restored:
                job.restored = False
                self._changed.notify_all()
            position, wait = 0, None
            if job.state is JobState.QUEUED:
                position, wait = turns.place(job, self._jobs.values(), self._forecast, len(self._workers))
            return job.snapshot(position, wait, loading=not self._workers)

    def frames(self, job_id: str) -> tuple[bytes, ...]:
        """Return evenly spaced previews of a job, JPEGs, oldest first, for its time-lapse."""
        with self._changed:
            job = self._jobs.get(job_id)
            return () if job is None else tuple(job.frames.items)

    def cancel(self, job_id: str) -> None:
        """Stop a job and keep its best picture so far; harmless in every state and for unknown ids.

        A queued job is cancelled at once, a running one after the evaluation it is in.
        """
        with self._changed:
            job = self._jobs.get(job_id)
            if job is None or job.state.final:
                return
            job.cancel = True
            if job.state is JobState.QUEUED:
                self._end(job, JobState.CANCELLED)

    def statistics(self) -> Statistics:
        """Return the queue in numbers."""
        with self._changed:
            self._sweep()
            now, states = self._clock(), Counter(job.state for job in self._jobs.values())
            line = turns.in_line(self._jobs.values())
            running = [job.heartbeat_at for job in self._jobs.values() if job.state is JobState.RUNNING]
            return Statistics(
                jobs={state: states[state] for state in JobState},
                ended={state: self._ended[state] for state in JobState if state.final},
                refused=self._refused,
                recovered=self._recovered,
                busy_seconds=self._busy_seconds,
                oldest_wait=max((now - job.submitted for job in line), default=0.0),
                silent=now - min(running, default=now),
                workers=len(self._workers),
                loading=not self._workers,
            )

    # For workers

    def join(self, worker: str) -> None:
        """Note that a worker has loaded the network."""
        with self._changed:
            self._workers[worker] = self._clock()

    def take(self, worker: str, timeout: float | None = None) -> Order | None:
        """Wait for the next job and hand it out; None if there is none within `timeout` seconds.

        A job that this worker had and never finished was lost with its predecessor of the same name: it goes on.
        """
        with self._changed:
            self._lose(worker)
            self._workers[worker] = self._clock()
            deadline = None if timeout is None else time.monotonic() + timeout
            while (job := self._next()) is None:
                left = 30.0 if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(min(left, 30.0))
            job.state, job.worker, job.starts = JobState.RUNNING, worker, job.starts + 1
            job.started = job.heartbeat_at = self._clock()
            self._turn = job.turn
            order = Order(job.id, job.spec, job.checkpoint, self.limits.job_seconds, self.limits.checkpoint_seconds)
            record = job.record(self._clock())
        self._disk.save(lambda store: store.save_state(order.id, record))
        _log.info("Job %s starts.", label(job.id), extra={"job": label(job.id), "event": "started"})
        return order

    def note(self, worker: str, job_id: str, progress: JobProgress, note: str, preview: bytes | None) -> bool:
        """Take the latest record of a job and return whether it is to end here."""
        with self._changed:
            job = self._held(worker, job_id)
            if job is None:
                return True
            job.progress, job.heartbeat_at = progress, self._clock()
            job.history.add(progress)
            self._workers[worker] = job.heartbeat_at
            if note and note not in job.notes:
                job.notes.append(note)
            if preview is not None:
                job.preview_jpeg = preview
                job.frame += 1
                job.frames.add(preview)
            if progress.eta is not None:
                self._forecast.guess(job.work, progress.seconds + progress.eta)
            self._sweep()
            return job.cancel

    def is_to_end(self, worker: str, job_id: str) -> bool:
        """Return whether a job is to end here; also a sign of life of its worker."""
        self.heartbeat(worker)
        with self._changed:
            job = self._held(worker, job_id)
            return job is None or job.cancel

    def keep(self, worker: str, job_id: str, checkpoint: Checkpoint) -> None:
        """Take a checkpoint: with it a job that loses its worker can go on."""
        with self._changed:
            job = self._held(worker, job_id)
            if job is None:
                return
            job.checkpoint = checkpoint
            job.starts = 1
            record = job.record(self._clock())
        self._disk.save(lambda store: store.save_checkpoint(job_id, checkpoint))
        self._disk.save(lambda store: store.save_state(job_id, record))

    def finish(self, worker: str, job_id: str, outcome: Outcome) -> None:
        """Take how a job ended; its picture is on the disk before anybody is told that there is one."""
        with self._changed:
            if self._held(worker, job_id) is None:
                return
        png, jpeg = outcome.png, outcome.jpeg
        if png is not None and jpeg is not None:
            self._disk.save(lambda store: store.save_result(job_id, png, jpeg))
        with self._changed:
            job = self._held(worker, job_id)
            if job is None:
                return
            job.result_png, job.result_jpeg, job.error = png, jpeg, outcome.error
            seconds = self._clock() - job.started
            self._busy_seconds += seconds
            if outcome.error is not None:
                self._end(job, JobState.FAILED)
                return
            if job.progress is not None and job.progress.step == job.progress.steps:
                # What a run before a checkpoint took is in its progress alone, what saving takes on the clock alone.
                self._forecast.learn(job.work, max(seconds, job.progress.seconds))
            self._end(job, JobState.CANCELLED if job.cancel else JobState.DONE)

    def heartbeat(self, worker: str) -> None:
        """Note that a worker is alive although it has nothing to tell."""
        with self._changed:
            now = self._clock()
            if worker in self._workers:
                self._workers[worker] = now
            for job in self._jobs.values():
                if job.worker == worker:
                    job.heartbeat_at = now

    def lose(self, worker: str) -> None:
        """Let a dead worker's job go on elsewhere."""
        with self._changed:
            self._workers.pop(worker, None)
            self._lose(worker)

    def lose_silent(self, seconds: float) -> None:
        """Lose the workers that have given no sign of life for that long."""
        with self._changed:
            limit = self._clock() - seconds
            for worker in [worker for worker, heard in self._workers.items() if heard < limit]:
                self.lose(worker)

    # Under the lock

    def _admit(self, job: Job, replace: bool) -> None:
        """Raise LimitError if there is no room for a job."""
        self._sweep()
        try:
            turns.admit(job, self._jobs.values(), self.limits, replace=replace)
        except LimitError:
            self._refused += 1
            raise

    def _next(self) -> Job | None:
        self._sweep()
        # A job from before a restart waits until its page is back; else it would keep others waiting for nobody.
        return next((job for job in turns.in_line(self._jobs.values()) if not job.restored), None)

    def _held(self, worker: str, job_id: str) -> Job | None:
        """Return the job if this worker still has it."""
        job = self._jobs.get(job_id)
        return job if job is not None and job.worker == worker and job.state is JobState.RUNNING else None

    def _lose(self, worker: str) -> None:
        """Put the jobs of a worker that is gone back to their places in the queue."""
        for job in [job for job in self._jobs.values() if job.worker == worker and job.state is JobState.RUNNING]:
            self._recovered += 1
            self._requeue(job)

    def _requeue(self, job: Job) -> None:
        _log.warning("Job %s lost its worker.", label(job.id), extra={"job": label(job.id), "event": "lost"})
        job.state, job.worker = JobState.QUEUED, None
        if job.cancel:
            self._end(job, JobState.CANCELLED)
        elif job.starts >= MAX_STARTS:
            job.error = (
                f"The computer gave up on this picture {job.starts} times in a row; try a smaller size "
                f"(incident {label(job.id)} in the log)."
            )
            self._end(job, JobState.FAILED)
        self._changed.notify_all()

    def _end(self, job: Job, state: JobState) -> None:
        """Set a final state, and forget the oldest finished jobs beyond the bounds."""
        job.state, job.worker, job.checkpoint, job.ended = state, None, None, self._clock()
        self._ended[state] += 1
        # The newest to finish goes last, whatever the order of submission was.
        self._jobs[job.id] = self._jobs.pop(job.id)
        record = job.record(self._clock())
        self._disk.save(lambda store: store.save_state(job.id, record))
        extra = {"job": label(job.id), "event": str(state), "seconds": round(job.ended - job.submitted, 1)}
        _log.info("Job %s is %s.", label(job.id), state, extra=extra)
        self._trim()

    def _trim(self) -> None:
        finished = [other for other in self._jobs.values() if other.state.final]
        held = sum(other.size() for other in finished)
        for count, oldest in zip(range(len(finished), 1, -1), finished, strict=False):
            if count <= self.limits.kept_results and held <= self.limits.kept_megabytes * 1e6:
                break
            held -= oldest.size()
            self._forget(oldest)

    def _sweep(self) -> None:
        """Cancel the jobs that no page has asked for lately, and forget results that have expired."""
        now = self._clock()
        for job in list(self._jobs.values()):
            if not job.state.final and not job.cancel and job.seen < now - self.limits.grace_seconds:
                self.cancel(job.id)
            elif job.state.final and job.ended < now - self.limits.result_seconds:
                self._forget(job)

    def _forget(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        self._disk.remove(job.id)

    def _restore(self) -> None:
        """Take over the jobs that another server's run has left."""
        jobs = self._disk.restored(self._clock())
        self._jobs = {job.id: job for job in jobs}
        for job in [job for job in jobs if job.state is JobState.RUNNING]:
            self._recovered += 1
            self._requeue(job)
        self._turn = min((job.turn for job in turns.in_line(jobs)), default=0)
        self._trim()
