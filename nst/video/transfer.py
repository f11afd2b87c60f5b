"""A film repainted frame by frame: each begins as the one before it, moved, and is held to it.

After Ruder, Dosovitskiy and Brox, Artistic style transfer for videos (2016, arXiv 1604.08610). `stylize_film` is a
generator like `nst.engine.transfer.stylize`: to cancel it, stop iterating. What was painted is kept, and goes on.
"""

import hashlib
import json
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst import __version__
from nst.config import FilmConfig, RunOptions, StyleTransferConfig
from nst.errors import FilmError, StyleTransferError
from nst.pictures.blocks import deblocked
from nst.pictures.codec import Pixels, resize_to
from nst.plan.scales import style_shape
from nst.recipes.provenance import Provenance
from nst.recipes.recipe import Recipe, Source
from nst.video.estimate import Pace, plan_film
from nst.video.film import Film, chosen, open_film
from nst.video.frames import FrameFolder
from nst.video.library import pyav
from nst.video.memory import RECALL, Memory
from nst.video.survey import Survey
from nst.video.writer import check_suffix, write_film
from nst.weights.files import WeightsFile

if TYPE_CHECKING:
    from nst.engine.records import Progress
    from nst.masks.temporal import TemporalTarget

#: Version of what is written beside the frames and into the film.
FORMAT = 1


@dataclass(frozen=True, eq=False)
class FilmProgress:
    """Where a film stands before the first frame, after one evaluation of J, or after a frame.

    Attributes:
        frame: The one in work or just painted, from 1; with all painted, and the film written, the last.
        frames: To be painted.
        done: Frames that are painted, those of an earlier run among them.
        survey: Its size, times and scenes.
        record: The engine's record of the frame in work; None between two frames.
        picture: File of the frame just painted; None while one is in work.
        seconds: Since the start.
        eta: Seconds left: by the frames that this run has painted, and before the first one by what they need.
        output: The film, when it is complete; else None.
        memory: Bytes that the run is expected to take, the process included.
    """

    frame: int
    frames: int
    done: int
    survey: Survey
    record: "Progress | None"
    picture: Path | None
    seconds: float
    eta: float | None
    output: Path | None = None
    memory: int = 0


def stylize_film(
    film: str | Path,
    styles: Sequence[Pixels],
    output: str | Path,
    config: FilmConfig | None = None,
    options: RunOptions | None = None,
    *,
    sources: Sequence[Source] = (),
    keep_frames: bool = False,
    interrupted: Callable[[], bool] | None = None,
) -> Iterator[FilmProgress]:
    """Repaint a film in the manner of one or more paintings; a record at first, one an evaluation of J, one a frame.

    The painted frames are kept as PNGs in the folder ``OUTPUT.frames`` until the film is complete. The same call after
    an interruption of any kind goes on from them.

    Args:
        film: A file that PyAV reads, or a folder of pictures.
        styles: The paintings, uint8 RGB (height, width, 3) each.
        output: The film to write, ``.mp4``, ``.mov`` or ``.mkv``; its sound is that of `film`.
        config: The settings; the defaults if None.
        options: How it is computed; the defaults if None.
        sources: What the recipes call the paintings; by their pixels' checksums if empty.
        keep_frames: Whether to keep the folder in the end too.
        interrupted: Whether to stop in the middle of an evaluation; the frame in work is then lost.

    Raises:
        FilmError: if the film cannot be read or written, has too many frames, or PyAV is not installed.
        StyleTransferError: as `nst.engine.transfer.stylize`.
        Interrupted: if `interrupted` says so while the film is looked through, before the first record.
    """
    config, options = config or FilmConfig(), options or RunOptions()
    pyav()
    painted = Path(output)
    check_suffix(painted)
    config.blend(len(styles))
    if config.init == "picture":
        raise FilmError("init: expected content, noise or blend for a film's first frame, got picture; choose one.")
    names = tuple(sources) or tuple(
        Source(f"painting {number}", hashlib.sha256(style.tobytes()).hexdigest())
        for number, style in enumerate(styles, start=1)
    )
    task = _Task(open_film(Path(film)), styles, names, painted, config, options, keep_frames, interrupted)
    identity = task.identity()
    # Refuses, before the work, what a recipe cannot hold.
    Recipe(Source(task.film.name, identity["film"]["sha256"]), names, config.first_frame(), __version__)
    folder = FrameFolder.found(FrameFolder.beside(painted), identity)
    if folder is None:
        survey = Survey.of(task.film, config, interrupted)
        folder = FrameFolder.made(FrameFolder.beside(painted), identity, survey)
    return _Run(task, identity, folder).records()


