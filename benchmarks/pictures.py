"""Pictures read and resized with Pillow alone, sharing no code with the engine that they are used to check."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def read_rgb(path: Path) -> Pixels:
    """Return the picture in `path` as 8-bit RGB, shape (height, width, 3)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def write_png(path: Path, pixels: Pixels) -> None:
    """Write 8-bit RGB `pixels` of shape (height, width, 3)."""
    Image.fromarray(pixels).save(path, format="PNG")


def fitted(pixels: Pixels, long_side: int, upscale: bool = False) -> Pixels:
    """Return `pixels` with that long side and the short side rounded; larger than they are only if `upscale`."""
    height, width = pixels.shape[:2]
    own = max(height, width)
    target = long_side if upscale else min(long_side, own)
    return resized(pixels, max(1, round(height * target / own)), max(1, round(width * target / own)))


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    """Return 8-bit `pixels` at (height, width), by Pillow's LANCZOS."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))
