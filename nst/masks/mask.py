"""Regions of the photo: where a style goes, and how much of it.

A mask is a float32 array (height, width) in 0..1 at the photo's size, or at any other of the same proportions: the
share of each pixel that belongs to the region. Where it comes from is told in `nst.masks.strokes` (painted by hand) and
`nst.masks.selection` (found in the photo); here is what all masks have in common, and those from files.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from nst.errors import MaskError
from nst.pictures.codec import has_proportions_of, printable_name, read_coverage

Mask = npt.NDArray[np.float32]

#: The most regions that one picture can have.
MAX_REGIONS = 8

#: A pixel with less of a region has nothing of it: half of a level of an 8-bit mask.
LEAST = 0.5 / 255

#: A region of which less than this share is left by later ones is hidden: it is no more than their soft edge.
HIDDEN = 0.02


def read_mask(data: bytes, shape: tuple[int, int], region: str) -> Mask:
    """Return the mask in a picture file, resampled to the photo's (height, width).

    `nst.pictures.codec.read_coverage` says what opacity, grey, colours and 16 bits mean in it.

    Args:
        data: The whole file; nothing about it is trusted.
        shape: (height, width) of the photo.
        region: What the user calls the region, for errors.

    Raises:
        ImageError: if the file is no picture that can be read.
        MaskError: if it is not in the photo's proportions, or covers nothing.
    """
    return checked(fitted(read_coverage(data, region), shape, region), region)


def fitted(mask: Mask, shape: tuple[int, int], region: str) -> Mask:
    """Return a mask of another size at the photo's (height, width).

    Raises:
        MaskError: if it would have to be squashed by more than a pixel.
    """
    check_proportions(mask, shape, region)
    return resized(mask, shape)


def check_proportions(mask: Mask, shape: tuple[int, int], region: str) -> None:
    """Raise MaskError if the mask would have to be squashed to lie on a photo of (height, width)."""
    height, width = mask.shape
    if not has_proportions_of(height, width, shape):
        raise MaskError(
            f"region {printable_name(region)}: expected a mask in the proportions of its picture, such "
            f"as {shape[1]}x{shape[0]}, got {width}x{height}; make it from the picture itself."
        )


#: Part of a picture, in shares of its height and width: top, left, bottom, right.
Part = tuple[float, float, float, float]
WHOLE: Part = (0.0, 0.0, 1.0, 1.0)


def resized(mask: Mask, shape: tuple[int, int], part: Part = WHOLE) -> Mask:
    """Return the mask at (height, width): averaged where it shrinks, linear where it grows, so never beyond 0..1.

    Args:
        part: Of the mask, which then has that shape.
    """
    if mask.shape == shape and part == WHOLE:
        return mask
    height, width = shape
    top, left, bottom, right = part
    box = (left * mask.shape[1], top * mask.shape[0], right * mask.shape[1], bottom * mask.shape[0])
    return np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.BILINEAR, box))


def checked(mask: Mask, region: str) -> Mask:
    """Return `mask` if it covers anything.

    Raises:
        MaskError: if no pixel has more than `LEAST` of it.
    """
    if mask.size == 0 or np.max(mask) < LEAST:
        raise MaskError(
            f"region {printable_name(region)}: expected a mask that covers some of the picture, got an empty one; "
            "paint it, or leave the region out."
        )
    return mask


def feathered(mask: Mask, sigma: float) -> Mask:
    """Return the mask with a soft edge: Gaussian blur, standard deviation `sigma` pixels, in steps of 1/255."""
    if sigma <= 0:
        return mask
    levels = Image.fromarray(np.rint(mask * 255).astype(np.uint8))
    return np.asarray(levels.filter(ImageFilter.GaussianBlur(sigma))).astype(np.float32) / np.float32(255)


def layered(masks: Sequence[Mask], regions: Sequence[str]) -> tuple[Mask, ...]:
    """Return masks of which no pixel is shared out more than once: later regions lie on top of earlier ones.

    Each keeps what those after it leave free, ``m_k * product over j > k of (1 - m_j)``, so that all of them sum to 1
    at most, and a soft edge lets through what is below. Masks that do not overlap stay as they are.

    Args:
        masks: Of one shape.
        regions: What the user calls them, for errors.

    Raises:
        MaskError: if a region is empty, or nothing of it is left but an edge.
    """
    free = np.ones_like(masks[0]) if masks else None
    kept: list[Mask] = []
    for mask, region in zip(reversed(masks), reversed(regions), strict=True):
        assert free is not None
        visible = checked(mask, region) * free
        if np.max(visible) < LEAST or visible.sum() < HIDDEN * mask.sum():
            raise MaskError(
                f"region {printable_name(region)}: expected some of it to be visible, got a mask that later regions "
                "cover completely; move it after them or leave it out."
            )
        kept.append(visible)
        free = free * (1 - mask)
    return tuple(reversed(kept))


def stacked(masks: Sequence[Mask]) -> tuple[Mask, ...]:
    """Return the masks that `layered` turns into these, which sum to 1 at most: its inverse where that is unique.

    Of what lies on top nothing changes; what lies below a soft edge is made up to the share that the edge lets through.
    """
    free = np.ones_like(masks[0]) if masks else None
    below: list[Mask] = []
    for mask in reversed(masks):
        assert free is not None
        below.append(np.clip(np.divide(mask, free, out=np.zeros_like(mask), where=free >= LEAST), 0, 1))
        free = free - mask
    return tuple(reversed(below))


def uncovered(masks: Sequence[Mask]) -> Mask:
    """Return what layered masks leave of the photo: 1 - their sum, in 0..1."""
    return np.clip(1 - np.sum(masks, axis=0, dtype=np.float32), 0, 1)
