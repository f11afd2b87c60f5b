"""One job from its order to its outcome, wherever the worker is: the engine's loop, previews, checkpoints, errors.

TensorFlow is imported by the engine alone; importing this module costs nothing.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from nst.config import RunOptions
from nst.errors import StyleTransferError, is_out_of_memory
from nst.jobs.files import result_files
from nst.jobs.records import Checkpoint, JobProgress, Order, Outcome, label
from nst.pictures.codec import Pixels, encode_jpeg, resize
from nst.pictures.prints import Levels
from nst.plan.scales import is_at_final_size
from nst.recipes.painting import Painting, going_on, is_finishing, painted
from nst.recipes.provenance import Provenance
from nst.recipes.recipe import Recipe

if TYPE_CHECKING:
    from nst.engine.records import Progress, Sketch
    from nst.video.transfer import FilmProgress

#: Seconds between live previews.
PREVIEW_SECONDS = 0.4
#: Seconds after which the desk is asked whether to go on, while an evaluation takes its time.
ASKING_SECONDS = 1.0
#: Long side and bytes of a live preview, and the JPEG qualities that are tried until it is no larger.
PREVIEW_SIDE = 768
PREVIEW_BYTES = 120_000
PREVIEW_QUALITIES = (80, 65, 50, 35, 20)

_log = logging.getLogger(__name__)

Engine = Callable[..., "Iterator[Progress]"]
Sketcher = Callable[..., "Sketch"]


class Desk(Protocol):
    """Where a worker reports; the queue itself, or a stand-in for one in another process."""

    def note(self, worker: str, job_id: str, progress: JobProgress, note: str, preview: bytes | None) -> bool:
        """Take the latest record and return whether the job is to end here."""

    def is_to_end(self, worker: str, job_id: str) -> bool:
        """Return whether the job is to end here, without any news of it."""

    def keep(self, worker: str, job_id: str, checkpoint: Checkpoint) -> None:
        """Take a checkpoint."""

    def finish(self, worker: str, job_id: str, outcome: Outcome) -> None:
        """Take how the job ended."""


def stylize(*args: Any, **kwargs: Any) -> "Iterator[Progress]":
    """Return the engine's generator; see `nst.engine.transfer.stylize`."""
    from nst.engine.transfer import stylize

    return stylize(*args, preview_seconds=PREVIEW_SECONDS, **kwargs)


def sketch(*args: Any, **kwargs: Any) -> "Sketch":
    """Return a sketch; see `nst.engine.transfer.sketch`."""
    from nst.engine.transfer import sketch

    return sketch(*args, **kwargs)


def stylize_film(*args: Any, **kwargs: Any) -> "Iterator[FilmProgress]":
    """Return the generator of a film; see `nst.video.transfer.stylize_film`."""
    from nst.video.transfer import stylize_film

    return stylize_film(*args, **kwargs)


def warm_up(options: RunOptions | None = None) -> None:
    """Load the network; see `nst.engine.transfer.warm_up`."""
    from nst.engine.transfer import warm_up

    warm_up(options)


def paint(worker: str, order: Order, desk: Desk, engine: Engine, load: Callable[[], None]) -> None:
    """Paint a job and report to `desk`; whatever ends it, the best picture so far is kept.

    Args:
        load: Called first, for a network that is not loaded yet.
    """
    watch = Watch(worker, order, desk)
    painting = painted(_records(order, engine, load, watch.is_to_stop_now), watch.is_to_stop)
    if watch.is_late and painting.record is not None:
        late = f"Stopped after {order.seconds:.0f} seconds, the most that a picture gets here."
        desk.note(worker, order.id, JobProgress.of(painting.record, order.checkpoint), late, None)
    desk.finish(worker, order.id, _outcome(order, painting, watch.kept))


