"""One job from its order to its outcome, wherever the worker is: the engine's loop, previews, checkpoints, errors.

TensorFlow is imported by the engine alone; importing this module costs nothing.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from nst.config import RunOptions
from nst.errors import StyleTransferError, is_out_of_memory
from nst.jobs.records import Checkpoint, JobProgress, Order, Outcome, label
from nst.pictures.codec import Pixels, encode_jpeg, encode_png, resize
from nst.recipes.provenance import Provenance

if TYPE_CHECKING:
    from nst.engine.transfer import Progress

#: Seconds between live previews.
PREVIEW_SECONDS = 0.4
#: Long side and bytes of a live preview, and the JPEG qualities that are tried until it is no larger.
PREVIEW_SIDE = 768
PREVIEW_BYTES = 120_000
PREVIEW_QUALITIES = (80, 65, 50, 35, 20)

#: Evaluations that a run from a checkpoint gets on top of those that were left. L-BFGS starts with an empty memory
#: there; with this many more it ends no worse than a run that was never interrupted (see benchmarks/resume.json).
RESUMED_STEPS = 20

_log = logging.getLogger(__name__)

Engine = Callable[..., "Iterator[Progress]"]


class Desk(Protocol):
    """Where a worker reports; the queue itself, or a stand-in for one in another process."""

    def note(self, worker: str, job_id: str, progress: JobProgress, note: str, preview: bytes | None) -> bool:
        """Take the latest record and return whether the job is to end here."""

    def keep(self, worker: str, job_id: str, checkpoint: Checkpoint) -> None:
        """Take a checkpoint."""

    def finish(self, worker: str, job_id: str, outcome: Outcome) -> None:
        """Take how the job ended."""


def stylize(*args: Any, **kwargs: Any) -> "Iterator[Progress]":
    """Return the engine's generator; see `nst.engine.transfer.stylize`."""
    from nst.engine.transfer import stylize

    return stylize(*args, preview_seconds=PREVIEW_SECONDS, **kwargs)


def warm_up(options: RunOptions | None = None) -> None:
    """Load the network; see `nst.engine.transfer.warm_up`."""
    from nst.engine.transfer import warm_up

    warm_up(options)


def paint(worker: str, order: Order, desk: Desk, engine: Engine, load: Callable[[], None]) -> None:
    """Paint a job and report to `desk`; whatever ends it, the best picture so far is kept.

    Args:
        load: Called first, for a network that is not loaded yet.
    """
    record: Progress | None = None
    sentence = None
    try:
        load()
        saved = time.monotonic()
        for record in _records(order, engine):
            if _stopped(worker, order, record, desk):
                break
            if time.monotonic() - saved >= order.checkpoint_seconds and record.scale == record.scales:
                desk.keep(worker, order.id, _checkpoint(order, record))
                saved = time.monotonic()
    except StyleTransferError as error:
        _log.warning("Job %s failed: %s", label(order.id), error)
        sentence = str(error)
    except Exception as error:
        sentence = incident(f"Job {label(order.id)} failed", error)
    desk.finish(worker, order.id, _outcome(order, record, sentence))


def incident(what: str, error: Exception) -> str:
    """Log an exception under a new incident's number; return the sentence for the job's owner."""
    number = secrets.token_hex(4)
    _log.error("%s, incident %s.", what, number, exc_info=error)
    if is_out_of_memory(error):
        return f"The computer ran out of memory; try a smaller size (incident {number})."
    return f"Something went wrong while painting; try again or change the settings (incident {number} in the log)."


def _records(order: Order, engine: Engine) -> "Iterator[Progress]":
    """Start the engine, at the checkpoint if there is one."""
    spec, recipe, initial = order.spec, order.spec.recipe, order.spec.initial
    config = recipe.config
    if order.checkpoint is not None:
        steps = min(order.checkpoint.left + RESUMED_STEPS, config.steps)
        config, initial = config.with_changes(init="picture", steps=steps), order.checkpoint.picture
    masks = {"regions": recipe.regions, "style_guides": recipe.style_guides}
    return engine(spec.content, spec.styles, config, initial=initial, **masks)


def _checkpoint(order: Order, record: "Progress") -> Checkpoint:
    progress = JobProgress.of(record, order.checkpoint)
    return Checkpoint(record.picture(), progress.step, record.steps - record.step, progress.seconds)


def _stopped(worker: str, order: Order, record: "Progress", desk: Desk) -> bool:
    """Report the engine's latest record and return whether the job is to end here."""
    progress = JobProgress.of(record, order.checkpoint)
    late = progress.seconds > order.seconds
    note = record.note
    if late:
        note = f"{note} Stopped after {order.seconds:.0f} seconds, the most that a picture gets here.".strip()
    preview = None if record.preview is None else _preview(record.preview)
    return desk.note(worker, order.id, progress, note, preview) or late


def _outcome(order: Order, record: "Progress | None", sentence: str | None) -> Outcome:
    """Return the files of the last record, if the job came that far, and its error, if any."""
    try:
        if record is None:
            return Outcome(error=sentence)
        picture = record.picture()
        recipe = order.spec.recipe.as_run(Provenance.of(record.options, record.device), *_evaluations(order, record))
        return Outcome(encode_png(picture, recipe.to_json()), encode_jpeg(picture), sentence)
    except Exception as error:
        told = incident(f"No picture could be made of the last state of job {label(order.id)}", error)
        return Outcome(error=sentence or told)


def _evaluations(order: Order, record: "Progress") -> tuple[int, int]:
    progress = JobProgress.of(record, order.checkpoint)
    return progress.step, progress.steps


def _preview(pixels: Pixels) -> bytes:
    small = resize(pixels, min(PREVIEW_SIDE, max(pixels.shape)))
    for quality in PREVIEW_QUALITIES:
        jpeg = encode_jpeg(small, quality)
        if len(jpeg) <= PREVIEW_BYTES:
            break
    return jpeg
