"""What the queue, the workers and the page hand each other: frozen records of a job."""

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, Self

from nst.config import FilmConfig
from nst.jobs.limits import Limits
from nst.jobs.place import Place
from nst.jobs.sketches import Sketched, SketchNews, Wish
from nst.pictures.codec import Pixels
from nst.progress import RunProgress
from nst.recipes.recipe import Recipe

if TYPE_CHECKING:
    from nst.engine.records import Progress


class JobState(StrEnum):
    """Where a job is in its life; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SAVING = "saving"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in (JobState.DONE, JobState.CANCELLED, JobState.FAILED)


def label(job_id: str) -> str:
    """Return a name for a job in the log; the id itself opens the job's pictures."""
    return hashlib.sha256(job_id.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class FilmClip:
    """A film that is to be painted.

    Attributes:
        data: Its file.
        name: What the visitor calls it.
        config: The settings, with the seconds that are painted and the frames a second, both above 0.
    """

    data: bytes
    name: str
    config: FilmConfig

    @property
    def frames(self) -> int:
        """The most frames that it can have."""
        return max(1, math.ceil(self.config.seconds * self.config.fps))


@dataclass(frozen=True)
class JobSpec:
    """What to paint: uint8 RGB pixels (height, width, 3), and the recipe with the settings, which the PNG will carry.

    With a ``recipe.config.sketch_weight`` `initial` can be the sketch.

    `initial` is the picture to start from, with ``recipe.config.init == "picture"``. `dpi` are the dots per inch of a
    picture that is painted for a print, which its files will have, and `bits` those of a channel of its PNG, 8 or 16.
    With a `film` all of its frames are painted; then `content` is the first one, and the recipe's settings are those of
    a frame that follows no other. `series` says where a picture of several that are painted one after the other stands.
    With a `reached` the run goes on from an unfinished one: what it ends with is as good as a run from the start with
    so many evaluations at the final size.
    """

    content: Pixels
    styles: tuple[Pixels, ...]
    recipe: Recipe
    initial: Pixels | None = None
    dpi: float | None = None
    bits: int = 8
    film: FilmClip | None = None
    series: Place | None = None
    reached: int | None = None

    def size(self) -> int:
        """Return how many bytes the pictures take, with those of a series that come after it, and the film."""
        pictures = sum(each.nbytes for each in (self.content, *self.styles, self.initial) if each is not None)
        film = 0 if self.film is None else len(self.film.data)
        return pictures + film + (0 if self.series is None else self.series.size())


@dataclass(frozen=True)
class Checkpoint:
    """A running job's picture at the final size, from which a run can go on.

    Attributes:
        picture: uint8 RGB (height, width, 3).
        step: Evaluations made, over all sizes.
        left: Evaluations at the final size that were still to come.
        seconds: The run had taken.
    """

    picture: Pixels
    step: int
    left: int
    seconds: float


@dataclass(frozen=True)
class JobProgress(RunProgress):
    """The engine's latest record without its pictures, so that keeping it holds no device memory.

    Of a job that went on from a checkpoint the steps and seconds before it count too.

    Attributes:
        total: J.
        terms: Its unweighted terms by name; none in what version 0.1 has left on the disk.
        weights: Of each term, as it was given or found; in the last pass of method combined those of that pass.
    """

    total: float
    terms: dict[str, float] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, record: "Progress", base: Checkpoint | None = None) -> Self:
        """Return what is kept of the engine's record, in a run that went on from `base`."""
        values = {spec.name: getattr(record, spec.name) for spec in fields(RunProgress)}
        if base is not None:
            values["step"] += base.step
            values["steps"] += base.step
            values["seconds"] += base.seconds
        terms = dict(vars(record.losses))
        total = terms.pop("total")
        settings = record.config.of_pass(by_layer=record.scale == record.scales)
        weights = {name: getattr(settings, f"{name}_weight") for name in terms}
        return cls(**values, total=total, terms=terms, weights=weights)

    @classmethod
    def restored(cls, values: Mapping[str, Any]) -> Self:
        """Return what is on the disk of a job; what another version has written beside it is left out.

        Raises:
            TypeError: if something is missing.
        """
        known = {spec.name for spec in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})

    def weighted(self) -> dict[str, float]:
        """Return the terms that have a weight by name times it; they add up to J."""
        return {name: self.weights[name] * value for name, value in self.terms.items() if self.weights[name] > 0}


