"""Masks found in the photo: what looks like one point of it.

OpenCV is imported where it is used: the page need not wait for it.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from nst.masks.mask import Mask
from nst.pictures.codec import Pixels


def similar(
    photo: Pixels,
    point: tuple[float, float],
    tolerance: float = 20.0,
    *,
    by: Literal["colour", "brightness"] = "colour",
) -> Mask:
    """Return the parts of a photo that look like one point of it.

    The distance is CIE 1976's: Euclidean in CIELAB, of all three coordinates or of the lightness alone. About 2 can
    just be seen, black and white are 100 apart. A pixel within `tolerance` belongs to the mask, one beyond 1.5 times
    as much does not, and between them the mask falls linearly. What is compared with is the median colour of the 5x5
    pixels around the point, so that noise does not matter.

    Args:
        photo: uint8 RGB (height, width, 3).
        point: (x, y) over the photo's width and height, 0..1.
        tolerance: 0..100.
        by: What is compared.

    Returns:
        float32 (height, width) in 0..1.
    """
    height, width = photo.shape[:2]
    x, y = (min(int(share * side), side - 1) for share, side in zip(point, (width, height), strict=True))
    lab = _lab(photo)
    if by == "brightness":
        lab = lab[..., :1]
    around = lab[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3]
    distance = np.linalg.norm(lab - np.median(around, axis=(0, 1)), axis=-1)
    return np.clip(1 - (distance - tolerance) / max(tolerance / 2, 1e-3), 0, 1).astype(np.float32)


def _lab(photo: Pixels) -> npt.NDArray[np.float32]:
    """Return CIELAB (height, width, 3), white point D65, of an sRGB picture (IEC 61966-2-1, CIE 15)."""
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32)
    xyz = linear[photo] @ (to_xyz / to_xyz.sum(axis=1, keepdims=True)).T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * np.float32(841 / 108) + np.float32(4 / 29))
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)
