"""The contact sheet of a folder: its cells, and the file."""

from collections.abc import Sequence
from pathlib import Path

from nst.cli.output import write_file
from nst.errors import StyleTransferError
from nst.pictures.codec import Pixels, encode_jpeg, read_bytes, read_thumbnail
from nst.pictures.gallery import Preset
from nst.pictures.sheet import LARGEST, Cell, contact_sheet

#: Name of the contact sheet in the folder of the results.
SHEET = "sheet.jpg"


def picture_cell(found: Preset | Path) -> Cell:
    """Return the cell of a photo or a painting."""
    if isinstance(found, Preset):
        return Cell(found.id, found.thumbnail)
    return result_cell(found, found.stem)


def result_cell(path: Path, label: str) -> Cell:
    """Return the cell of a picture file."""

    def thumbnail(side: int) -> Pixels:
        return read_thumbnail(read_bytes(path), side, str(path)).pixels

    return Cell(label, thumbnail)


def save_sheet(rows: Sequence[Sequence[Cell]], place: Path, side: int = LARGEST) -> None:
    """Save a contact sheet as a JPEG.

    Args:
        rows: From top to bottom.
        place: The file.
        side: Long side of a picture on it, at most.

    Raises:
        StyleTransferError: if there are too many pictures for one, or it cannot be written.
    """
    data = encode_jpeg(contact_sheet(rows, side), 90)
    try:
        write_file(data, place)
    except OSError as error:
        raise StyleTransferError(
            f"sheet: expected a folder that takes {str(place)!r}, got {error.strerror}; the pictures are there."
        ) from error
