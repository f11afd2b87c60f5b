"""Label maps: pictures painted with a few flat colours, each of which stands for a part of a picture.

One map lies on a painting, one on the picture to be made; parts of one colour belong together. Maps may be JPEGs or
have soft edges: every pixel counts to the colour that is nearest to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nst.errors import MaskError
from nst.masks.mask import MAX_REGIONS, Mask
from nst.pictures.codec import Pixels, printable_name

Colour = tuple[int, int, int]

#: Colours nearer than this are one, in grey levels: what a JPEG makes of a flat colour, and hands that picked it again.
NEAR = 60.0
#: A colour on a smaller share of the map is none of its own, but what a soft edge or a JPEG has left.
LEAST_SHARE = 0.004
#: Neighbours that differ by no more than this, in grey levels of any channel, are of one colour.
FLAT = 12
#: Long side of a map in pixels that is enough: masks have half as many.
SIDE = 1024
#: Bits of each channel by which colours are counted at first.
_BITS = 4
#: Colours of a painting's map at most; it may have more than there are regions.
MOST_COLOURS = 32
#: Rows of a map whose pixels are held against all colours at once.
_ROWS = 64


def thinned(pixels: Pixels) -> Pixels:
    """Return a map of at most `SIDE` pixels a side, every so many of its own: no colours come about in between."""
    step = -(-max(pixels.shape) // SIDE)
    return pixels[step // 2 :: step, step // 2 :: step]


def colours_of(pixels: Pixels) -> list[Colour]:
    """Return the colours that a map is painted with, the one on most of it first.

    Args:
        pixels: uint8 RGB (height, width, 3). Where neighbours differ is an edge, which is not looked at.
    """
    flat = _flat(pixels)
    coarse = (flat >> (8 - _BITS)).astype(np.int32)
    bins, inverse, counts = np.unique(
        coarse @ np.array([1 << 2 * _BITS, 1 << _BITS, 1], np.int32), return_inverse=True, return_counts=True
    )
    sums = np.stack([np.bincount(inverse, flat[:, channel], len(bins)) for channel in range(3)], axis=-1)
    means = sums / counts[:, None]
    kept: list[Colour] = []
    shares: list[float] = []
    for index in np.argsort(-counts, kind="stable"):
        distances = np.linalg.norm(means[index] - np.array(kept, np.float64).reshape(-1, 3), axis=1)
        if kept and np.min(distances) < NEAR:
            shares[int(np.argmin(distances))] += counts[index] / len(flat)
        elif counts[index] / len(flat) >= LEAST_SHARE:
            red, green, blue = (round(float(level)) for level in means[index])
            kept.append((red, green, blue))
            shares.append(counts[index] / len(flat))
    order = sorted(range(len(kept)), key=lambda index: -shares[index])
    return [kept[index] for index in order]


def _flat(pixels: Pixels) -> Pixels:
    """Return the pixels (n, 3) whose neighbours to the right and below are like them, or if there are none all."""
    levels = pixels.astype(np.int16)
    changes = [np.abs(np.diff(levels, axis=axis)).max(axis=-1) for axis in (0, 1)]
    is_flat = (changes[0][:, :-1] <= FLAT) & (changes[1][:-1] <= FLAT)
    flat: Pixels = pixels[:-1, :-1][is_flat]
    return flat if len(flat) else pixels.reshape(-1, 3)


def matched(picture: Sequence[Colour], painting: Sequence[Colour], names: tuple[str, str]) -> list[Colour]:
    """Return for each colour of the picture's map the one of the painting's map that belongs to it.

    Args:
        picture: Colours of the picture's map.
        painting: Colours of the painting's map; it may have more.
        names: What the user calls both maps, for errors.

    Raises:
        MaskError: if a colour has no counterpart, or there are more than regions can be.
    """
    own, other = map(printable_name, names)
    for colours, name in ((picture, own), (painting, other)):
        if not colours:
            raise MaskError(
                f"{name}: expected a map painted with flat colours, got none in it; paint it with a hard brush."
            )
    for colours, most, name in ((picture, MAX_REGIONS, own), (painting, MOST_COLOURS, other)):
        if len(colours) > most:
            raise MaskError(
                f"{name}: expected a map of at most {most} flat colours, got {len(colours)}; paint it with a hard "
                "brush, and save it as PNG."
            )
    found = []
    for colour in picture:
        nearest = min(painting, key=lambda each: _distance(each, colour))
        if _distance(nearest, colour) >= NEAR:
            raise MaskError(
                f"{own}: expected colours that {other} has too ({', '.join(map(hexadecimal, painting))}), got "
                f"{hexadecimal(colour)}; use one colour for what belongs together in both."
            )
        found.append(nearest)
    return found


def masks_of(pixels: Pixels, colours: Sequence[Colour]) -> list[Mask]:
    """Return where each colour is the nearest one: masks (height, width) of 0 and 1, whose sum is 1."""
    nearest = _nearest(pixels, colours)
    return [(nearest == index).astype(np.float32) for index in range(len(colours))]


def _nearest(pixels: Pixels, colours: Sequence[Colour]) -> npt.NDArray[np.int64]:
    """Return which colour is the nearest one to each pixel, (height, width); the first of several."""
    aims = np.array(colours, np.float32)
    blocks = [pixels[first : first + _ROWS].astype(np.float32) for first in range(0, len(pixels), _ROWS)]
    # |p - c|^2 but for |p|^2, exact: all numbers are whole and below 2^24.
    return np.concatenate([np.argmin(np.square(aims).sum(1) - 2 * block @ aims.T, axis=-1) for block in blocks])


@dataclass(frozen=True, eq=False)
class MatchedPart:
    """What has one colour in both maps.

    Attributes:
        colour: In the picture's map, and `model_colour` in the painting's.
        mask: Where it is in the picture: 0 and 1, (height, width) of the thinned map.
        model: Where it is in the painting, likewise.
    """

    colour: Colour
    model_colour: Colour
    mask: Mask
    model: Mask


def parts_of(picture: Pixels, painting: Pixels, names: tuple[str, str]) -> list[MatchedPart]:
    """Return the parts of two label maps, uint8 RGB, the largest in the picture first; raises as `matched`."""
    drawn, known = thinned(picture), thinned(painting)
    colours, all_known = colours_of(drawn), colours_of(known)
    pairs = matched(colours, all_known, names)
    masks, nearest = masks_of(drawn, colours), _nearest(known, all_known)
    return [
        MatchedPart(colour, pair, mask, (nearest == all_known.index(pair)).astype(np.float32))
        for colour, pair, mask in zip(colours, pairs, masks, strict=True)
    ]


def hexadecimal(colour: Colour) -> str:
    """Return a colour as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _distance(one: Sequence[float] | npt.NDArray[np.float64], other: Sequence[float]) -> float:
    return float(np.linalg.norm(np.asarray(one, np.float64) - np.asarray(other, np.float64)))
