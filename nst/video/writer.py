"""Painted frames to a film: H.264, each frame at its own time, with the sound of the film that it was made of."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from nst.errors import FilmError
from nst.pictures.codec import Pixels, printable_name
from nst.video.film import FileFilm, Film
from nst.video.library import opened, pyav
from nst.video.sound import Sound
from nst.video.survey import Survey

if TYPE_CHECKING:
    import av.container

#: Endings of the films that are written.
SUFFIXES = (".mp4", ".mov", ".mkv")
#: x264's constant quality: brush strokes are fine detail, and this is where one stops seeing a difference.
_QUALITY = "16"
#: Ticks a second of the film's clock, in which the usual frame rates are whole numbers.
_CLOCK = 90_000


def check_suffix(output: Path) -> None:
    """Raise FilmError if no film of this name is written."""
    if output.suffix.lower() not in SUFFIXES:
        raise FilmError(f"-o: expected a name that ends in {', '.join(SUFFIXES)}, got {printable_name(output.name)!r}.")


def write_film(
    pictures: Iterator[Pixels], survey: Survey, output: Path, unfinished: Path, film: Film, start: float, about: str
) -> None:
    """Write a film as a whole, or not at all.

    Args:
        pictures: Of its frames, uint8 RGB (height, width, 3) each, at the survey's size.
        survey: When they are shown.
        output: Where; what is there is replaced in the end.
        unfinished: Where it is put together, on the same disk; what is there is of no use.
        film: What it was made of, whose sound is kept if it has any.
        start: Seconds of `film` that were left out at its beginning.
        about: Kept in the film as a comment.

    Raises:
        FilmError: if it cannot be written.
    """
    av = pyav()
    try:
        with av.open(f"file:{unfinished}", "w", container_options=_options(output)) as container, _sound(film) as sound:
            container.metadata["comment"] = about
            _write(container, pictures, survey, None if sound is None else Sound(sound, container, start))
        with open(unfinished, "rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(output)
    except (OSError, av.error.FFmpegError) as error:
        raise FilmError(
            f"-o: expected a film that can be written, got {error.strerror or error} for "
            f"{printable_name(str(output))!r}; make room or choose another place: the frames are kept."
        ) from error


def _options(output: Path) -> dict[str, str]:
    # The index in front, so that a film plays while it is loaded.
    return {} if output.suffix.lower() == ".mkv" else {"movflags": "+faststart"}


@contextmanager
def _sound(film: Film) -> "Iterator[av.container.InputContainer | None]":
    """Open the film for its sound; None if it has none."""
    if not isinstance(film, FileFilm):
        yield None
        return
    with opened(str(film.path), film.name) as container:
        yield container if container.streams.audio else None


def _write(
    container: "av.container.OutputContainer", pictures: Iterator[Pixels], survey: Survey, sound: Sound | None
) -> None:
    import av

    height, width = survey.shape
    stream = container.add_stream("libx264", rate=survey.fps.limit_denominator(1001), options={"crf": _QUALITY})
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.codec_context.time_base = Fraction(1, _CLOCK)
    # Said in the file, so that no player has to guess from the size which green is meant.
    stream.codec_context.colorspace = stream.codec_context.color_primaries = stream.codec_context.color_trc = 1
    for picture, (time, until) in zip(pictures, _shown(survey), strict=True):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
        frame.pts, frame.time_base = round(time * _CLOCK), Fraction(1, _CLOCK)
        frame.duration = round(until * _CLOCK) - frame.pts
        container.mux(stream.encode(frame))
        if sound is not None:
            sound.write_until(until)
    container.mux(stream.encode(None))
    if sound is not None:
        sound.finish()


def _shown(survey: Survey) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield from when to when each frame is shown, in seconds; the last as long as the average."""
    times = [time - survey.times[0] for time in survey.times]
    yield from pairwise([*times, times[-1] + 1 / survey.fps])
