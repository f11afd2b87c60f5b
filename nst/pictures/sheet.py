"""A contact sheet: many pictures in small, in rows and columns, each below its label."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nst.errors import ImageError, PresetError
from nst.pictures.codec import Pixels, printable_name

#: Longest side of a picture on the sheet, and the shortest to which many of them shrink it, in pixels.
LARGEST, SMALLEST = 256, 48
#: The most pixels of a sheet: 120 MB of RGB while it is made.
MAX_SHEET_PIXELS = 40_000_000
#: The longest side that a JPEG can have.
MAX_SIDE = 65_000

_LABEL, _GAP, _TEXT = 20, 8, 13


@dataclass(frozen=True)
class Cell:
    """A place on the sheet.

    Attributes:
        label: One line above the picture; what does not fit is cut off.
        thumbnail: Returns the picture, uint8 RGB (height, width, 3), with a long side of at most so many pixels; None
            for a place without one.
    """

    label: str
    thumbnail: Callable[[int], Pixels] | None = None


def contact_sheet(rows: Sequence[Sequence[Cell]], side: int = LARGEST) -> Pixels:
    """Return the sheet, uint8 RGB (height, width, 3), on white; rows without any picture are left out.

    Args:
        rows: From top to bottom, their cells from left to right; they need not be equally long.
        side: Long side of a picture in pixels. It is less where the sheet would become too large.

    Raises:
        ImageError: if there are no pictures, or too many for one sheet.
    """
    side = fitting_side(len(rows), max(map(len, rows), default=0), side)
    table = [[(cell.label, _pixels(cell, side)) for cell in row] for row in rows]
    table = [row for row in table if any(pixels is not None for _, pixels in row)]
    if not table:
        raise ImageError("sheet: expected at least one picture, got none.")
    heights = [max(pixels.shape[0] for _, pixels in row if pixels is not None) for row in table]
    columns = max(map(len, table))
    size = (columns * (side + _GAP) + _GAP, sum(heights) + len(heights) * (_LABEL + _GAP) + _GAP)
    canvas = Image.new("RGB", size, "white")
    draw, font, top = ImageDraw.Draw(canvas), ImageFont.load_default(_TEXT), _GAP
    for row, height in zip(table, heights, strict=True):
        for column, (label, pixels) in enumerate(row):
            left = _GAP + column * (side + _GAP)
            draw.text((left, top), _fitting(label, font, side), fill="black", font=font)
            if pixels is not None:
                canvas.paste(Image.fromarray(pixels), (left, top + _LABEL))
        top += height + _LABEL + _GAP
    return np.asarray(canvas)


def fitting_side(rows: int, columns: int, side: int) -> int:
    """Return the long side of a picture, at most `side`, with which so many fit on one sheet.

    Args:
        rows: How many rows there are.
        columns: How many cells the longest of them has.
        side: In pixels.

    Raises:
        ImageError: if it would be less than `SMALLEST`.
    """
    rows, columns = max(1, rows), max(1, columns)
    by_area = math.isqrt(MAX_SHEET_PIXELS // (rows * columns)) - _LABEL - _GAP
    by_length = min((MAX_SIDE - _GAP) // columns - _GAP, (MAX_SIDE - _GAP) // rows - _LABEL - _GAP)
    fitting = min(side, by_area, by_length)
    if fitting < SMALLEST:
        raise ImageError(
            f"sheet: expected fewer pictures than {rows} rows of {columns}, which would be less than {SMALLEST} px "
            "large; make several sheets."
        )
    return fitting


def _pixels(cell: Cell, side: int) -> Pixels | None:
    """Return the cell's picture, None if it has none or its file cannot be read any more."""
    if cell.thumbnail is None:
        return None
    try:
        return cell.thumbnail(side)
    except (ImageError, PresetError):
        return None


def _fitting(label: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """Return as much of the label as is at most `width` pixels wide."""
    label = printable_name(label)
    if font.getlength(label) <= width:
        return label
    while label and font.getlength(f"{label}...") > width:
        label = label[:-1]
    return f"{label}..."
