"""One film from its order to its outcome: painted in a folder of its own, in which a job after a restart goes on.

What is kept of it in any case is its first frame, as a picture, and all that was painted, as a film.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst.errors import Interrupted
from nst.jobs.painter import PREVIEW_SECONDS, Desk, Watch, preview_jpeg, told
from nst.jobs.records import JobProgress, Order, Outcome, label
from nst.jobs.workplace import PAINTED, SOURCE, Workplaces
from nst.pictures.codec import encode_jpeg, read_picture
from nst.video.frames import FrameFolder
from nst.video.part import write_part

if TYPE_CHECKING:
    from nst.video.transfer import FilmProgress

FilmEngine = Callable[..., "Iterator[FilmProgress]"]


def paint_film(
    worker: str,
    order: Order,
    desk: Desk,
    engine: FilmEngine,
    load: Callable[[], None],
    places: Workplaces | None = None,
) -> None:
    """Paint a job with a film and report to `desk`; whatever ends it, what was painted is kept.

    Args:
        worker, order, desk: As for `nst.jobs.painter.paint`.
        engine: With the signature of `nst.video.transfer.stylize_film`.
        load: Called first, for a network that is not loaded yet.
        places: Where the frames are kept until the film is complete; in the system's temporary folder if None.
    """
    with (places or Workplaces()).lent(order.id) as folder:
        clip = _Clip(worker, order, desk, folder)
        clip.paint(engine, load)
        desk.finish(worker, order.id, clip.outcome())


class _Clip:
    """A film under way."""

    def __init__(self, worker: str, order: Order, desk: Desk, folder: Path) -> None:
        self._worker, self._order, self._desk = worker, order, desk
        self._watch = Watch(worker, order, desk)
        self._source, self._output = folder / SOURCE, folder / PAINTED
        self._last: FilmProgress | None = None
        self._progress: JobProgress | None = None
        self._first: bytes | None = None  # frame, a PNG
        self._error: str | None = None
        self._told_at = -PREVIEW_SECONDS

    def paint(self, engine: FilmEngine, load: Callable[[], None]) -> None:
        """Run the engine until it ends, fails, or the desk says so."""
        spec = self._order.spec
        assert spec.film is not None
        self._source.write_bytes(spec.film.data)
        settings: dict[str, Any] = {
            "sources": spec.recipe.styles,
            "interrupted": self._watch.is_to_stop_now,
        }
        try:
            load()
            for record in engine(self._source, spec.styles, self._output, spec.film.config, **settings):
                self._last = record
                if self._is_to_stop(record):
                    break
        except Interrupted:
            pass
        except Exception as error:
            self._error = told(f"Job {label(self._order.id)} failed", error)

    def _is_to_stop(self, record: "FilmProgress") -> bool:
        """Take a record and return whether the job is to end with it."""
        self._first = self._first or self._first_frame(record)
        if record.record is not None:
            self._progress = replace(
                JobProgress.of(record.record), step=record.done, steps=record.frames, scale=1, scales=1,
                seconds=record.seconds, eta=record.eta,
            )  # fmt: skip
        now = time.monotonic()
        if self._progress is None or (record.picture is None and now - self._told_at < PREVIEW_SECONDS):
            return False
        preview = None
        if record.picture is not None:
            self._progress = replace(self._progress, step=record.done, eta=record.eta)
            data = record.picture.read_bytes()
            preview = preview_jpeg(read_picture(data).pixels)
        self._told_at = now
        return self._desk.note(self._worker, self._order.id, self._progress, "", preview)

    def _first_frame(self, record: "FilmProgress") -> bytes | None:
        """Return the PNG of the first frame, which an earlier run of the server may have painted; None if none has."""
        file = FrameFolder(FrameFolder.beside(self._output), record.survey).file(0)
        return file.read_bytes() if file.is_file() else None

    def outcome(self) -> Outcome:
        """Return the first frame and the film as far as it is painted, and what went wrong, if anything did."""
        if self._watch.is_late and self._progress is not None:
            late = f"Stopped after {self._order.seconds:.0f} seconds, the most that a film gets here."
            self._desk.note(self._worker, self._order.id, self._progress, late, None)
        if self._first is None:
            return Outcome(error=self._error)
        jpeg = encode_jpeg(read_picture(self._first).pixels)
        film = self._film()
        return Outcome(self._first, jpeg, self._error, film)

    def _film(self) -> bytes | None:
        last = self._last
        if last is None:
            return None
        try:
            if last.output is None:
                write_part(self._source, self._output, last.survey, last.done, self._order.spec.recipe.to_json())
            return self._output.read_bytes()
        except Exception as error:
            self._error = self._error or told(f"The film of job {label(self._order.id)} could not be written", error)
            return None