@dataclass(frozen=True)
class JobSnapshot:
    """A job at one moment.

    Attributes:
        position: Jobs to wait for: 0 unless the state is queued.
        cancelling: Whether cancel was asked for and the current evaluation is still being finished.
        loading: Whether the job waits for the network to be loaded.
        notes: Sentences for the user, oldest first.
        preview_jpeg: The best picture so far, at most `nst.jobs.painter.PREVIEW_SIDE` pixels long.
        frame: Counts the previews; unchanged means that there is nothing new to draw.
        result_png: The finished picture, or the best one when the job was cancelled or failed, with its recipe
            inside; None if it did not come that far.
        result_film: What was painted of a film, an MP4, or None; the picture is then its first frame.
        error: One sentence if the state is failed.
        history: The progress so far, at most `nst.jobs.job.POINTS` records, evenly spaced, for J's curve.
        wait: Seconds until a queued job starts, from the measured speed of the jobs before; None if the state is
            another, or as long as nothing was measured.
        own: Whether the job is that of the visitor who asked, who alone can cancel or remove it.
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
    history: tuple[JobProgress, ...] = ()
    wait: float | None = None
    own: bool = True
    result_film: bytes | None = None


@dataclass(frozen=True)
class Order:
    """A job handed to a worker.

    Attributes:
        checkpoint: Where an earlier run was interrupted, if it was.
        seconds: The worker may take, those before the checkpoint included.
        checkpoint_seconds: Between two checkpoints.
    """

    id: str
    spec: JobSpec
    checkpoint: Checkpoint | None
    seconds: float
    checkpoint_seconds: float


@dataclass(frozen=True)
class Outcome:
    """How a worker ended a job: its last picture as two files, if there is one, and a sentence if it failed.

    Of a film the picture is its first frame, and `film` what was painted of it, an MP4.
    """

    png: bytes | None = None
    jpeg: bytes | None = None
    error: str | None = None
    film: bytes | None = None


@dataclass(frozen=True)
class Statistics:
    """The queue in numbers.

    Attributes:
        jobs: Jobs that are known now, by state.
        ended: Jobs that have ended since the start, by state.
        refused: Jobs that were not taken since the start.
        recovered: Jobs that went on after their worker or server was lost, since the start.
        busy_seconds: Workers have spent on the jobs that have ended.
        oldest_wait: Seconds that the first in the queue has waited.
        silent: Longest time in seconds since a running job gave a sign of life.
        workers: That have loaded the network.
        loading: Whether none has.
    """

    jobs: dict[JobState, int]
    ended: dict[JobState, int]
    refused: int
    recovered: int
    busy_seconds: float
    oldest_wait: float
    silent: float
    workers: int
    loading: bool


class Runner(Protocol):
    """What a page needs of a queue, wherever its workers are."""

    @property
    def limits(self) -> Limits:
        """What visitors may have."""

    def submit(self, spec: JobSpec, session: str | None = None, *, network: str = "", replace: bool = False) -> str:
        """Queue a job and return its unguessable id, which shows it; raises LimitError.

        `session` is the secret of the visitor whose job it is; without one, the id is the secret. `network` is a name
        of where the visitor comes from, empty if that is not known.
        """

    def poll(self, job_id: str, session: str | None = None) -> JobSnapshot | None:
        """Return the job as it is now, or None if it is not known; its visitor also says so that they still watch."""

    def known(self, job_ids: Collection[str]) -> set[str]:
        """Return those of the ids whose jobs are still kept."""

    def frames(self, job_id: str) -> tuple[bytes, ...]:
        """Return evenly spaced previews of a job, JPEGs, oldest first, for its time-lapse."""

    def cancel(self, job_id: str, session: str | None = None) -> None:
        """Stop a visitor's own job and keep its best picture so far.

        Harmless in every state, for unknown ids, and for the jobs of others.
        """

    def remove(self, job_id: str, session: str | None = None) -> None:
        """Forget a visitor's own job that has ended, on the disk too; harmless for every other."""

    def sketches(self, wishes: Sequence[Wish], session: str, *, network: str = "") -> SketchNews:
        """Take what a page wishes to be painted in idle time, and return what is there of it.

        A page whose wishes are not fulfilled has to ask again within `nst.jobs.sketches.PATIENCE` seconds.
        """

    def give_way(self) -> None:
        """Leave the processor to a page that is being drawn: a sketch pauses for a moment."""
        ...

    def sketch(self, key: str) -> Sketched | None:
        """Return a sketch that was painted, if it is still kept."""

    def statistics(self) -> Statistics:
        """Return the queue in numbers."""

    def pace(self) -> float | None:
        """Return the seconds that a megapixel evaluation of the last pictures took; None if that is not known."""
