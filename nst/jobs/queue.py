"""The table of all jobs: who is next, who waits how long, what is kept; safe to call from any thread.

Pages submit, poll and cancel; workers take a job, note what they have done and finish it. A job's id shows it and
cannot be guessed; what changes it takes its visitor's secret too. Every call with an id that is unknown or already
finished is harmless.

Nothing slow is done under the lock: what is to be written down is remembered there, and done by the same thread as soon
as it has let go of the lock, before its call returns.
"""

import logging
import math
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from nst.config import RunOptions
from nst.errors import LimitError
from nst.jobs import turns
from nst.jobs.disk import Disk
from nst.jobs.forecast import Forecast, shapes_of, work
from nst.jobs.inputs import reduced
from nst.jobs.job import Job
from nst.jobs.keeping import surplus_results
from nst.jobs.limits import Limits, check_memory
from nst.jobs.patience import Patience
from nst.jobs.records import Checkpoint, JobProgress, JobSnapshot, JobSpec, JobState, Order, Outcome, Statistics, label
from nst.jobs.salvage import salvaged
from nst.jobs.sketches import Sketched, Sketches, SketchNews, Wish
from nst.jobs.store import Store
from nst.jobs.workplace import Workplaces
from nst.plan.machine import assumed

#: Starts without a checkpoint that a job may lose its worker or server after, before it is taken for the cause.
MAX_STARTS = 5

#: Most seconds that a waiting worker sleeps before it looks for jobs that nobody wants any longer.
_NAP = 30.0

_log = logging.getLogger(__name__)


