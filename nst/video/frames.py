"""The frames that are painted already: PNGs in a folder beside the film until that is complete.

Each is written as a whole or not at all, so a process that is killed between any two lines loses at most the frame in
work. What they are frames of stands beside them, so that no film is put together of two.
"""

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from nst.errors import FilmError, ImageError
from nst.pictures.codec import Pixels, encode_png, printable_name, read_bytes, read_picture, read_recipe_text
from nst.pictures.files import UNFINISHED, write_whole
from nst.recipes.recipe import Recipe
from nst.video.survey import Survey

_DESCRIPTION = "film.json"


class FrameFolder:
    """The folder of one film's frames.

    Args:
        path: Of the folder, which is there.
        survey: Of the film.
    """

    def __init__(self, path: Path, survey: Survey) -> None:
        self.path, self.survey = path, survey

    @staticmethod
    def beside(output: Path) -> Path:
        """Return where the frames of the film `output` are kept."""
        return output.with_name(f"{output.name}.frames")

    @classmethod
    def found(cls, path: Path, identity: dict[str, Any]) -> Self | None:
        """Return the folder that an earlier run of the same film with the same settings has left; None if none has.

        Args:
            path: Of the folder.
            identity: Of the film and its settings, as JSON types.

        Raises:
            FilmError: if there are frames of another film, or painted with other settings.
        """
        if not path.exists():
            return None
        name = printable_name(str(path))
        try:
            entries = json.loads(read_bytes(path / _DESCRIPTION))
            survey, made = Survey.from_dict(entries["survey"]), entries["identity"]
        except (ImageError, KeyError, TypeError, ValueError):
            if path.is_dir() and all(each.name.startswith(UNFINISHED) for each in path.iterdir()):
                return None  # a run was killed before there was anything in it
            raise FilmError(
                f"-o: expected a folder {name!r} with frames of this film, or none, got something else; "
                "choose another name for the film, or remove the folder."
            ) from None
        if made != identity:
            raise FilmError(
                f"-o: expected frames of the same film with the same settings in {name!r}, got others"
                f"{_changed(made, identity)}; go on with the settings they have, choose another name for the film, "
                "or remove the folder."
            )
        return cls(path, survey)

    @classmethod
    def left(cls, path: Path) -> Self | None:
        """Return the folder that a run has left, of whatever film; None if there is none that can be read."""
        try:
            return cls(path, Survey.from_dict(json.loads(read_bytes(path / _DESCRIPTION))["survey"]))
        except (ImageError, KeyError, TypeError, ValueError):
            return None

    @classmethod
    def made(cls, path: Path, identity: dict[str, Any], survey: Survey) -> Self:
        """Make the folder for a film's frames; raises FilmError if that cannot be."""
        try:
            shutil.rmtree(_gone(path), ignore_errors=True)  # of a run that was killed when its film was complete
            path.mkdir(exist_ok=True)
            _check_room(path, survey)
            description = {"identity": identity, "survey": survey.to_dict()}
            write_whole(json.dumps(description).encode(), path / _DESCRIPTION)
        except OSError as error:
            raise FilmError(
                f"-o: expected a folder to keep the frames in, got {error.strerror or error} for "
                f"{printable_name(str(path))!r}; choose another place for the film."
            ) from error
        return cls(path, survey)

    def file(self, number: int) -> Path:
        """Return the file of a frame, counted from 0."""
        return self.path / f"{number:06}.png"

    def count(self) -> int:
        """Return how many frames are there, whole or not."""
        return sum(self.file(number).is_file() for number in range(self.survey.frames))

    def begun(self) -> int:
        """Return how many frames are there from the first one on."""
        missing = (number for number in range(self.survey.frames) if not self.file(number).is_file())
        return next(missing, self.survey.frames)

    def read(self, number: int) -> Pixels | None:
        """Return a painted frame, uint8 RGB (height, width, 3); None if it is not painted, or not whole any more."""
        with suppress(ImageError):
            pixels = read_picture(read_bytes(self.file(number))).pixels
            if pixels.shape[:2] == self.survey.shape:
                return pixels
        return None

    def recipe(self, number: int) -> Recipe | None:
        """Return the recipe of a painted frame; None if there is none."""
        with suppress(ImageError, ValueError):
            text = read_recipe_text(read_bytes(self.file(number)))
            return None if text is None else Recipe.from_json(text)
        return None

    def unfinished(self, suffix: str) -> Path:
        """Return the file in which the film is put together."""
        return self.path / f"film{suffix}"

    def write(self, number: int, pixels: Pixels, recipe: Recipe) -> bytes:
        """Keep a painted frame, and return its file's bytes; raises FilmError if that cannot be."""
        data = encode_png(pixels, recipe.to_json())
        try:
            write_whole(data, self.file(number))
        except OSError as error:
            raise FilmError(
                f"-o: expected room for the frames, got {error.strerror or error} for "
                f"{printable_name(str(self.path))!r}; make room and start the same command again: it goes on."
            ) from error
        return data

    def remove(self) -> None:
        """Remove the folder: the film is complete."""
        # Renamed first, so that nobody goes on from half of it.
        gone = _gone(self.path)
        self.path.replace(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _gone(path: Path) -> Path:
    return path.with_name(f"{path.name}.gone")


def _check_room(path: Path, survey: Survey) -> None:
    """Raise FilmError if the frames, hardly compressible as they are, would not fit on the disk."""
    height, width = survey.shape
    needed, free = 3 * height * width * survey.frames, shutil.disk_usage(path).free
    if needed > free:
        raise FilmError(
            f"-o: expected {needed / 1e9:.1f} GB of room for {survey.frames} frames of {width}x{height} px, got "
            f"{free / 1e9:.1f} GB; choose another disk, a smaller --size, or a part by --start and --seconds."
        )


def _changed(made: Any, wanted: dict[str, Any]) -> str:
    """Return which settings differ, for an error's sentence."""
    before, now = (each.get("config", {}) if isinstance(each, dict) else {} for each in (made, wanted))
    names = [name for name in now if before.get(name) != now[name]]
    return f" ({', '.join(names)})" if names else ""
