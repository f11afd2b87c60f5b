"""Picture files for the tests of whatever reads them."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from nst.pictures.codec import Pixels


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def colourful(height: int = 24, width: int = 32) -> Pixels:
    """A smooth picture in which no two corners are alike, so that a turn or a swapped channel shows."""
    y, x = np.mgrid[0:height, 0:width]
    red, green = 255 * x / (width - 1), 255 * y / (height - 1)
    return np.stack([red, green, np.full_like(red, 60.0)], axis=-1).round().astype(np.uint8)


def noisy(height: int = 64, width: int = 64) -> Image.Image:
    levels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(levels)


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG written by hand: header, `extra` chunks, one IDAT of unfiltered `rows`."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
