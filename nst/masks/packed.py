"""Masks small enough to travel in a recipe: what is painted by is exactly what is kept.

A mask of a region is reduced once, when it is made, to 16 levels and to as many pixels as fit into `MAX_BYTES`, and
from then on only this form is used. So the recipe inside a result holds the very masks that the result was painted by.
No library for pictures reads it back: a recipe may come from anyone.
"""

import base64
import binascii
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from nst.errors import MaskError
from nst.masks.mask import Mask, resized
from nst.pictures.codec import fitted_shape

#: Long sides that are tried, largest first. The last always fits, whatever the mask: 4 bits for each of 64 x 64 pixels.
SIDES = (512, 384, 256, 192, 128, 96, 64)

#: Bytes of a packed mask, before base64 makes them a third more.
MAX_BYTES = 6144

#: Shares of a pixel that are told apart: 0, 1/15 ... 1. Edges stay as smooth as one sees.
LEVELS = 16


@dataclass(frozen=True)
class PackedMask:
    """A mask of at most 512 pixels a side.

    Attributes:
        height, width: In pixels.
        data: The levels 0..15 row by row, one a byte, each row as its difference (exclusive or) to the row above,
            compressed with zlib, which also notices damage.
    """

    height: int
    width: int
    data: bytes

    @classmethod
    def of(cls, mask: Mask) -> Self:
        """Return the mask in as many pixels as fit, in the same proportions."""
        longest = min(max(mask.shape), SIDES[0])
        for side in (longest, *(side for side in SIDES if side < longest)):
            height, width = fitted_shape(mask.shape[0], mask.shape[1], side)
            packed = cls(height, width, _compressed(resized(mask, (height, width))))
            if len(packed.data) <= MAX_BYTES:
                break
        return packed

    @classmethod
    def everything(cls) -> Self:
        """Return the mask that covers all of a picture, of whatever proportions."""
        return cls.of(np.ones((1, 1), np.float32))

    def coarser(self, side: int) -> Self:
        """Return the mask with a long side of at most `side` pixels."""
        if max(self.height, self.width) <= side:
            return self
        return type(self).of(resized(self.mask, fitted_shape(self.height, self.width, side)))

    @cached_property
    def mask(self) -> Mask:
        """The mask, float32 (height, width) in 0..1."""
        size = self.height * self.width
        differences = np.frombuffer(zlib.decompressobj().decompress(self.data, size), np.uint8)
        rows = np.bitwise_xor.accumulate(differences.reshape(self.height, self.width), axis=0)
        return rows.astype(np.float32) / np.float32(LEVELS - 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the mask as JSON types; `from_dict` reads them back unchanged."""
        return {"height": self.height, "width": self.width, "data": base64.b64encode(self.data).decode()}

    @classmethod
    def from_dict(cls, entry: Any) -> Self:
        """Read a mask that may come from anyone.

        Raises:
            MaskError: for anything but what `to_dict` returns.
        """
        if not isinstance(entry, dict) or entry.keys() != {"height", "width", "data"}:
            raise _damaged()
        height, width, text = entry["height"], entry["width"], entry["data"]
        if not all(type(side) is int and 0 < side <= SIDES[0] for side in (height, width)):
            raise _damaged()
        if not isinstance(text, str) or len(text) > 4 * -(-MAX_BYTES // 3):
            raise _damaged()
        try:
            data = base64.b64decode(text, validate=True)
            reader = zlib.decompressobj()
            levels = reader.decompress(data, height * width + 1)
        except (binascii.Error, zlib.error, ValueError):
            raise _damaged() from None
        if len(levels) != height * width or not reader.eof or reader.unused_data or max(levels) >= LEVELS:
            raise _damaged()
        return cls(height, width, data)


def _compressed(mask: Mask) -> bytes:
    levels: npt.NDArray[np.uint8] = np.rint(mask * (LEVELS - 1)).astype(np.uint8)
    differences = levels.copy()
    differences[1:] ^= levels[:-1]
    return zlib.compress(differences.tobytes(), 9)


def _damaged() -> MaskError:
    return MaskError("mask: expected one as a recipe holds it, got something else; the recipe is damaged.")
