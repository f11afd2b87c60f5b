"""Pictures as files for printing: PNG and TIFF with 8 or 16 bits a channel, dots per inch and the profile of sRGB.

Pillow writes no colours of 16 bits, so both formats are written here: PNG after its specification (third edition), TIFF
after revision 6.0. A picture is given as grey levels, float32 (height, width, 3) in 0..255; rounding comes last.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from nst.pictures.codec import PNG_SIGNATURE, RECIPE_KEYWORD

#: Grey levels, rounded or not.
Levels = npt.NDArray[np.floating] | npt.NDArray[np.uint8]

#: Numbers of a picture that are packed at once: the memory that packing takes.
_PIECE = 4_000_000
#: Of zlib. More takes much longer, and a painting's grain hardly becomes smaller.
_COMPRESSION = 4


@dataclass(frozen=True)
class FileFormat:
    """How a picture is written.

    Attributes:
        suffix: ``".png"``, ``".tif"`` or ``".jpg"``.
        bits: A channel, 8 or 16; JPEG has 8.
        dpi: Dots per inch, or None to say nothing of it.
    """

    suffix: str
    bits: int = 8
    dpi: float | None = None


def encoded(levels: Levels, form: FileFormat, recipe: str | None) -> bytes:
    """Return a picture file with the profile of sRGB; a PNG and a TIFF have the recipe inside."""
    if form.suffix == ".png":
        return _png(levels, form, recipe)
    if form.suffix == ".tif":
        return _tiff(levels, form, recipe)
    return _jpeg(levels, form)


@cache
def srgb_profile() -> bytes:
    """Return the ICC profile of sRGB, the same bytes every time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # LittleCMS writes when it was made (ICC.1, 7.2: bytes 24 to 35) and a checksum of that (84 to 99).
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    profile[84:100] = bytes(16)
    return bytes(profile)


def quantised(levels: Levels) -> npt.NDArray[np.uint8]:
    """Return grey levels 0..255 as whole numbers of 8 bits."""
    return np.rint(np.clip(levels, 0, 255)).astype(np.uint8, copy=False)


def deep(levels: Levels) -> npt.NDArray[np.uint16]:
    """Return grey levels 0..255 as whole numbers of 16 bits, 0..65535: 257 for each level."""
    return np.rint(np.clip(levels, 0, 255).astype(np.float64) * 257).astype(np.uint16)


def _pieces(levels: Levels, bits: int) -> Iterator[npt.NDArray[np.uint8] | npt.NDArray[np.uint16]]:
    """Yield a picture some rows at a time, as whole numbers."""
    step = max(1, _PIECE // (3 * levels.shape[1]))
    for top in range(0, levels.shape[0], step):
        rows = levels[top : top + step]
        yield quantised(rows) if bits == 8 else deep(rows)


def _png(levels: Levels, form: FileFormat, recipe: str | None) -> bytes:
    height, width, _ = levels.shape
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, form.bits, 2, 0, 0, 0)),
        (b"iCCP", b"sRGB\0\0" + zlib.compress(srgb_profile())),
    ]
    if form.dpi is not None:
        metre = round(form.dpi / 0.0254)
        chunks.append((b"pHYs", struct.pack(">IIB", metre, metre, 1)))
    if recipe is not None:
        chunks.append((b"iTXt", RECIPE_KEYWORD.encode() + b"\0\0\0\0\0" + recipe.encode()))
    chunks += [(b"IDAT", data) for data in _png_data(levels, form.bits) if data]
    stream = BytesIO()
    stream.write(PNG_SIGNATURE)
    for kind, body in (*chunks, (b"IEND", b"")):
        stream.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
    return stream.getvalue()


def _png_data(levels: Levels, bits: int) -> Iterator[bytes]:
    """Yield the compressed rows, each as its difference to the row above (filter type 2)."""
    packer = zlib.compressobj(_COMPRESSION)
    above = np.zeros((1, levels.shape[1] * 3 * bits // 8), np.uint8)
    for piece in _pieces(levels, bits):
        rows = np.frombuffer(piece.astype(f">u{bits // 8}").tobytes(), np.uint8).reshape(len(piece), -1)
        filtered = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
        filtered[:, 0] = 2
        filtered[:, 1:] = rows - np.concatenate([above, rows[:-1]])
        above = rows[-1:]
        yield packer.compress(filtered.tobytes())
    yield packer.flush()


#: TIFF's types of fields and their bytes.
_ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED = 2, 3, 4, 5, 7


def _tiff(levels: Levels, form: FileFormat, recipe: str | None) -> bytes:
    """Return a little-endian TIFF in strips, each row as differences between neighbours, compressed by Deflate."""
    height, width, _ = levels.shape
    stream = BytesIO()
    stream.write(b"II*\0\0\0\0\0")
    offsets, counts, rows = [], [], 0
    for piece in _pieces(levels, form.bits):
        rows = max(rows, len(piece))
        offsets.append(stream.tell())
        differences = piece.copy()
        differences[:, 1:] -= piece[:, :-1]
        counts.append(stream.write(zlib.compress(differences.astype(f"<u{form.bits // 8}").tobytes(), _COMPRESSION)))
    dots = (round((form.dpi or 72) * 1000), 1000)
    fields: list[tuple[int, int, list[int] | bytes]] = [
        (256, _LONG, [width]),
        (257, _LONG, [height]),
        (258, _SHORT, [form.bits] * 3),
        (259, _SHORT, [8]),  # Deflate
        (262, _SHORT, [2]),  # RGB
        *([] if recipe is None else [(270, _ASCII, recipe.encode() + b"\0")]),
        (273, _LONG, offsets),
        (277, _SHORT, [3]),
        (278, _LONG, [rows]),
        (279, _LONG, counts),
        (282, _RATIONAL, list(dots)),
        (283, _RATIONAL, list(dots)),
        (284, _SHORT, [1]),  # R, G and B beside each other
        (296, _SHORT, [2 if form.dpi else 1]),  # inches, or no unit
        (317, _SHORT, [2]),  # differences between neighbours
        (34675, _UNDEFINED, srgb_profile()),
    ]
    _write_directory(stream, fields)
    return stream.getvalue()


def _write_directory(stream: BytesIO, fields: list[tuple[int, int, list[int] | bytes]]) -> None:
    """Write a TIFF's fields, sorted by their numbers, and at the beginning where they are."""
    entries = []
    for tag, kind, values in fields:
        code = {_SHORT: "H", _LONG: "I", _RATIONAL: "I"}.get(kind)
        data = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{code}", *values)
        count = len(values) // (2 if kind == _RATIONAL else 1)
        if len(data) > 4:
            stream.write(bytes(stream.tell() % 2))
            place = stream.tell()
            stream.write(data)
            data = struct.pack("<I", place)
        entries.append(struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0"))
    stream.write(bytes(stream.tell() % 2))
    start = stream.tell()
    stream.write(struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4))
    stream.seek(4)
    stream.write(struct.pack("<I", start))


def _jpeg(levels: Levels, form: FileFormat) -> bytes:
    stream = BytesIO()
    dots = {} if form.dpi is None else {"dpi": (round(form.dpi), round(form.dpi))}
    image = Image.fromarray(quantised(levels))
    image.save(stream, "JPEG", quality=95, subsampling=0, icc_profile=srgb_profile(), **dots)
    return stream.getvalue()
