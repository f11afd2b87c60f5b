"""The file that the result is saved in: checked before the work, and never lost after it."""

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from nst.errors import StyleTransferError
from nst.pictures.codec import Pixels, encode_jpeg, encode_png, printable_name
from nst.pictures.files import write_whole
from nst.pictures.prints import FileFormat, Levels, encoded, quantised
from nst.recipes.recipe import Recipe

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")


def checked_output(name: str | None, inputs: Iterable[Path]) -> Path:
    """Return the path to save to, refusing before the work what would fail after it.

    Raises:
        StyleTransferError: if there is no name, or nothing can be saved under it, or it is one of the inputs.
    """
    output = checked_place(name, inputs, "OUT.png")
    if output.suffix.lower() not in SUFFIXES:
        raise StyleTransferError(f"-o: expected a name that ends in .png, .jpg or .tif, got {name!r}.")
    return output


def checked_place(name: str | None, inputs: Iterable[Path], example: str) -> Path:
    """Return the path to save to, whatever its ending; raises as `checked_output`."""
    if name is None:
        raise StyleTransferError(f"-o: expected a file to save the result in, got none; add -o {example}.")
    output = Path(name)
    _refuse_unusable(output)
    if os.path.isdir(name):
        raise StyleTransferError(f"-o: expected a file, got the folder {name!r}; name a file in it.")
    for folder in (output.parent, _target(output).parent):
        if not os.path.isdir(folder):
            raise StyleTransferError(f"-o: expected a folder that exists, got {str(folder)!r}; make it first.")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StyleTransferError(f"-o: expected a folder to write in, got {str(folder)!r}; choose another.")
    if os.path.exists(name) and any(_is_same(each, name) for each in inputs):
        raise StyleTransferError(f"-o: expected a file other than the inputs, got {name!r}; choose another name.")
    return output


def _refuse_unusable(output: Path) -> None:
    """Refuse a name that the system does not take, and a link that leads nowhere but back."""
    try:
        output.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        name = printable_name(str(output))
        raise StyleTransferError(
            f"-o: expected a file that can be written, got {name!r} ({error.strerror}); choose another."
        ) from None


def _is_same(path: Path, name: str) -> bool:
    return os.path.exists(path) and os.path.samefile(path, name)


def _target(output: Path) -> Path:
    """Return the file itself, wherever links lead."""
    return Path(os.path.realpath(output))


def save(
    pixels: Pixels | Levels, recipe: Recipe, output: Path, form: FileFormat | None = None
) -> tuple[Path, OSError | None]:
    """Save the picture, as `output` or where there is room; return where, and why it is not `output` if it is not.

    A PNG or a TIFF has the recipe inside.

    Args:
        pixels: uint8 RGB (height, width, 3), or with a `form` grey levels in 0..255, rounded or not.
        recipe: Of the picture.
        output: Where it is to be.
        form: How it is written; None for a plain PNG or JPEG, whichever `output` is called.

    Raises:
        StyleTransferError: if no place takes the picture.
    """
    data = _encoded(pixels, recipe, output, form)
    try:
        write_file(data, output)
        return output, None
    except OSError as error:
        refused = error
    for place in _other_places(output):
        with suppress(OSError):
            write_file(data, place)
            return place, refused
    raise StyleTransferError(
        f"-o: expected a place to save the picture in, got {refused.strerror or refused} for {str(output)!r}, "
        "and neither the current folder nor the one for temporary files takes it; the picture is lost."
    ) from refused


def keep(pixels: Pixels, recipe: Recipe, output: Path) -> None:
    """Save the picture of a run that goes on as `output` if that can be done; the last one is for `save`."""
    with suppress(OSError):
        write_file(_encoded(pixels, recipe, output, None), output)


def _encoded(pixels: Pixels | Levels, recipe: Recipe, output: Path, form: FileFormat | None) -> bytes:
    if form is not None:
        return encoded(pixels, form, recipe.to_json())
    whole = quantised(pixels)
    return encode_png(whole, recipe.to_json()) if output.suffix.lower() == ".png" else encode_jpeg(whole)


def _other_places(output: Path) -> Iterator[Path]:
    """Yield where else to save: the current folder, then the one for temporary files; no file there is replaced."""
    for folder in (os.getcwd, tempfile.gettempdir):
        with suppress(OSError):  # the folder is gone
            yield Path(folder()) / f"{output.stem[:100]}-{secrets.token_hex(4)}{output.suffix}"


def write_file(data: bytes, path: Path) -> None:
    """Write a file as a whole, or the one that `path` is a link to; raises OSError if it cannot be written."""
    write_whole(data, _target(path))
