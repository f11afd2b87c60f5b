"""Where one scene ends and another begins: frames that have little in common with the one before."""

import cv2
import numpy as np
import numpy.typing as npt

from nst.pictures.codec import Pixels

#: Long side in pixels at which frames are compared, colours a channel, and parts of the frame across and down.
_SIDE, _LEVELS, _PARTS = 96, 6, 3

Look = npt.NDArray[np.float32]


def look(frame: Pixels) -> Look:
    """Return what a frame, uint8 RGB (height, width, 3), is recognised by: the colours in each of its nine parts.

    float32 (9, 216), each row with sum 1; neighbouring colours share what lies between them, so that a change of light
    by a little changes little.
    """
    height, width = frame.shape[:2]
    factor = _SIDE / max(height, width)
    size = (max(_PARTS, round(width * factor)), max(_PARTS, round(height * factor)))
    small = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
    parts = [part for row in np.array_split(small, _PARTS) for part in np.array_split(row, _PARTS, axis=1)]
    return np.stack([_colours(part) for part in parts])


def difference(one: Look, other: Look) -> float:
    """Return how much of one frame is not in the other, 0..1: half the distance of their colours, part by part."""
    return float(np.abs(one - other).sum(axis=1).mean() / 2)


def _colours(part: Pixels) -> Look:
    """Return the share of each of 6 x 6 x 6 colours, by trilinear weights."""
    place = part.reshape(-1, 3).astype(np.float32) * ((_LEVELS - 1) / 255)
    low = np.minimum(place.astype(np.int64), _LEVELS - 2)
    high = place - low
    shares = np.zeros(_LEVELS**3, np.float32)
    for corner in np.ndindex(2, 2, 2):
        weights = np.prod(np.where(corner, high, 1 - high), axis=1)
        index = (low + corner) @ np.array([_LEVELS**2, _LEVELS, 1])
        shares += np.bincount(index, weights, _LEVELS**3).astype(np.float32)
    return np.asarray(shares / len(place), np.float32)