class Watch:
    """Reports the engine's records to the desk, and takes checkpoints.

    Attributes:
        kept: The last checkpoint, be it of an earlier run.
        is_late: Whether the time limit has ended the run.
    """

    def __init__(self, worker: str, order: Order, desk: Desk) -> None:
        self.kept, self.is_late = order.checkpoint, False
        self._worker, self._order, self._desk = worker, order, desk
        self._begun = self._kept_at = self._asked_at = time.monotonic()

    def is_to_stop_now(self) -> bool:
        """Return whether the job is to end in the middle of an evaluation; asked often, it seldom asks the desk."""
        now = time.monotonic()
        before = 0.0 if self._order.checkpoint is None else self._order.checkpoint.seconds
        self.is_late |= now - self._begun + before > self._order.seconds
        if self.is_late:
            return True
        if now - self._asked_at < ASKING_SECONDS:
            return False
        self._asked_at = now
        return self._desk.is_to_end(self._worker, self._order.id)

    def is_to_stop(self, record: "Progress") -> bool:
        """Take a record and return whether the job is to end with it."""
        progress = JobProgress.of(record, self._order.checkpoint)
        self.is_late |= progress.seconds > self._order.seconds
        preview = None if record.preview is None else preview_jpeg(record.preview)
        if self._desk.note(self._worker, self._order.id, progress, record.note, preview) or self.is_late:
            return True
        is_due = time.monotonic() - self._kept_at >= self._order.checkpoint_seconds
        if is_due and is_at_final_size(record.scale, record.scales, record.config):
            self.kept = _checkpoint(self._order, record)
            self._desk.keep(self._worker, self._order.id, self.kept)
            self._kept_at = time.monotonic()
        return False


def incident(what: str, error: Exception) -> str:
    """Log an exception under a new incident's number; return the sentence for the job's owner."""
    number = secrets.token_hex(4)
    _log.error("%s, incident %s.", what, number, exc_info=error)
    if is_out_of_memory(error):
        return f"The computer ran out of memory; try a smaller size (incident {number})."
    return f"Something went wrong while painting; try again or change the settings (incident {number} in the log)."


def _records(
    order: Order, engine: Engine, load: Callable[[], None], interrupted: Callable[[], bool]
) -> "Iterator[Progress]":
    """Run the engine, from the checkpoint if there is one."""
    load()
    spec, recipe, initial = order.spec, order.spec.recipe, order.spec.initial
    config, more = recipe.config, recipe.masks
    if order.checkpoint is not None:
        left, initial = order.checkpoint.left, order.checkpoint.picture
        more, config = {**more, "finishing": is_finishing(config, left)}, going_on(config, left)
    yield from engine(spec.content, spec.styles, config, initial=initial, interrupted=interrupted, **more)


def _checkpoint(order: Order, record: "Progress") -> Checkpoint:
    progress = JobProgress.of(record, order.checkpoint)
    return Checkpoint(record.picture(), progress.step, record.steps - record.step, progress.seconds)


def _outcome(order: Order, painting: "Painting[Progress]", kept: Checkpoint | None) -> Outcome:
    """Return the files of the last record, or else of the last checkpoint, and what went wrong, if anything did."""
    sentence = None if painting.error is None else told(f"Job {label(order.id)} failed", painting.error)
    before = 0 if order.checkpoint is None else order.checkpoint.step
    if painting.record is not None:
        try:
            result = painting.result if order.spec.bits == 8 else painting.fine_result
            return _files(order, *result(order.spec.recipe, before), sentence)
        except Exception as error:
            again = told(f"No picture could be made of the last state of job {label(order.id)}", error)
            sentence = sentence or again
    if kept is None:
        return Outcome(error=sentence)
    try:
        outcome = _files(order, kept.picture, _recipe_of(order, kept, before, painting.record), sentence)
    except Exception as error:
        return Outcome(error=told(f"Not even the checkpoint of job {label(order.id)} could be made a picture", error))
    left = f"What is left is the picture after {kept.step} evaluations."
    return replace(outcome, error=f"{sentence} {left}" if sentence else left)


def _recipe_of(order: Order, kept: Checkpoint, before: int, record: "Progress | None") -> Recipe:
    """Return the recipe of a checkpoint, which was made before or in the run that ended with `record`."""
    recipe = order.spec.recipe
    run = recipe.run
    if record is not None:
        resumed = (before, kept.step - before) if before else None
        run = Provenance.of(record.options, record.device, resumed, record.weights, record.low_rank)
        recipe = recipe.with_strength(record.config)
    return replace(recipe, run=run, evaluations=kept.step)


def _files(order: Order, picture: Pixels | Levels, recipe: Recipe, sentence: str | None) -> Outcome:
    return Outcome(*result_files(picture, recipe, order.spec.dpi), sentence)


def told(what: str, error: Exception) -> str:
    """Log an error; return the sentence for the job's owner."""
    if isinstance(error, StyleTransferError):
        _log.warning("%s: %s", what, error)
        return str(error)
    return incident(what, error)


def preview_jpeg(pixels: Pixels) -> bytes:
    """Return a picture so far as it is shown: small, and of few bytes."""
    small = resize(pixels, min(PREVIEW_SIDE, max(pixels.shape)))
    for quality in PREVIEW_QUALITIES:
        jpeg = encode_jpeg(small, quality)
        if len(jpeg) <= PREVIEW_BYTES:
            break
    return jpeg
