"""One queue and one worker for all visitors: submit a job, poll it, cancel it.

The optimiser runs in a single daemon thread, one job at a time, first come first served, so that the page
only ever asks for a small frozen snapshot. A job's id is its only handle: it cannot be guessed, and every
call with an id that is unknown or already finished is harmless.

TensorFlow is imported by the worker thread alone; importing this module costs nothing.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from nst.errors import StyleTransferError, is_out_of_memory
from nst.images import Pixels, encode_jpeg, encode_png, resize
from nst.recipe import Recipe
from nst.timelapse import Thinned

if TYPE_CHECKING:
    from nst.transfer import Progress

#: Seconds between live previews.
PREVIEW_SECONDS = 0.4
#: Long side and bytes of a live preview, and the JPEG qualities that are tried until it is no larger.
PREVIEW_SIDE = 768
PREVIEW_BYTES = 120_000
PREVIEW_QUALITIES = (80, 65, 50, 35, 20)

#: Previews that are kept for the time-lapse, and points of J's curve, both evenly spaced.
FRAMES = 40
POINTS = 200

_log = logging.getLogger(__name__)


class JobState(StrEnum):
    """Where a job is in its life; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class JobSpec:
    """What to paint: uint8 RGB pixels (height, width, 3), and the recipe with the settings, which the PNG will carry.

    `initial` is the picture to start from, with ``recipe.config.init == "picture"``.
    """

    content: Pixels
    styles: tuple[Pixels, ...]
    recipe: Recipe
    initial: Pixels | None = None


@dataclass(frozen=True)
class JobProgress:
    """The engine's latest record without its pictures, so that keeping it holds no device memory."""

    step: int
    steps: int
    scale: int
    scales: int
    width: int
    height: int
    total: float
    content: float
    style: float
    tv: float
    seconds: float
    eta: float | None


@dataclass(frozen=True)
class JobSnapshot:
    """A job at one moment.

    Attributes:
        position: Jobs to wait for: 0 unless the state is queued.
        cancelling: Whether cancel was asked for and the current evaluation is still being finished.
        loading: Whether the job waits for the network to be loaded.
        notes: Sentences of the engine for the user, oldest first.
        preview_jpeg: The best picture so far, at most `PREVIEW_SIDE` pixels long.
        frame: Counts the previews; unchanged means that there is nothing new to draw.
        result_png: The finished picture, or the best one when the job was cancelled or failed, with its recipe
            inside; None if it did not come that far.
        error: One sentence if the state is failed.
        history: The progress so far, at most `POINTS` records, evenly spaced, for J's curve.
    """

    id: str
    spec: JobSpec
    state: JobState
    position: int
    cancelling: bool
    loading: bool
    progress: JobProgress | None
    notes: tuple[str, ...]
    preview_jpeg: bytes | None
    frame: int
    result_png: bytes | None
    result_jpeg: bytes | None
    error: str | None
    history: tuple[JobProgress, ...]


@dataclass
class _Job:
    """The mutable job behind the snapshots; touched only under the runner's lock."""

    id: str
    spec: JobSpec
    seen: float
    state: JobState = JobState.QUEUED
    cancel: bool = False
    progress: JobProgress | None = None
    notes: list[str] = field(default_factory=list)
    preview_jpeg: bytes | None = None
    frame: int = 0
    result_png: bytes | None = None
    result_jpeg: bytes | None = None
    error: str | None = None
    history: Thinned[JobProgress] = field(default_factory=lambda: Thinned(POINTS))
    frames: Thinned[bytes] = field(default_factory=lambda: Thinned(FRAMES))

    def size(self) -> int:
        """Return about how many bytes the job holds."""
        pictures = (self.spec.content, *self.spec.styles, self.spec.initial)
        files = (self.preview_jpeg, self.result_png, self.result_jpeg, *self.frames.items)
        return sum(p.nbytes for p in pictures if p is not None) + sum(len(f) for f in files if f is not None)


Engine = Callable[..., "Iterator[Progress]"]


def _stylize(*args: Any, **kwargs: Any) -> "Iterator[Progress]":
    from nst.transfer import stylize

    return stylize(*args, preview_seconds=PREVIEW_SECONDS, **kwargs)


def _warm_up() -> None:
    from nst.transfer import warm_up

    warm_up()


