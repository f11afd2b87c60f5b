"""Sizes of prints: ``A3@300dpi`` or ``30x40cm@200dpi``, and the pixels that they take."""

import re
from dataclasses import dataclass, replace
from typing import Self

from nst.errors import ConfigError

MM_PER_INCH = 25.4
_UNITS = {"mm": 1.0, "cm": 10.0, "in": MM_PER_INCH}

#: Sheets by name, in millimetres (ISO 216, ANSI); which side is up does not matter.
SHEETS = {
    "a0": (841.0, 1189.0),
    "a1": (594.0, 841.0),
    "a2": (420.0, 594.0),
    "a3": (297.0, 420.0),
    "a4": (210.0, 297.0),
    "a5": (148.0, 210.0),
    "a6": (105.0, 148.0),
    "letter": (215.9, 279.4),
    "legal": (215.9, 355.6),
    "tabloid": (279.4, 431.8),
}

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_SIZE = re.compile(rf"({_NUMBER})x({_NUMBER})(mm|cm|in)")
_PRINT = re.compile(rf"([^@,]+)@({_NUMBER})dpi(?:,(fit|crop))?")

#: The least and the most dots per inch, and the longest side of a sheet in millimetres.
MIN_DPI, MAX_DPI, MAX_SIDE = 10.0, 2400.0, 5000.0


@dataclass(frozen=True)
class Print:
    """A print that is asked for.

    Attributes:
        text: As it was written.
        short, long: Sides of the sheet in millimetres; it is turned as the photo is.
        is_upright: Whether the sheet is written upright, as sheets with names are: for what has no photo.
        dpi: Dots per inch.
        crop: Whether the photo is cut to the sheet's proportions and fills it; else the whole photo is on the sheet, as
            large as fits.
    """

    text: str
    short: float
    long: float
    dpi: float
    crop: bool
    is_upright: bool = True

    @classmethod
    def parsed(cls, text: str) -> Self:
        """Read what the user wrote.

        Raises:
            ConfigError: if it is no print.
        """
        found = _PRINT.fullmatch("".join(text.lower().split()))
        sides = None if found is None else _sides(found[1])
        if found is None or sides is None:
            names = ", ".join(name.upper() if len(name) == 2 else name for name in SHEETS)
            raise ConfigError(
                f"print: expected a size and its dots per inch, such as A3@300dpi, 30x40cm@200dpi or A4@150dpi,crop "
                f"(sheets: {names}; units: mm, cm, in), got {text[:80]!r}."
            )
        dpi = float(found[2])
        if not MIN_DPI <= dpi <= MAX_DPI or not 1 <= min(sides) <= max(sides) <= MAX_SIDE:
            raise ConfigError(
                f"print: expected {MIN_DPI:g} to {MAX_DPI:g} dpi on a sheet of 1 to {MAX_SIDE:g} mm, got {text[:80]!r}."
            )
        return cls(text, min(sides), max(sides), dpi, found[3] == "crop", sides[0] <= sides[1])

    def sheet(self, height: int, width: int) -> tuple[int, int]:
        """Return the sheet's (height, width) in pixels, turned as a picture of (height, width) is."""
        short, long = (max(1, round(side / MM_PER_INCH * self.dpi)) for side in (self.short, self.long))
        return (long, short) if height > width else (short, long)

    def shape_for(self, height: int, width: int) -> tuple[int, int]:
        """Return the (height, width) in pixels at which a picture of (height, width) fits the sheet, or fills it."""
        sheet_height, sheet_width = self.sheet(height, width)
        scales = sheet_height / height, sheet_width / width
        scale = max(scales) if self.crop else min(scales)
        return max(1, round(scale * height)), max(1, round(scale * width))

    def of_pixels(self, height: int, width: int) -> Self:
        """Return a print whose sheet has exactly (height, width) pixels, with as many dots per inch."""
        short, long = (side * MM_PER_INCH / self.dpi for side in sorted((height, width)))
        return replace(self, short=short, long=long, crop=False, is_upright=width <= height)

    def settings(self, height: int, width: int) -> dict[str, float | int]:
        """Return the settings by which a photo of (height, width) is painted for this print: its size, and its crop."""
        sheet_height, sheet_width = self.sheet(height, width)
        if self.crop:
            return {"size": max(sheet_height, sheet_width), "crop": sheet_width / sheet_height}
        scale = min(sheet_height / height, sheet_width / width)
        return {"size": max(1, round(scale * max(height, width)))}


def _sides(size: str) -> tuple[float, float] | None:
    """Return the sides of a sheet in millimetres, None if it is none."""
    if size in SHEETS:
        return SHEETS[size]
    found = _SIZE.fullmatch(size)
    return None if found is None else (float(found[1]) * _UNITS[found[3]], float(found[2]) * _UNITS[found[3]])
