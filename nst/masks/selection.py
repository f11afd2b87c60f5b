"""Masks found in the photo: what looks like one point of it, and its subject.

OpenCV is imported where it is used: the page need not wait for it.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from nst.errors import MaskError
from nst.masks.mask import Mask, feathered, resized
from nst.pictures.codec import Pixels, resize

#: (left, top, right, bottom) over the photo's width and height, 0..1.
Rectangle = tuple[float, float, float, float]

#: Where a subject is looked for when nobody says: photographers put it in the middle.
CENTRAL_BOX: Rectangle = (0.1, 0.05, 0.9, 1.0)

#: The subject is looked for at this long side; more takes longer and finds no more.
SUBJECT_SIDE = 400
#: Rounds of GrabCut, after which its boundary hardly moves.
ROUNDS = 6
#: Pieces of a subject smaller than this share of its largest piece are taken for noise, and so are such holes.
SMALLEST_PIECE = 0.05


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


def subject(photo: Pixels, box: Rectangle = CENTRAL_BOX) -> Mask:
    """Return the subject of a photo: what differs in colour, within a box, from all that is outside of it.

    GrabCut (Rother, Kolmogorov and Blake 2004). Nothing here has learnt what people or animals look like: it finds a
    subject that lies within the box and has other colours than its surroundings, and parts of it that share their
    colours (a dark coat before a dark wall) are lost. A subject that reaches the picture's edge needs a box that does.
    The same photo and box give the same mask. Of the gallery's photos, tried with the default box, the flower, the cup
    and the astronaut come out whole and the raccoon nearly so; the cat, which fills its picture, the rocket before a
    glowing sky and the officer's dark coat do not: paint over those by hand.

    Args:
        photo: uint8 RGB (height, width, 3).
        box: Everything outside of it is background; it may touch the picture's edges, but not all four of them.

    Returns:
        float32 (height, width) in 0..1, with an edge softened over a pixel or two of the size it was found at.

    Raises:
        MaskError: if the box is none or leaves no background, or if no subject stands out.
    """
    import cv2

    small = resize(photo, min(SUBJECT_SIDE, max(photo.shape[:2])))
    height, width = small.shape[:2]
    left, top, right, bottom = (round(share * side) for share, side in zip(box, (width, height) * 2, strict=True))
    if not (0 <= left < right <= width and 0 <= top < bottom <= height) or (right - left, bottom - top) == (
        width,
        height,
    ):
        raise MaskError(
            "subject: expected a box within the photo that leaves some of it outside, got another; move it."
        )
    labels = np.full((height, width), cv2.GC_BGD, np.uint8)
    labels[top:bottom, left:right] = np.where(_within_ellipse(bottom - top, right - left), cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    cv2.setRNGSeed(0)  # GrabCut starts from random clusters of colours
    models = np.zeros((2, 1, 65))
    cv2.grabCut(
        np.ascontiguousarray(small[..., ::-1]),
        labels,
        (0, 0, 0, 0),
        models[0],
        models[1],
        ROUNDS,
        cv2.GC_INIT_WITH_MASK,
    )
    found = _without_specks((labels & 1).astype(np.uint8))
    if not found.any():
        raise MaskError(
            "subject: expected something that stands out from its surroundings, found nothing; paint it by hand."
        )
    return resized(feathered(found.astype(np.float32), 0.7), photo.shape[:2])


def _within_ellipse(height: int, width: int) -> npt.NDArray[np.bool_]:
    """Return which pixels of a box are nearer to its middle than to its corners."""
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray(x**2 + y**2 <= 1)


def _without_specks(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Drop small pieces of the subject, then fill small holes."""
    return 1 - _large_pieces(1 - _large_pieces(mask))


def _large_pieces(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    import cv2

    _, pieces, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    areas = statistics[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0  # what is not in the mask
    keep = areas >= max(1, SMALLEST_PIECE * np.max(areas))
    return keep[pieces].astype(np.uint8)