class JobQueue:
    """All jobs of one server, or of one cluster.

    Args:
        limits: What visitors may have.
        store: Where jobs survive the server, if they are to; what it holds is taken over.
        clock: Seconds from any start; replaced in tests.
        server: Name of the server, put before the ids of its jobs and a dot; empty for none.
        run: How the workers compute; what does not fit into their memory is refused. None if that is not known.
        here: Whether the workers are on this computer.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        store: Store | None = None,
        clock: Callable[[], float] = time.monotonic,
        server: str = "",
        *,
        run: RunOptions | None = None,
        here: bool = True,
    ) -> None:
        self._run, self._here = run, here
        self.limits = limits or Limits()
        # The workers of a cluster are on other machines than the store, or may be.
        self._films = Workplaces() if store is None or not here else store.films
        self._disk = Disk(store, self._record, self._films)
        self._clock = clock
        self._prefix = f"{server}." if server else ""
        self._changed = threading.Condition()
        self._todo: deque[Callable[[], None]] = deque()  # for the disk, once the lock is free
        self._jobs: dict[str, Job] = {}  # those that have ended are last, in the order of their ends
        self._arriving: dict[str, Job] = {}  # have their place, and are being written down
        self._workers: dict[str, float] = {}  # and when each was last heard of
        self._forecast = Forecast()
        self._sketches = Sketches(self.limits.hourly_sketches)
        self._ended: Counter[JobState] = Counter()
        self._refused = self._recovered = 0
        self._busy_seconds = 0.0
        self._number = 0  # of the job that was submitted last
        self._work = turns.Clock()
        self._drawn_at = -math.inf
        self._patience = Patience(self.limits.grace_seconds, self._clock())
        restored = self._disk.restored(self._clock(), self.limits.result_seconds)
        with self._change():
            self._restore(restored)

    # For pages

    def submit(self, spec: JobSpec, session: str | None = None, *, network: str = "", replace: bool = False) -> str:
        """Queue a job and return its unguessable id.

        Args:
            session: The secret of the visitor whose it is; their jobs share a limit. None is a visitor of its own,
                whose secret is the id.
            network: A name of where the visitor comes from; the visitors of one share a turn, and a part of the queue
                and of what is kept. Empty if that is not known: then this one is alone.
            replace: Cancel the visitor's older jobs instead of refusing the new one.

        Raises:
            LimitError: saying which limit is in the way; nothing is changed then.
        """
        self._check(spec)
        spec = reduced(spec, self.limits.max_size)
        job_id = self._prefix + secrets.token_urlsafe(16)
        now = self._clock()
        job = Job(job_id, spec, session or job_id, submitted=now, seen=now, work=work(spec), network=network)
        with self._change():
            self._admit(job, replace)
        try:
            self._disk.save(job)
        except BaseException:
            with self._changed:
                del self._arriving[job_id]
            raise
        with self._change():
            for older in turns.surplus(job, self._jobs.values(), self.limits):
                self._cancel(older)
            self._jobs[job_id] = self._arriving.pop(job_id)
            job.seen = self._patience.look(self._clock())
            self._changed.notify_all()
        _log.info("Job %s is queued.", label(job_id), extra={"job": label(job_id), "event": "queued"})
        return job_id

    def poll(self, job_id: str, session: str | None = None) -> JobSnapshot | None:
        """Return the job as it is now, or None if it is not known.

        Its visitor says so that they are still watching; anybody else only looks.
        """
        with self._change():
            job = self._jobs.get(job_id)
            own = job is not None and job.is_own(session)
            if job is not None and own:
                job.seen = self._patience.look(self._clock())  # before the sweep
            self._sweep()
            if job is None or job_id not in self._jobs:
                return None
            if job.restored and own:
                job.restored = False
                self._changed.notify_all()
            position, wait = 0, None
            if job.state is JobState.QUEUED:
                position, wait = turns.place(job, self._jobs.values(), self._forecast, len(self._workers))
            return job.snapshot(position, wait, loading=not self._workers, own=own)

    def known(self, job_ids: Collection[str]) -> set[str]:
        """Return those of the ids whose jobs are still kept."""
        with self._change():
            self._sweep()
            return {job_id for job_id in job_ids if job_id in self._jobs}

    def frames(self, job_id: str) -> tuple[bytes, ...]:
        """Return evenly spaced previews of a job, JPEGs, oldest first, for its time-lapse."""
        with self._changed:
            job = self._jobs.get(job_id)
            return () if job is None else tuple(job.frames.items)

    def cancel(self, job_id: str, session: str | None = None) -> None:
        """Stop a visitor's own job and keep its best picture so far.

        Harmless in every state, for unknown ids, and for the jobs of others. A queued job ends at once, a running one
        after the evaluation it is in.
        """
        with self._change():
            job = self._jobs.get(job_id)
            if job is not None and job.is_own(session):
                self._cancel(job)

    def remove(self, job_id: str, session: str | None = None) -> None:
        """Forget a visitor's own job that has ended, on the disk too; harmless for every other."""
        with self._change():
            job = self._jobs.get(job_id)
            if job is not None and job.is_own(session) and job.state.final:
                self._forget(job)

    def sketches(self, wishes: Sequence[Wish], session: str, *, network: str = "") -> SketchNews:
        """Take what a page wishes to be painted in idle time, and return what is there of it; see `Runner.sketches`."""
        with self._changed:
            news = self._sketches.ask(session, network, wishes, self._clock())
            if news.left:
                self._changed.notify_all()
            return news

    def give_way(self) -> None:
        """Note that a page is being drawn, so that a sketch pauses."""
        self._drawn_at = self._clock()

    def sketch(self, key: str) -> Sketched | None:
        """Return a sketch that was painted, if it is still kept."""
        with self._changed:
            return self._sketches.find(key)

    def statistics(self) -> Statistics:
        """Return the queue in numbers."""
        with self._change():
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

    def pace(self) -> float | None:
        """Return the seconds that a megapixel evaluation of the last pictures took; None before the first."""
        with self._changed:
            return self._forecast.pace

    # For workers

    def join(self, worker: str) -> None:
        """Note that a worker has loaded the network."""
        with self._changed:
            self._workers[worker] = self._clock()

    def take(self, worker: str, timeout: float | None = None, *, idle: bool = False) -> Order | None:
        """Wait for the next job and hand it out; None if there is none within `timeout` seconds.

        A job that this worker had and never finished was lost with its predecessor of the same name: it goes on. With
        `idle` it gets None as well as soon as there is a sketch to be painted and no job.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._change():
            self._lose(worker)
            self._workers[worker] = self._clock()
        while True:
            with self._change():
                job = self._next()
                if job is not None:
                    order = self._start(job, worker)
                    break
                left = _NAP if deadline is None else min(_NAP, deadline - time.monotonic())
                if left <= 0 or (idle and self._sketches.next(self._clock()) is not None):
                    return None
                if not self._todo:
                    self._changed.wait(left)
        _log.info("Job %s starts.", label(order.id), extra={"job": label(order.id), "event": "started"})
        return order

    def wished(self) -> Wish | None:
        """Return the sketch that is to be painted while there is no job, if there is one."""
        with self._changed:
            return self._sketches.next(self._clock())

    def gives_way(self, seconds: float) -> bool:
        """Return whether a sketch is to pause: a page was drawn in the last seconds."""
        return self._clock() < self._drawn_at + seconds

    def is_to_leave(self, key: str) -> bool:
        """Return whether a sketch is to be left as it is: a job waits, or nobody wishes for it any longer."""
        with self._change():
            return self._next() is not None or not self._sketches.is_wished(key, self._clock())

    def sketched(self, key: str, sketched: Sketched | None) -> None:
        """Take a sketch that was painted, or None for one that cannot be."""
        with self._changed:
            self._sketches.put(key, sketched, self._clock())

    def note(self, worker: str, job_id: str, progress: JobProgress, note: str, preview: bytes | None) -> bool:
        """Take the latest record of a job and return whether it is to end here."""
        with self._change():
            job = self._held(worker, job_id)
            if job is None:
                return True
            job.note(progress, note, preview, self._clock())
            self._workers[worker] = job.heartbeat_at
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
            job.keep(checkpoint)
        self._disk.save_checkpoint(job, checkpoint)

    def finish(self, worker: str, job_id: str, outcome: Outcome) -> None:
        """Take how a job ended; its picture is on the disk before anybody is told that there is one."""
        with self._change():
            job = self._held(worker, job_id)
            if job is None:
                return
            seconds = self._clock() - job.started
            self._busy_seconds += seconds
            if outcome.error is not None:
                state = JobState.FAILED
            else:
                state = JobState.CANCELLED if job.cancel else JobState.DONE
                if job.progress is not None and job.progress.step == job.progress.steps:
                    # What a run before a checkpoint took is in its progress alone, saving is on the clock alone.
                    taken = max(seconds, job.progress.seconds)
                    self._forecast.learn(job.work, taken, film=job.spec.film is not None)
            self._end(job, state, outcome)

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
        with self._change():
            self._workers.pop(worker, None)
            self._lose(worker)

    def lose_silent(self, seconds: float) -> None:
        """Lose the workers that have given no sign of life for that long."""
        with self._change():
            limit = self._clock() - seconds
            for worker in [worker for worker, heard in self._workers.items() if heard < limit]:
                del self._workers[worker]
                self._lose(worker)

    # Around the lock

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Hold the lock, and do what has come up for the disk when it is released. Not to be nested."""
        try:
            with self._changed:
                yield
        finally:
            while (task := self._task()) is not None:
                task()

    def _task(self) -> Callable[[], None] | None:
        with self._changed:
            return self._todo.popleft() if self._todo else None

    def _record(self, job: Job) -> dict[str, Any] | None:
        with self._changed:
            known = job.id in self._jobs or job.id in self._arriving
            return job.record(self._clock()) if known else None

    def _put_away(self, job: Job, outcome: Outcome) -> None:
        """Save a job's last picture, and only then let it have ended."""
        outcome = salvaged(job.id, job.spec, job.checkpoint, outcome, self._films)
        self._disk.save_result(job, outcome)
        with self._changed:
            self._ended_with(job, outcome)
            self._trim()

    def _check(self, spec: JobSpec) -> None:
        """Raise LimitError for what no job may have here, before anything is computed of it."""
        asked = (spec.recipe.config, *shapes_of(spec), len(spec.recipe.regions))
        try:
            self.limits.check(*asked)
            if spec.film is not None:
                self.limits.check_film(spec.film.config, *shapes_of(spec))
            if self._run is not None:
                check_memory(*asked, self._run, assumed(self._run, here=self._here))
        except LimitError:
            with self._changed:
                self._refused += 1
            raise

    # Under the lock

    def _admit(self, job: Job, replace: bool) -> None:
        """Give a job its place, or raise LimitError if there is no room for it."""
        self._sweep()
        jobs = (*self._jobs.values(), *self._arriving.values())
        try:
            turns.admit(job, jobs, self.limits, replace=replace)
        except LimitError:
            self._refused += 1
            raise
        self._number += 1
        job.number = self._number
        # Those that it takes the place of are still there: what comes after the older ones comes after them.
        own = turns.neighbours(job, jobs)
        if replace:
            leaving = turns.surplus(job, jobs, self.limits)
            own = [other for other in own if other not in leaving or other.state is not JobState.QUEUED]
        job.turn = self._work.turn(job, own)
        self._arriving[job.id] = job

    def _next(self) -> Job | None:
        self._sweep()
        # A job from before a restart waits until its page is back; else it would keep others waiting for nobody.
        return next((job for job in turns.in_line(self._jobs.values()) if not job.restored), None)

    def _start(self, job: Job, worker: str) -> Order:
        job.start(worker, self._clock())
        self._work.started(job)
        self._todo.append(partial(self._disk.save, job))
        return job.order(self.limits.job_seconds, self.limits.checkpoint_seconds)

    def _held(self, worker: str, job_id: str) -> Job | None:
        """Return the job if this worker still has it."""
        job = self._jobs.get(job_id)
        return job if job is not None and job.worker == worker and job.state is JobState.RUNNING else None

    def _lose(self, worker: str) -> None:
        """Put the jobs of a worker that is gone back to their places in the queue."""
        for job in [job for job in self._jobs.values() if job.worker == worker and job.state is JobState.RUNNING]:
            self._requeue(job)

    def _requeue(self, job: Job) -> None:
        _log.warning("Job %s lost its worker.", label(job.id), extra={"job": label(job.id), "event": "lost"})
        self._recovered += 1
        job.requeue()
        if job.cancel:
            self._end(job, JobState.CANCELLED)
        elif job.starts >= MAX_STARTS:
            error = (
                f"The computer gave up on this picture {job.starts} times in a row; try a smaller size "
                f"(incident {label(job.id)} in the log)."
            )
            self._end(job, JobState.FAILED, Outcome(error=error))
        else:
            self._todo.append(partial(self._disk.save, job))
        self._changed.notify_all()

    def _cancel(self, job: Job) -> None:
        if job.cancel or job.state not in (JobState.QUEUED, JobState.RUNNING):
            return
        job.cancel = True
        if job.state is JobState.QUEUED:
            self._end(job, JobState.CANCELLED)
        else:
            self._todo.append(partial(self._disk.save, job))

    def _end(self, job: Job, state: JobState, outcome: Outcome | None = None) -> None:
        """Let nobody work on a job any longer; its last picture, or its checkpoint's, is saved outside the lock."""
        outcome = outcome or Outcome()
        self._work.ended(job, self._jobs.values())
        job.begin_end(state, outcome.error)
        self._todo.append(partial(self._put_away, job, outcome))

    def _ended_with(self, job: Job, outcome: Outcome) -> None:
        """Show a job's last picture, which the disk has."""
        job.end(outcome, self._clock())
        self._ended[job.state] += 1
        if job.id in self._jobs:
            # The newest to end goes last, whatever the order of submission was.
            self._jobs[job.id] = self._jobs.pop(job.id)
        self._todo.append(partial(self._disk.save, job))
        extra = {"job": label(job.id), "event": str(job.state), "seconds": round(job.ended - job.submitted, 1)}
        _log.info("Job %s is %s.", label(job.id), job.state, extra=extra)

    def _trim(self) -> None:
        """Forget finished jobs beyond the bounds."""
        for job in surplus_results([job for job in self._jobs.values() if job.state.final], self.limits):
            self._forget(job)

    def _sweep(self) -> None:
        """Cancel the jobs that no page has asked for lately, and forget results that have expired."""
        now = self._clock()
        self._patience.look(now)
        for job in list(self._jobs.values()):
            if job.state.final:
                if job.ended < now - self.limits.result_seconds:
                    self._forget(job)
            elif self._patience.is_over(job.seen):
                self._cancel(job)

    def _forget(self, job: Job) -> None:
        if self._jobs.pop(job.id, None) is not None:
            self._todo.append(partial(self._disk.remove, job))

    def _restore(self, jobs: list[Job]) -> None:
        """Take over the jobs that another server's run has left, in the order of their submissions."""
        ended = sorted((job for job in jobs if job.state.final), key=lambda job: job.ended)
        unfinished = [job for job in jobs if not job.state.final]
        self._jobs = {job.id: job for job in (*unfinished, *ended)}
        self._number = max((job.number for job in jobs), default=0)
        self._work = turns.Clock(max(jobs, key=lambda job: job.started).turn if jobs else 0.0)
        for job in unfinished:
            self._resume(job)
        self._trim()

    def _resume(self, job: Job) -> None:
        """Take up an unfinished job of a server that was killed at whatever it did."""
        ending = job.ending or (JobState.CANCELLED if job.cancel else JobState.DONE)
        if job.result_png is not None:  # only the last word was missing
            if job.state is not JobState.SAVING:
                job.begin_end(ending, job.error)
            self._ended_with(job, Outcome(job.result_png, job.result_jpeg, job.error, job.result_film))
        elif job.state is JobState.SAVING and ending is not JobState.DONE:
            self._todo.append(partial(self._put_away, job, Outcome(error=job.error)))
        elif job.state is not JobState.QUEUED:
            self._requeue(job)
        elif job.cancel:
            self._end(job, JobState.CANCELLED)
