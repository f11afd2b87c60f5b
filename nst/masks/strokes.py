"""Masks painted by hand: strokes of a brush, as the page sends them, and the masks that they leave.

Strokes are kept instead of pixels: they are small, can be undone, and can be drawn at any size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from nst.errors import MaskError
from nst.masks.mask import Mask, resized
from nst.pictures.codec import fitted_shape

#: Bounds of what is accepted from a page; a patient painter stays far below them.
MAX_STROKES = 2_000
MAX_POINTS = 10_000

#: The thinnest and the thickest brush: its radius over the photo's width.
MIN_RADIUS = 0.001
MAX_RADIUS = 0.25

#: Strokes are drawn this much larger and then averaged, but on no larger canvas than this.
OVERSAMPLING = 4
CANVAS_SIDE = 4096

#: Most pixels that all strokes of one drawing may fill together: what takes more, of which a patient painter stays far
#: below, is drawn on a smaller canvas. Drawing keeps every other page of the server waiting.
MOST_FILLED = 1e8


@dataclass(frozen=True)
class Stroke:
    """One move of the brush or of the eraser.

    Attributes:
        region: Index of the region that is painted; None for the eraser, which takes away all regions alike.
        radius: Half the stroke's breadth over the photo's width, `MIN_RADIUS` to `MAX_RADIUS`.
        points: (x, y) over the photo's width and height, from its upper left corner, 0..1; one is a dot.
    """

    region: int | None
    radius: float
    points: tuple[tuple[float, float], ...]


def parse_strokes(value: Any, regions: int) -> tuple[Stroke, ...]:
    """Return the strokes in a JSON value from a page, which may come from anyone.

    Args:
        value: A list of ``{"region": 0, "radius": 0.02, "points": [[0.5, 0.5], ...]}``; region null is the eraser.
        regions: How many regions there are.

    Raises:
        MaskError: for anything else, or too much of it.
    """
    if not isinstance(value, list):
        raise _refused("a list of strokes")
    if len(value) > MAX_STROKES:
        raise _refused(f"at most {MAX_STROKES} strokes")
    strokes = tuple(_stroke(entry, regions) for entry in value)
    if sum(len(stroke.points) for stroke in strokes) > MAX_POINTS:
        raise _refused(f"at most {MAX_POINTS} points")
    return strokes


def _stroke(entry: Any, regions: int) -> Stroke:
    if not isinstance(entry, dict) or entry.keys() != {"region", "radius", "points"}:
        raise _refused("a region, a radius and points for every stroke")
    region, radius, points = entry["region"], entry["radius"], entry["points"]
    if region is not None and not (type(region) is int and 0 <= region < regions):
        raise _refused(f"regions from 0 to {regions - 1}")
    if not _within(radius, MIN_RADIUS, MAX_RADIUS):
        raise _refused(f"radii from {MIN_RADIUS} to {MAX_RADIUS}")
    if not isinstance(points, list) or not 0 < len(points) <= MAX_POINTS:
        raise _refused(f"1 to {MAX_POINTS} points for every stroke")
    return Stroke(region, float(radius), tuple(_point(point) for point in points))


def _point(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2 or not all(_within(each, 0, 1) for each in value):
        raise _refused("points of two numbers from 0 to 1")
    return float(value[0]), float(value[1])


def _within(value: Any, low: float, high: float) -> bool:
    return type(value) in (int, float) and low <= value <= high


def _refused(expected: str) -> MaskError:
    return MaskError(f"strokes: expected {expected}, got something else; clear the painting and start again.")


def rasterised(strokes: Sequence[Stroke], regions: int, shape: tuple[int, int]) -> tuple[Mask, ...]:
    """Return the mask (height, width) of each region, with smooth edges; all zero where nothing was painted.

    Strokes lie on top of one another: each takes its place away from the other regions, so the masks sum to 1 at most.

    Args:
        strokes: In the order in which they were painted.
        regions: How many masks are wanted.
        shape: (height, width) of the photo.
    """
    labels = _labels(strokes, shape)
    return tuple(resized((labels == region + 1).astype(np.float32), shape) for region in range(regions))


def _canvas_shape(strokes: Sequence[Stroke], shape: tuple[int, int]) -> tuple[int, int]:
    """Return (height, width) of the canvas, on which the strokes fill at most `MOST_FILLED` pixels."""
    side = min(OVERSAMPLING * max(shape), CANVAS_SIDE)
    height, width = fitted_shape(*shape, side)
    filled = sum(_filled(stroke, height, width) for stroke in strokes)
    return fitted_shape(*shape, max(1, math.floor(side * min(1.0, math.sqrt(MOST_FILLED / max(filled, 1.0))))))


def _filled(stroke: Stroke, height: int, width: int) -> float:
    """Return how many pixels a stroke fills on a canvas, those twice that it fills twice."""
    radius, points = stroke.radius * width, stroke.points
    way = sum(math.hypot((b[0] - a[0]) * width, (b[1] - a[1]) * height) for a, b in pairwise(points))
    return len(points) * math.pi * radius**2 + 2 * radius * way


def _labels(strokes: Sequence[Stroke], shape: tuple[int, int]) -> np.ndarray:
    """Draw the strokes without smoothing, larger than `shape`: 0 for nothing, else the region's index + 1."""
    height, width = _canvas_shape(strokes, shape)
    canvas = Image.new("L", (width, height))
    draw = ImageDraw.Draw(canvas)
    for stroke in strokes:
        label = 0 if stroke.region is None else stroke.region + 1
        radius = max(stroke.radius * width, 1.0)
        points = [(x * width, y * height) for x, y in stroke.points]
        draw.line(points, fill=label, width=round(2 * radius))
        for x, y in points:
            left, top = round(x - radius), round(y - radius)
            # Pillow fills from the first to the last pixel of the box, both included.
            side = round(2 * radius) - 1
            draw.ellipse((left, top, left + side, top + side), fill=label)
    return np.asarray(canvas)
