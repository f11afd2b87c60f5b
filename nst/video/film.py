"""What is to be painted: a film or animation that PyAV reads, or a folder of pictures; frame after frame."""

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from nst.config import FilmConfig
from nst.errors import FilmError
from nst.pictures.codec import MAX_PIXELS, Pixels, printable_name, read_picture_file
from nst.plan.scales import cropped
from nst.video.library import opened

if TYPE_CHECKING:
    import av

#: Frames a second of a folder, unless it is told otherwise.
FOLDER_FPS = 25
#: Endings of the pictures that a folder's frames may be.
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".avif")


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame, uint8 RGB (height, width, 3), and when it is shown, in seconds from the beginning."""

    pixels: Pixels
    time: Fraction


class Film(Protocol):
    """A source of frames."""

    @property
    def path(self) -> Path:
        """Where it is."""

    @property
    def name(self) -> str:
        """What it is called."""

    def frames(self) -> Iterator[Frame]:
        """Yield all frames in order; raises FilmError or ImageError."""

    def checksum(self) -> str:
        """Return the sha256 of the whole, 64 hexadecimal digits."""


def open_film(path: Path) -> Film:
    """Return the film in a file, or of the pictures in a folder in the order of their names.

    Raises:
        FilmError: if there is neither.
    """
    if path.is_dir():
        return FolderFilm(path)
    if not path.is_file():
        raise FilmError(
            f"{printable_name(str(path))}: expected a film or a folder of pictures, got a path where there is none; "
            "check the name."
        )
    return FileFilm(path)


def chosen(film: Film, config: FilmConfig) -> Iterator[Frame]:
    """Yield the frames that are to be painted, cut as `config` says; their times begin at 0, where the part does.

    Raises:
        FilmError, ImageError: as `Film.frames`.
    """
    first, due = None, Fraction(0)
    begin, seconds, fps = map(_exact, (config.start, config.seconds, config.fps))
    is_folder = isinstance(film, FolderFilm)
    for frame in film.frames():
        first = frame.time if first is None else first
        time = frame.time - first
        if is_folder and fps:
            time = time * FOLDER_FPS / fps
        time -= begin
        if time < 0 or time < due:
            continue
        if seconds and time >= seconds:
            return
        if fps and not is_folder:
            due = (math.floor(time * fps) + 1) / fps
        yield Frame(cropped(frame.pixels, config.crop), time)


def _exact(number: float) -> Fraction:
    """Return the fraction that a decimal number was meant to be: 0.08 is not quite 8/100 as a float."""
    return Fraction(number).limit_denominator(10**6)


@dataclass(frozen=True)
class FileFilm:
    """A film in a file of any format that PyAV reads, e.g. MP4, MOV, MKV, WebM, AVI or GIF."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name, printable."""
        return printable_name(self.path.name)

    def frames(self) -> Iterator[Frame]:
        """Yield all frames in order, upright, transparent parts on white; raises FilmError."""
        with opened(str(self.path), self.name) as container:
            if not container.streams.video:
                raise FilmError(f"{self.name}: expected a film, got a file without moving pictures; choose another.")
            stream = container.streams.video[0]
            # By no threads that go ahead by frames: where the reader stops early, freeing them can wait for ever.
            stream.thread_type = "SLICE"
            _check_area(stream.codec_context.width, stream.codec_context.height, self.name)
            last = Fraction(-1)
            for frame in container.decode(stream):
                time = (
                    last + Fraction(1, 25) if frame.pts is None or not frame.time_base else frame.pts * frame.time_base
                )
                if frame.is_corrupt or time <= last:  # a frame that cannot be shown after the one before
                    continue
                last = time
                yield Frame(_pixels(frame), time)

    def checksum(self) -> str:
        """Return the sha256 of the file."""
        with open(self.path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class FolderFilm:
    """The pictures in a folder, in the order of their names, 9 before 10."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name, printable."""
        return printable_name(self.path.resolve().name)

    def files(self) -> list[Path]:
        """Return the pictures in order.

        Raises:
            FilmError: if there are none.
        """
        files = [each for each in self.path.iterdir() if each.suffix.lower() in PICTURES and each.is_file()]
        if not files:
            raise FilmError(f"{self.name}: expected a folder of pictures, got none in it; choose another.")
        return sorted(files, key=lambda file: _natural(file.name))

    def frames(self) -> Iterator[Frame]:
        """Yield all pictures; raises FilmError for one of another size, ImageError for one that cannot be read."""
        shape = None
        for number, file in enumerate(self.files()):
            pixels = read_picture_file(file).pixels
            shape = shape or pixels.shape
            if pixels.shape != shape:
                raise FilmError(
                    f"{self.name}: expected pictures of one size, {shape[1]}x{shape[0]}, got "
                    f"{pixels.shape[1]}x{pixels.shape[0]} in {printable_name(file.name)!r}; scale it, or leave it out."
                )
            yield Frame(pixels, Fraction(number, FOLDER_FPS))

    def checksum(self) -> str:
        """Return the sha256 of all names and files."""
        whole = hashlib.sha256()
        for file in self.files():
            with open(file, "rb") as opened_file:
                own = hashlib.file_digest(opened_file, "sha256").hexdigest()
            whole.update(f"{file.name}\0{own}\n".encode("utf-8", "surrogateescape"))
        return whole.hexdigest()


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return what sorts names with the numbers in them as numbers."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts]


def _check_area(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise FilmError(
            f"{name}: expected frames of at most {MAX_PIXELS / 1e6:g} megapixels, got {width}x{height}; "
            "scale the film down first."
        )


def _pixels(frame: "av.VideoFrame") -> Pixels:
    """Return a frame as it is shown: sRGB's levels, turned as its camera was, what is transparent on white."""
    _check_area(frame.width, frame.height, "film")
    if any(component.is_alpha for component in frame.format.components) or frame.format.name == "pal8":
        rgba = np.asarray(frame.to_ndarray(format="rgba"), np.uint16)
        opacity = rgba[..., 3:]
        pixels = ((rgba[..., :3] * opacity + 255 * (255 - opacity) + 127) // 255).astype(np.uint8)
    else:
        pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns))


@dataclass(frozen=True, eq=False)
class Probe:
    """What is known of a film before it is looked through.

    Attributes:
        first: Its first frame, uint8 RGB (height, width, 3).
        seconds: Its length as the file has it, None if it does not say.
    """

    first: Pixels
    seconds: float | None

    @classmethod
    def of(cls, path: Path) -> "Probe":
        """Read the beginning of a film; raises FilmError if there is no film in the file."""
        film = FileFilm(path)
        first = next(film.frames(), None)
        if first is None:
            raise FilmError(
                f"{film.name}: expected a film, got a file without a frame that can be read; choose another."
            )
        with opened(str(path), film.name) as container:
            seconds = None if container.duration is None else container.duration / 1e6
        return cls(first.pixels, seconds if seconds and seconds > 0 else None)
