"""What one server gives to its visitors: bounds on pictures, jobs, time and memory, in one place.

The bounds come from a profile, then from the table ``[limits]`` of a TOML file, then from environment variables; each
later one wins. `nst.server.settings` reads the file.
"""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from nst.config import QUALITIES, FilmConfig, Quality, RunOptions, StyleTransferConfig, bounded
from nst.errors import HostingError, LimitError
from nst.plan.machine import Machine
from nst.plan.run import least_memory, work_of
from nst.plan.scales import Shape

#: Frames a second of a film, at most.
MOST_FPS = 30


def _limit(default: float, low: float, high: float, text: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "help": text})


def number(name: str, value: Any, low: float, high: float, *, whole: bool = False) -> float:
    """Return a setting of the server as a number.

    Raises:
        HostingError: if it is none from `low` to `high`, or not `whole`.
    """
    found = bounded(value, low, high)
    if found is None or (whole and found != int(found)):
        kind = "a whole number" if whole else "a number"
        raise HostingError(f"{name}: expected {kind} from {low:g} to {high:g}, got {str(value)[:40]!r}; correct it.")
    return int(found) if whole else found


@dataclass(frozen=True)
class Limits:
    """Bounds of one server, validated on construction; the defaults suit one's own computer.

    Raises:
        HostingError: naming the field, what was expected and what came.
    """

    max_size: int = _limit(8192, 64, 8192, "largest long side of a result, in pixels")
    max_steps: int = _limit(5000, 1, 5000, "most evaluations at the final size")
    max_work: float = _limit(
        1e6, 0.01, 1e9, "most work of one job, in evaluations of a megapixel; paintings and regions count with it"
    )
    session_jobs: int = _limit(1, 1, 100, "jobs of one visitor that wait or run")
    series_jobs: int = _limit(100, 1, 1000, "pictures of one visitor that are painted one after the other at one press")
    queue_jobs: int = _limit(100, 1, 10_000, "jobs of all visitors that wait or run")
    network_share: float = _limit(
        1, 0.01, 1, "largest share of the queue that the visitors of one network address may take together"
    )
    queue_megabytes: int = _limit(4000, 10, 1_000_000, "pictures that the waiting and running jobs may hold together")
    hourly_sketches: int = _limit(
        100_000,
        0,
        1_000_000,
        "sketches of one visitor's photo in the gallery's paintings that are painted in an hour; 0 for none",
    )
    film_seconds: float = _limit(10, 0, 600, "longest film that is painted, in seconds; 0 for none at all")
    job_seconds: float = _limit(14_400, 1, 1e7, "longest run of one job; then the best picture so far is its result")
    grace_seconds: float = _limit(45, 1, 1e7, "time without a sign of its page after which a job is given up")
    result_seconds: float = _limit(7200, 1, 1e8, "time that a finished picture is kept")
    kept_results: int = _limit(100, 1, 100_000, "most finished jobs that are kept, the oldest go first")
    kept_megabytes: int = _limit(500, 1, 1_000_000, "pictures that the finished jobs may hold together")
    checkpoint_seconds: float = _limit(10, 0, 1e6, "time between two checkpoints of a running job")
    decode_seconds: float = _limit(10, 1, 600, "processor seconds that decoding one uploaded file may take")
    decode_megabytes: int = _limit(2000, 512, 100_000, "memory in which an uploaded file is decoded")

    def __post_init__(self) -> None:
        for spec in fields(self):
            low, high = spec.metadata["low"], spec.metadata["high"]
            value = number(spec.name, getattr(self, spec.name), low, high, whole=spec.type is int)
            object.__setattr__(self, spec.name, value)

    def check(
        self, config: StyleTransferConfig, photo: Shape, styles: tuple[Shape, ...] = (), regions: int = 0
    ) -> None:
        """Raise LimitError if a job asks for more than it may have here, and say what to lower.

        The one check for whatever a visitor sends: it takes the same time for every input, and computes nothing else.

        Args:
            config: The settings.
            photo: (height, width) of the photo's file.
            styles: (height, width) of each painting's file.
            regions: Of the photo.
        """
        for name, most in (("size", self.max_size), ("steps", self.max_steps)):
            asked = getattr(config, name)
            if asked > most:
                raise LimitError(f"{name}: expected at most {most} on this server, got {asked}; lower it.")

        def work(**changes: int) -> float:
            return work_of(photo, styles, config.with_changes(**changes), regions)

        asked = work()
        if asked > self.max_work:
            remedies = (
                _lowered("size", _painted_size(config, photo), self.max_work, work),
                _lowered("steps", config.steps, self.max_work, work),
            )
            remedy = ", or ".join(each for each in remedies if each)
            raise LimitError(
                f"work: expected at most {self.max_work:g} evaluations of a megapixel on this server, got {asked:.4g}; "
                f"{'lower ' + remedy if remedy else 'take fewer regions or paintings, or smaller ones'}."
            )

    def check_film(self, config: FilmConfig, frame: Shape, styles: tuple[Shape, ...] = ()) -> None:
        """Raise LimitError if a film asks for more than it may have here; as `check`, for all of its frames together.

        Args:
            config: The settings; its `seconds` and `fps` bound the frames.
            frame: (height, width) of one.
            styles: (height, width) of each painting's file.
        """
        if not self.film_seconds:
            raise LimitError("film: expected a picture on this server, got a film; paint it on your own computer.")
        if not 0 < config.seconds <= self.film_seconds:
            raise LimitError(
                f"film: expected at most {self.film_seconds:g} seconds on this server, got {config.seconds:g}; cut it."
            )
        if not 0 < config.fps <= MOST_FPS:
            raise LimitError(f"film: expected at most {MOST_FPS} frames a second, got {config.fps:g}; lower them.")
        asked = film_work(config, frame, styles)
        if asked > self.max_work:
            raise LimitError(
                f"work: expected at most {self.max_work:g} evaluations of a megapixel on this server, got {asked:.4g}; "
                "lower the size, the steps, or the frames a second."
            )

    def qualities(self) -> tuple[Quality, ...]:
        """Return the named qualities that a job may have here."""
        return tuple(quality for quality in QUALITIES if quality.steps <= self.max_steps)

    def with_changes(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with some fields replaced.

        Raises:
            HostingError: for a name that is no limit, or a value out of its bounds.
        """
        for name in changes:
            if name not in _SPECS:
                raise HostingError(f"{name}: expected one of the limits {', '.join(_SPECS)}; correct the name.")
        return replace(self, **changes)


def film_work(config: FilmConfig, frame: Shape, styles: tuple[Shape, ...] = ()) -> float:
    """Return the work of a film in one scene, as `nst.plan.run.work_of`; arguments as for `Limits.check_film`."""
    first = config.first_frame()
    following = max(0, math.ceil(config.seconds * config.fps) - 1)
    return work_of(frame, styles, first) + following * work_of(frame, styles, config.next_frame(first))


def check_memory(
    config: StyleTransferConfig,
    photo: Shape,
    styles: tuple[Shape, ...],
    regions: int,
    options: RunOptions,
    machine: Machine,
) -> None:
    """Raise LimitError if a job does not fit into a machine's memory in any way, and say what to lower.

    Args:
        config, photo, styles, regions: As for `Limits.check`.
        options: How jobs are computed there.
        machine: What paints, or what can be assumed of it.
    """

    def memory(**changes: int) -> float:
        return least_memory(photo, styles, config.with_changes(**changes), options, machine.precision, regions)

    needed = memory()
    if needed > machine.memory:
        remedy = _lowered("size", _painted_size(config, photo), machine.memory, memory)
        raise LimitError(
            f"memory: expected at most {machine.memory / 1e9:.1f} GB on this server, got {needed / 1e9:.1f} GB; "
            f"{'lower ' + remedy if remedy else 'take fewer regions, paintings or style_layers, or try again later'}."
        )


def _painted_size(config: StyleTransferConfig, photo: Shape) -> int:
    """Return the long side of a result: what the photo cannot give is not painted."""
    return config.size if config.upscale else min(config.size, max(photo))


def _lowered(name: str, value: int, most: float, cost: Callable[..., float]) -> str:
    """Return e.g. "size from 1536 to 1024" with the largest value that does not cost too much; empty if none is."""
    low, high = StyleTransferConfig.__dataclass_fields__[name].metadata["low"], value
    if low >= value or cost(**{name: low}) > most:
        return ""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if cost(**{name: middle}) > most else (middle, high)
    return f"{name} from {value} to {low}"


_SPECS = {spec.name: spec for spec in fields(Limits)}

#: Named sets of limits: for one's own computer, and for a demo that strangers find.
PROFILES = {
    "own": Limits(),
    "public": Limits(
        max_size=768,
        max_steps=150,
        max_work=120,
        series_jobs=9,
        hourly_sketches=120,
        queue_jobs=60,
        network_share=0.5,
        queue_megabytes=1000,
        film_seconds=0,
        job_seconds=300,
        result_seconds=1800,
        kept_megabytes=300,
        decode_megabytes=1200,
    ),
}


def read_table(path: Path) -> dict[str, Any]:
    """Return the settings in a TOML file.

    Raises:
        HostingError: if it cannot be read or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HostingError(
            f"{path}: expected the server's settings, got an error ({error.strerror}); check NST_CONFIG."
        ) from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        raise HostingError(f"{path}: expected TOML, got {error}; correct the file.") from error


def limits_from(profile: str, table: Mapping[str, Any], environment: Mapping[str, str]) -> Limits:
    """Return the profile's limits, changed by a table of a TOML file and then by variables such as NST_MAX_SIZE.

    Raises:
        HostingError: naming what is wrong.
    """
    if profile not in PROFILES:
        raise HostingError(f"profile: expected {' or '.join(PROFILES)}, got {profile!r}; choose one.")
    variables = {name: environment[f"NST_{name.upper()}"] for name in _SPECS if f"NST_{name.upper()}" in environment}
    return PROFILES[profile].with_changes(table).with_changes(variables)
