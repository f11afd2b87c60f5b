"""The queue with one worker in this process: what `streamlit run app.py` uses by itself.

The optimiser runs in a single daemon thread, one job at a time, so that the page only ever asks for a small frozen
snapshot.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial

from nst.config import RunOptions
from nst.errors import Interrupted
from nst.jobs import painter
from nst.jobs.clips import FilmEngine, paint_film
from nst.jobs.limits import Limits
from nst.jobs.painter import Engine, Sketcher, incident, paint
from nst.jobs.queue import JobQueue
from nst.jobs.records import JobSnapshot, JobSpec, Order, Outcome, Statistics
from nst.jobs.sketches import Sketched, SketchNews, Wish
from nst.jobs.store import Store
from nst.jobs.workplace import Workplaces
from nst.pictures.codec import encode_jpeg

_WORKER = "here"

#: How far the worker's thread, and TensorFlow's threads with it, stand back behind the page's (Linux' nice value).
NICE = 5
#: Seconds that a sketch pauses when a page is drawn, which is about as long as server and browser take for it, and at
#: most in a row: many visitors are not to keep each other from all sketches.
PAUSE_SECONDS, LONGEST_PAUSE = 0.4, 2.0
#: Of the JPEG that a page shows of a sketch.
SKETCH_QUALITY = 82

_log = logging.getLogger(__name__)


class JobRunner:
    """Runs jobs one after the other in a background thread that also loads the network.

    Args:
        stylize: The engine, with the signature of `nst.engine.transfer.stylize`.
        warm_up: Called in the worker thread before the first job, and again before the next one if it failed.
        limits: What visitors may have.
        store: Where jobs survive the server, if they are to.
        clock: Seconds from any start; replaced in tests.
        server: Name of the server, which its jobs' ids start with; empty for none.
        film: The engine of films, with the signature of `nst.video.transfer.stylize_film`.
        sketch: The engine of sketches, with the signature of `nst.engine.transfer.sketch`.
        run: How the engine computes; what does not fit into its memory is refused. None if that is not known.
    """

    def __init__(
        self,
        stylize: Engine = painter.stylize,
        warm_up: Callable[[], None] = painter.warm_up,
        *,
        limits: Limits | None = None,
        store: Store | None = None,
        clock: Callable[[], float] = time.monotonic,
        server: str = "",
        run: RunOptions | None = None,
        film: FilmEngine = painter.stylize_film,
        sketch: Sketcher = painter.sketch,
    ) -> None:
        self._stylize, self._film, self._sketch = stylize, film, sketch
        self._warm_up = warm_up
        self._queue = JobQueue(limits, store, clock, server, run=run)
        self._places = Workplaces() if store is None else store.films
        self._loaded = False
        self._starting = threading.Lock()
        self._thread = self._start()

    @property
    def limits(self) -> Limits:
        """What visitors may have."""
        return self._queue.limits

    def submit(self, spec: JobSpec, session: str | None = None, *, network: str = "", replace: bool = False) -> str:
        """Queue a job and return its unguessable id; see `JobQueue.submit`."""
        job_id = self._queue.submit(spec, session, network=network, replace=replace)
        self._keep_going()
        return job_id

    def poll(self, job_id: str, session: str | None = None) -> JobSnapshot | None:
        """Return the job as it is now, or None if it is not known; see `JobQueue.poll`."""
        self._keep_going()
        return self._queue.poll(job_id, session)

    def known(self, job_ids: Collection[str]) -> set[str]:
        """Return those of the ids whose jobs are still kept."""
        return self._queue.known(job_ids)

    def frames(self, job_id: str) -> tuple[bytes, ...]:
        """Return evenly spaced previews of a job, JPEGs, oldest first, for its time-lapse."""
        return self._queue.frames(job_id)

    def cancel(self, job_id: str, session: str | None = None) -> None:
        """Stop a visitor's own job and keep its best picture so far; see `JobQueue.cancel`."""
        self._queue.cancel(job_id, session)

    def remove(self, job_id: str, session: str | None = None) -> None:
        """Forget a visitor's own job that has ended; see `JobQueue.remove`."""
        self._queue.remove(job_id, session)

    def sketches(self, wishes: Sequence[Wish], session: str, *, network: str = "") -> SketchNews:
        """Take what a page wishes to be painted in idle time, and return what is there of it."""
        self._keep_going()
        return self._queue.sketches(wishes, session, network=network)

    def give_way(self) -> None:
        """Let a sketch pause: a page is being drawn, and on one core its visitor would wait twice as long."""
        self._queue.give_way()

    def sketch(self, key: str) -> Sketched | None:
        """Return a sketch that was painted, if it is still kept."""
        return self._queue.sketch(key)

    def statistics(self) -> Statistics:
        """Return the queue in numbers."""
        return self._queue.statistics()

    def pace(self) -> float | None:
        """Return the seconds that a megapixel evaluation of the last pictures took; None before the first."""
        return self._queue.pace()

    def _start(self) -> threading.Thread:
        thread = threading.Thread(target=self._work, name="nst-worker", daemon=True)
        thread.start()
        return thread

    def _keep_going(self) -> None:
        """Start the worker again if its thread has died; its job goes on from its checkpoint."""
        if self._thread.is_alive():
            return
        with self._starting:
            if not self._thread.is_alive():
                _log.error("The worker's thread has ended; another one takes its place.")
                self._thread = self._start()

    def _work(self) -> None:
        stand_back()
        try:
            self._load()
        except Exception:
            # Not fatal here: the first job tries again, and tells its owner what is wrong.
            _log.exception("The network could not be loaded ahead of the first job.")
        while True:
            order = self._queue.take(_WORKER, idle=True)
            if order is not None:
                self._paint(order)
            elif (wish := self._queue.wished()) is not None:
                self._paint_sketch(wish)

    def _paint(self, order: Order) -> None:
        try:
            if order.spec.film is not None:
                paint_film(_WORKER, order, self._queue, self._film, self._load, self._places)
            else:
                paint(_WORKER, order, self._queue, self._stylize, self._load)
        except Exception as error:
            # Nothing that belongs to a job may end the thread that all jobs need.
            self._queue.finish(
                _WORKER, order.id, Outcome(error=incident("A job failed outside of its painting", error))
            )

    def _paint_sketch(self, wish: Wish) -> None:
        """Paint a sketch, but leave it for a job that comes meanwhile; then it is painted anew after the job."""
        try:
            self._load()
            made = self._sketch(
                wish.photo(), (wish.painting(),), wish.config, interrupted=partial(self._is_to_leave, wish.key)
            )
            sketched = Sketched(made.picture, made.style_weight, encode_jpeg(made.picture, SKETCH_QUALITY))
        except Interrupted:
            return
        except Exception:
            _log.exception("A sketch could not be painted.")
            sketched = None
        self._queue.sketched(wish.key, sketched)

    def _is_to_leave(self, key: str) -> bool:
        """Return whether a sketch is to be left, once no page is being drawn."""
        began = time.monotonic()
        while self._queue.gives_way(PAUSE_SECONDS) and time.monotonic() < began + LONGEST_PAUSE:
            if self._queue.is_to_leave(key):
                return True
            time.sleep(0.02)
        return self._queue.is_to_leave(key)

    def _load(self) -> None:
        if not self._loaded:
            self._warm_up()
            self._loaded = True
        self._queue.join(_WORKER)


def stand_back() -> None:
    """Let the page go before this thread and those that it starts: TensorFlow's take every core that they get.

    Only Linux has a nice value for each thread; elsewhere the system shares the processor as it likes.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
