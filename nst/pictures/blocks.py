"""The blocks of a coarse JPEG file, found in a picture's pixels and smoothed.

JPEG rounds the frequencies of squares of 8 x 8 pixels, each square by itself. Where it rounds coarsely the squares get
visible borders, and a painting with them is painted with squares: to the method they are its texture.

They are smoothed by JPEG itself (Nosratinia 2001, "Enhancement of JPEG-compressed images by re-application of JPEG"):
the picture is shifted by some pixels, so that the squares fall elsewhere, coded again, decoded and shifted back. The
mean over many shifts keeps what all of them keep, and no shift's borders. It is nearer to the picture before it was
coded than the coded one is.
"""

from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from nst.pictures.codec import Pixels

#: Side of JPEG's squares in pixels.
SIDE = 8
#: A picture's blockiness, see `blockiness`, from which on it is smoothed; and what it is smoothed to.
BLOCKY, SMOOTH = 1.12, 1.08
#: Qualities with which it can be coded again.
QUALITIES = (75, 50, 30, 20, 15, 10, 5)
#: Shifts down and to the right, spread evenly over a square, and over one of the colours', which is twice as long.
SHIFTS = tuple((down, (5 * down + 4 * (down // SIDE)) % (2 * SIDE)) for down in range(2 * SIDE))
#: A larger step between neighbours is a form's border and not that of a square; it counts as this many grey levels.
LARGEST_STEP = 16
#: Grey levels that are added to both mean steps: of a picture without any texture neither says anything.
LEAST_STEP = 0.1
#: Side of the part in the middle in which blocks are looked for: a file has the same quality everywhere.
PART = 512
#: So many times larger than it is used a picture can be and still show its squares.
STILL_SEEN = 2


def deblocked(pixels: npt.NDArray[Any], long_side: int) -> npt.NDArray[Any]:
    """Return a picture with its JPEG blocks smoothed, or the picture itself where there are none.

    Args:
        pixels: uint8 RGB (height, width, 3), at its own size: in a picture that was resized the blocks have other
            sides, and are not found. A picture of floats, which is of a file with 16 bits, is returned as it is.
        long_side: That at which it is used. Of a picture that is more than twice as long nothing is smoothed.
    """
    if pixels.dtype != np.uint8 or max(pixels.shape) > STILL_SEEN * long_side:
        return pixels
    middle = _middle(pixels)
    if blockiness(middle) < BLOCKY:
        return pixels
    return _coded_again(pixels, _mildest_quality(middle))


def blockiness(pixels: Pixels) -> float:
    """Return how much larger the steps between neighbours are at the borders of squares than elsewhere: 1 for none.

    It is the mean step of grey levels at every eighth column over that at the other columns, of the eight places at
    which the squares can begin the one that gives most; and so of the rows. Of columns and rows the lesser one counts,
    since JPEG's squares have both. Nothing is told of pictures shorter than four squares, nor of those that have steps
    at the borders of squares alone, which are drawn of such squares: 1.

    Args:
        pixels: uint8 RGB (height, width, 3).
    """
    if min(pixels.shape[:2]) < 4 * SIDE:
        return 1.0
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    found = []
    for axis in (0, 1):
        steps = np.minimum(np.abs(np.diff(grey, axis=axis)), LARGEST_STEP).mean(axis=1 - axis)
        places = np.array([steps[place::SIDE].mean() for place in range(SIDE)])
        at_borders, elsewhere = places.max(), (places.sum() - places.max()) / (SIDE - 1)
        is_drawn = elsewhere < 0.05 * at_borders
        found.append(1.0 if is_drawn else (at_borders + LEAST_STEP) / (elsewhere + LEAST_STEP))
    return float(min(found))


def _mildest_quality(pixels: Pixels) -> int:
    """Return the highest quality with which a picture becomes smooth; if none does, the one that leaves least."""
    left = {}
    for quality in QUALITIES:
        left[quality] = blockiness(_coded_again(pixels, quality))
        if left[quality] < SMOOTH:
            return quality
    return min(left, key=left.__getitem__)


def _middle(pixels: Pixels) -> Pixels:
    """Return the part of a picture in which blocks are looked for."""
    top, left = (max(0, (side - PART) // 2) for side in pixels.shape[:2])
    return pixels[top : top + PART, left : left + PART]


def _coded_again(pixels: Pixels, quality: int) -> Pixels:
    """Return the mean of a picture coded with a JPEG quality at each of the shifts, (height, width, 3)."""
    total = np.zeros(pixels.shape, np.uint16)
    for down, right in SHIFTS:
        shifted = np.pad(pixels, ((down, 0), (right, 0), (0, 0)), mode="edge")
        file = BytesIO()
        # Colours in squares of 16 pixels, as coarse files have them.
        Image.fromarray(shifted).save(file, "JPEG", quality=quality, subsampling=2)
        with Image.open(file) as image:
            total += np.asarray(image)[down:, right:]
    return ((total + len(SHIFTS) // 2) // len(SHIFTS)).astype(np.uint8)