class JobRunner:
    """Runs jobs one after the other in a background thread that also loads the network.

    Args:
        stylize: The engine, with the signature of `nst.transfer.stylize`.
        warm_up: Called in the worker thread before the first job, and again before the next one if it failed.
        patience: Seconds without a `poll` after which a waiting or running job is given up, because its page
            has gone.
        keep: Finished jobs that are remembered, oldest forgotten first.
        keep_bytes: Bytes that the finished jobs may hold together, beyond the newest.
        clock: Seconds from any start; replaced in tests.
    """

    def __init__(
        self,
        stylize: Engine = _stylize,
        warm_up: Callable[[], None] = _warm_up,
        *,
        patience: float = 45.0,
        keep: int = 20,
        keep_bytes: int = 500_000_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stylize = stylize
        self._warm_up = warm_up
        self._patience = patience
        self._keep = keep
        self._keep_bytes = keep_bytes
        self._clock = clock
        self._changed = threading.Condition()
        self._jobs: dict[str, _Job] = {}  # in the order of submission, which is the order of work
        self._loading = True
        threading.Thread(target=self._work, name="nst-worker", daemon=True).start()

    def submit(self, spec: JobSpec) -> str:
        """Queue a job and return its unguessable id."""
        job = _Job(secrets.token_urlsafe(16), spec, seen=self._clock())
        with self._changed:
            self._jobs[job.id] = job
            self._changed.notify_all()
        return job.id

    def poll(self, job_id: str) -> JobSnapshot | None:
        """Return the job as it is now, or None if it is not known; also says that someone is still watching."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is None:
                return None
            job.seen = self._clock()
            return self._snapshot(job)

    def frames(self, job_id: str) -> tuple[bytes, ...]:
        """Return evenly spaced previews of the job, JPEGs, oldest first, for its time-lapse."""
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
                self._finish(job, JobState.CANCELLED)

    def _snapshot(self, job: _Job) -> JobSnapshot:
        waiting = [other.id for other in self._jobs.values() if not other.state.final]
        return JobSnapshot(
            id=job.id,
            spec=job.spec,
            state=job.state,
            position=waiting.index(job.id) if job.state is JobState.QUEUED else 0,
            cancelling=job.cancel and not job.state.final,
            loading=self._loading and not job.state.final,
            progress=job.progress,
            notes=tuple(job.notes),
            preview_jpeg=job.preview_jpeg,
            frame=job.frame,
            result_png=job.result_png,
            result_jpeg=job.result_jpeg,
            error=job.error,
            history=tuple(job.history.items),
        )

    def _work(self) -> None:
        try:
            self._load()
        except Exception:
            # Not fatal here: the first job tries again, and tells its owner what is wrong.
            _log.exception("The network could not be loaded ahead of the first job.")
        while True:
            self._run(self._next())

    def _load(self) -> None:
        self._warm_up()
        with self._changed:
            self._loading = False

    def _next(self) -> _Job:
        """Wait for the oldest queued job whose page is still there, and mark it running."""
        with self._changed:
            while True:
                self._give_up_unwatched()
                for job in self._jobs.values():
                    if job.state is JobState.QUEUED:
                        job.state = JobState.RUNNING
                        return job
                self._changed.wait()

    def _run(self, job: _Job) -> None:
        """Paint the job; whatever ends it, the best picture so far is kept."""
        record: Progress | None = None
        sentence = None
        try:
            if self._loading:
                self._load()
            for record in self._stylize(
                job.spec.content, job.spec.styles, job.spec.recipe.config, initial=job.spec.initial
            ):
                if self._stopped(job, record):
                    break
        except StyleTransferError as error:
            _log.warning("Job failed: %s", error)
            sentence = str(error)
        except Exception as error:
            sentence = _unexpected("Job failed", error)
        self._keep_result(job, record, sentence)

    def _stopped(self, job: _Job, record: "Progress") -> bool:
        """Note the engine's latest record and return whether the job is to end here."""
        jpeg = None if record.preview is None else _preview(record.preview)
        with self._changed:
            self._note(job, record, jpeg)
            self._give_up_unwatched()
            return job.cancel

    def _keep_result(self, job: _Job, record: "Progress | None", sentence: str | None) -> None:
        """End the job with the picture of its last record, if it came that far, and its error, if any."""
        png = jpeg = None
        try:
            if record is not None:
                picture = record.picture()
                png = encode_png(picture, job.spec.recipe.as_run(record.precision, record.step, record.steps).to_json())
                jpeg = encode_jpeg(picture)
        except Exception as error:
            told = _unexpected("No picture could be made of the job's last state", error)
            sentence = sentence or told
        with self._changed:
            job.result_png, job.result_jpeg, job.error = png, jpeg, sentence
            ended = JobState.CANCELLED if job.cancel else JobState.DONE
            self._finish(job, ended if sentence is None else JobState.FAILED)

    def _note(self, job: _Job, record: "Progress", jpeg: bytes | None) -> None:
        losses = record.losses
        job.progress = JobProgress(
            step=record.step,
            steps=record.steps,
            scale=record.scale,
            scales=record.scales,
            width=record.width,
            height=record.height,
            total=losses.total,
            content=losses.content,
            style=losses.style,
            tv=losses.tv,
            seconds=record.seconds,
            eta=record.eta,
        )
        job.history.add(job.progress)
        if record.note and record.note not in job.notes:
            job.notes.append(record.note)
        if jpeg is not None:
            job.preview_jpeg = jpeg
            job.frame += 1
            job.frames.add(jpeg)

    def _finish(self, job: _Job, state: JobState) -> None:
        """Set a final state, and forget the oldest finished jobs beyond the bounds."""
        job.state = state
        # The newest to finish goes last, whatever the order of submission was.
        self._jobs[job.id] = self._jobs.pop(job.id)
        finished = [other for other in self._jobs.values() if other.state.final]
        held = sum(other.size() for other in finished)
        for count, oldest in zip(range(len(finished), 1, -1), finished, strict=False):
            if count <= self._keep and held <= self._keep_bytes:
                break
            held -= oldest.size()
            del self._jobs[oldest.id]

    def _give_up_unwatched(self) -> None:
        """Cancel the jobs that no page has asked for lately."""
        limit = self._clock() - self._patience
        for job in list(self._jobs.values()):
            if not job.state.final and job.seen < limit:
                self.cancel(job.id)


def _preview(pixels: Pixels) -> bytes:
    small = resize(pixels, min(PREVIEW_SIDE, max(pixels.shape)))
    for quality in PREVIEW_QUALITIES:
        jpeg = encode_jpeg(small, quality)
        if len(jpeg) <= PREVIEW_BYTES:
            break
    return jpeg


def _unexpected(what: str, error: Exception) -> str:
    """Log the exception being handled under a new incident's number; return the sentence for the job's owner."""
    incident = secrets.token_hex(4)
    _log.exception("%s, incident %s.", what, incident)
    if is_out_of_memory(error):
        return f"The computer ran out of memory; try a smaller size (incident {incident})."
    return f"Something went wrong while painting; try again or change the settings (incident {incident} in the log)."
