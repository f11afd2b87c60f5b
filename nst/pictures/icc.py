"""Colours of any number of bits from a wide gamut to sRGB, by an ICC profile of the simple kind.

Pillow converts 8 bits a channel. Photographers' 16-bit files mostly have a profile of three primaries and three curves
(Adobe RGB, Display P3, ProPhoto), for which the conversion is a curve, a matrix and a curve (ICC.1:2022, annex F.3).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Curve = Callable[[Numbers], Numbers]

#: Bytes of a profile's header, and the most tags that are looked at.
_HEADER, _MAX_TAGS = 128, 100


@dataclass(frozen=True)
class MatrixProfile:
    """A profile that leads from device values 0..1 to XYZ by a curve for each channel and a matrix.

    Attributes:
        curves: Of red, green and blue, to linear light.
        matrix: (3, 3), from linear red, green and blue to XYZ under D50.
    """

    curves: tuple[Curve, Curve, Curve]
    matrix: Numbers

    @classmethod
    def parsed(cls, data: bytes) -> "MatrixProfile | None":
        """Return what a profile says; None if it is of another kind, such as one with tables, or damaged."""
        try:
            tags = _tags(data)
            if data[16:24] != b"RGB XYZ " or b"A2B0" in tags:
                return None
            columns = [_xyz(tags[channel + b"XYZ"]) for channel in (b"r", b"g", b"b")]
            red, green, blue = (_curve(tags[channel + b"TRC"]) for channel in (b"r", b"g", b"b"))
        except (KeyError, ValueError, struct.error, IndexError):
            return None
        matrix = np.array(columns).T
        return cls((red, green, blue), matrix) if np.linalg.matrix_rank(matrix) == 3 else None


def to_srgb(levels: npt.NDArray[np.float32], profile: MatrixProfile, srgb: MatrixProfile) -> npt.NDArray[np.float32]:
    """Return grey levels (height, width, 3) in 0..255 as sRGB has them; what sRGB cannot show is clipped.

    Args:
        levels: In the profile's colours.
        profile: Of the picture.
        srgb: The profile of sRGB, for its primaries.
    """
    matrix = np.linalg.inv(srgb.matrix) @ profile.matrix
    result = np.empty_like(levels)
    for row in range(0, len(levels), 64):
        values = levels[row : row + 64].astype(np.float64) / 255
        linear = np.stack([curve(values[..., at]) for at, curve in enumerate(profile.curves)], axis=-1)
        result[row : row + 64] = 255 * _encoded(np.clip(linear @ matrix.T, 0, 1))
    return result


def _encoded(linear: Numbers) -> Numbers:
    """Return linear light 0..1 as sRGB stores it (IEC 61966-2-1)."""
    encoded: Numbers = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return encoded


def _tags(data: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", data, _HEADER)
    tags = {}
    for number in range(min(count, _MAX_TAGS)):
        name, start, size = struct.unpack_from(">4sII", data, _HEADER + 4 + 12 * number)
        tags[name] = data[start : start + size]
    return tags


def _fixed(data: bytes, count: int, start: int) -> list[float]:
    return [each / 65536 for each in struct.unpack_from(f">{count}i", data, start)]


def _xyz(tag: bytes) -> list[float]:
    if tag[:4] != b"XYZ ":
        raise ValueError("no XYZ")
    return _fixed(tag, 3, 8)


def _curve(tag: bytes) -> Curve:
    """Return a curve of type curv, a gamma or a table, or para, a formula with up to seven numbers."""
    if tag[:4] == b"para":
        return _parametric(tag)
    if tag[:4] != b"curv":
        raise ValueError("no curve")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return lambda x: x
    if count == 1:
        gamma = struct.unpack_from(">H", tag, 12)[0] / 256
        return lambda x: x**gamma
    table = np.array(struct.unpack_from(f">{count}H", tag, 12)) / 65535
    places = np.linspace(0, 1, count)
    return lambda x: np.interp(x, places, table)


def _parametric(tag: bytes) -> Curve:
    """Return the curve y = (a x + b)^g + e from x = d on, and c x + f below it (ICC.1, 10.18)."""
    kind = struct.unpack_from(">H", tag, 8)[0]
    g, *more = _fixed(tag, (1, 3, 4, 5, 7)[kind], 12)
    a, b, c, d, e, f = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if kind in (1, 2):
        a, b, *offset = more
        e = f = offset[0] if offset else 0.0
        d = -b / a
    elif kind == 3:
        a, b, c, d = more
    elif kind == 4:
        a, b, c, d, e, f = more
    return lambda x: np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f)