@dataclass(frozen=True, eq=False)
class _Task:
    """What `stylize_film` was asked for."""

    film: Film
    styles: Sequence[Pixels]
    sources: tuple[Source, ...]
    output: Path
    config: FilmConfig
    options: RunOptions
    keep_frames: bool
    interrupted: Callable[[], bool] | None

    def identity(self) -> dict[str, Any]:
        """Return what the film is made of, as JSON types: with another one its frames are others."""
        weights = WeightsFile.of(self.options)
        return {
            "film": {"format": FORMAT, "name": self.film.name, "sha256": self.film.checksum()},
            "nst": __version__,
            "styles": [vars(source) for source in self.sources],
            "config": self.config.to_dict(),
            **({} if weights is None else {"vgg19": vars(weights.source)}),
        }


class _Run:
    """A film under way: what is painted already is read, what is not is painted."""

    def __init__(self, task: _Task, identity: dict[str, Any], folder: FrameFolder) -> None:
        self._task, self._identity, self._folder, self._survey = task, identity, folder, folder.survey
        # The survey has made the size even, and every frame is at it, cut already.
        self._config = task.config.with_changes(size=max(64, *self._survey.shape), crop=0.0)
        self._first = self._config.first_frame()
        # Once for all frames; what is smooth is left as it is then.
        self._styles = [self._deblocked(style) for style in task.styles]
        share = self._config.next_frame(self._first).steps / self._first.steps
        self._memory, self._start, self._done = Memory(share), time.monotonic(), folder.count()
        self._scenes = frozenset(self._survey.scenes)
        #: The file of the frame before, as it was saved.
        self._before: Source | None = None
        self._pace = self._expected()

    def _deblocked(self, style: Pixels) -> Pixels:
        """Return a painting without the JPEG blocks that would show in the frames."""
        used = style_shape(style.shape[0], style.shape[1], max(self._survey.shape), self._first)
        return deblocked(style, max(used))

    def _expected(self) -> Pace:
        """Return what the film takes, before anything is painted; raises OversizeError if it does not fit."""
        from nst.engine.device import this_machine

        machine = this_machine(self._task.options.precision, self._task.options.memory, measured=True)
        shapes = tuple((style.shape[0], style.shape[1]) for style in self._task.styles)
        return Pace(plan_film(self._survey, shapes, self._config, self._task.options, machine))

    def records(self) -> Iterator[FilmProgress]:
        """Paint what is not painted yet, then write the film."""
        yield self._record(0)
        for number, frame in enumerate(chosen(self._task.film, self._task.config)):
            if number >= self._survey.frames:
                break
            pixels = resize_to(frame.pixels, *self._survey.shape)
            if number in self._scenes:
                self._memory.forget()
            picture = self._kept(number)
            if picture is None:
                picture = None if self._is_stopped() else (yield from self._painted(number, pixels))
            if picture is None:
                return
            self._memory.keep(pixels, picture, settled=number < self._done - RECALL)
        if self._done < self._survey.frames:
            raise FilmError(
                f"{self._task.film.name}: expected {self._survey.frames} frames as before, got {self._done}; "
                "the film has changed: remove its folder of frames to begin anew."
            )
        self._write()
        yield self._record(self._done - 1, output=self._task.output)

    def _kept(self, number: int) -> Pixels | None:
        """Return a frame that an earlier run has painted, and take note of it; None if none has."""
        picture = self._folder.read(number)
        recipe = None if picture is None else self._folder.recipe(number)
        if picture is None or recipe is None:
            self._done -= self._folder.file(number).is_file()  # a damaged one, which is painted anew
            return None
        self._settle(number, recipe.config)
        self._before = self._source(number)
        return picture

    def _painted(self, number: int, frame: Pixels) -> Generator[FilmProgress, None, Pixels | None]:
        """Paint a frame, yield its records, and return it when it is kept; None if the run is interrupted."""
        from nst.engine.transfer import stylize

        begin = time.monotonic()
        target = self._memory.target(frame)
        config = self._first if target is None else self._config.next_frame(self._first)
        record = None
        for record in stylize(
            frame,
            self._styles,
            config,
            self._task.options,
            initial=None if target is None else target.picture,
            temporal=target,
            preview_seconds=None,
            interrupted=self._task.interrupted,
        ):
            yield self._record(number, record)
        if record is None or (record.step < record.steps and self._is_stopped()):
            return None
        picture = record.picture()
        self._folder.write(number, picture, self._recipe(number, record, target))
        self._settle(number, record.config)
        self._done += 1
        self._before = self._source(number)
        self._pace.painted(time.monotonic() - begin, begins=target is None)
        yield self._record(number, picture=self._folder.file(number))
        return picture

    def _is_stopped(self) -> bool:
        return self._task.interrupted is not None and self._task.interrupted()

    def _settle(self, number: int, config: StyleTransferConfig) -> None:
        """Keep the style weight that was found for the first frame, if it was to be, for the whole film."""
        if number == 0:
            changes = {"photo_kept": config.photo_kept, "style_weight": config.style_weight}
            self._first = self._first.with_changes(**changes)

    def _recipe(self, number: int, record: "Progress", target: "TemporalTarget | None") -> Recipe:
        content = Source(f"{self._task.film.name} frame {number + 1}", self._identity["film"]["sha256"])
        initial = None if target is None else self._before
        run = Provenance.of(record.options, record.device, weights=record.weights, low_rank=record.low_rank)
        return Recipe(content, self._task.sources, record.config, __version__, initial, run=run)

    def _source(self, number: int) -> Source:
        return Source.of(self._folder.file(number).name, self._folder.file(number).read_bytes())

    def _eta(self) -> float | None:
        beginnings = sum(scene >= self._done for scene in self._scenes)
        return self._pace.left(beginnings, self._survey.frames - self._done - beginnings)

    def _record(
        self,
        number: int,
        record: "Progress | None" = None,
        picture: Path | None = None,
        output: Path | None = None,
    ) -> FilmProgress:
        seconds = time.monotonic() - self._start
        frames = self._survey.frames
        return FilmProgress(
            number + 1, frames, self._done, self._survey, record, picture, seconds, self._eta(), output,
            self._pace.plan.memory,
        )  # fmt: skip

    def _write(self) -> None:
        """Write the film, then let go of its frames."""
        about = json.dumps(self._identity, ensure_ascii=False)
        start = float(self._config.start + self._survey.times[0])
        unfinished = self._folder.unfinished(self._task.output.suffix.lower())
        write_film(self._pictures(), self._survey, self._task.output, unfinished, self._task.film, start, about)
        if not self._task.keep_frames:
            self._folder.remove()

    def _pictures(self) -> Iterator[Pixels]:
        for number in range(self._survey.frames):
            picture = self._folder.read(number)
            if picture is None:
                raise StyleTransferError(
                    f"{self._folder.file(number).name}: expected the frame that was painted, got none or a damaged "
                    "one; start the same command again: it is painted anew."
                )
            yield picture
