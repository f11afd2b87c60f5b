"""What a film has, found by looking through it once before anything is painted: sizes, times, scenes."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from nst.config import FilmConfig
from nst.errors import FilmError, Interrupted
from nst.pictures.codec import fitted_shape
from nst.plan.scales import Shape
from nst.video.film import Film, chosen
from nst.video.scenes import Look, difference, look

#: The most frames of one run: eleven minutes at 30 a second.
MAX_FRAMES = 20_000


@dataclass(frozen=True)
class Survey:
    """The frames of a film that are to be painted.

    Attributes:
        shape: (height, width) at which they are painted, both even, as the encoders of films want it.
        times: When each is shown, in seconds from the first; ascending.
        scenes: Numbers from 0 of the frames that begin a scene; the first is 0.
    """

    shape: Shape
    times: tuple[Fraction, ...]
    scenes: tuple[int, ...]

    @classmethod
    def of(cls, film: Film, config: FilmConfig, interrupted: Callable[[], bool] | None = None) -> Self:
        """Look through a film.

        Raises:
            FilmError, ImageError: if it cannot be read, has no frames or too many.
            Interrupted: if `interrupted`, which is asked at each frame, says so.
        """
        shape: Shape | None = None
        times: list[Fraction] = []
        scenes: list[int] = []
        before: Look | None = None
        for frame in chosen(film, config):
            if interrupted is not None and interrupted():
                raise Interrupted
            if len(times) == MAX_FRAMES:
                raise FilmError(
                    f"{film.name}: expected at most {MAX_FRAMES} frames, got more; paint a part by --start and "
                    "--seconds, or fewer frames by --fps."
                )
            shape = shape or _even_shape(frame.pixels.shape[0], frame.pixels.shape[1], config)
            now = look(frame.pixels)
            if before is None or difference(before, now) > config.scene_change:
                scenes.append(len(times))
            before = now
            times.append(frame.time)
        if shape is None:
            raise FilmError(f"{film.name}: expected frames to paint, got none; check --start, or the file.")
        return cls(shape, tuple(times), tuple(scenes))

    @classmethod
    def expected(cls, shape: Shape, config: FilmConfig) -> Self:
        """Return what is to be expected of a film that nobody has looked through: one scene, all of its frames there.

        Args:
            shape: (height, width) of its frames.
            config: With `seconds` and `fps` above 0.
        """
        count = max(1, min(MAX_FRAMES, math.ceil(config.seconds * config.fps)))
        fps = Fraction(config.fps).limit_denominator(1001)
        return cls(_even_shape(*shape, config), tuple(number / fps for number in range(count)), (0,))

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.times)

    @property
    def fps(self) -> Fraction:
        """Frames a second, on average."""
        if self.frames == 1 or self.times[-1] == self.times[0]:
            return Fraction(25)
        return (self.frames - 1) / (self.times[-1] - self.times[0])

    def to_dict(self) -> dict[str, Any]:
        """Return the survey as JSON types; `from_dict` reads it back unchanged."""
        return {"shape": list(self.shape), "times": [str(time) for time in self.times], "scenes": list(self.scenes)}

    @classmethod
    def from_dict(cls, entries: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises KeyError, TypeError or ValueError for anything else."""
        height, width = map(int, entries["shape"])
        return cls((height, width), tuple(map(Fraction, entries["times"])), tuple(map(int, entries["scenes"])))


def _even_shape(height: int, width: int, config: FilmConfig) -> Shape:
    """Return the even (height, width) nearest to that of a picture painted with `config`; never upscaled unasked."""
    long_side = config.size if config.upscale else min(config.size, max(height, width))
    fitted = fitted_shape(height, width, long_side)
    return (max(2, fitted[0] // 2 * 2), max(2, fitted[1] // 2 * 2))
