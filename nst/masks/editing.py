"""What is marked on a picture: masks that were found or came from files, and strokes painted on top of them since.

Of a photo the masks are regions, of a painting there is one, the part that is used. What came last lies on top, so the
masks sum to 1 at most, and a step back is another such value.
"""

import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np

from nst.masks.mask import LEAST, Mask, layered, resized, stacked
from nst.masks.packed import PackedMask
from nst.masks.strokes import Stroke, rasterised

#: Steps back that are kept, of those that are not strokes, and the bytes that they may take together.
MOST_STEPS_BACK = 10
MOST_BYTES_BACK = 2**21

#: What Python takes for a point of a stroke: a tuple of two numbers.
_BYTES_OF_A_POINT = 120


def _new_edition() -> str:
    return secrets.token_hex(4)


@dataclass(frozen=True, eq=False)
class MaskEdits:
    """What is marked on one picture.

    Attributes:
        shape: (height, width) of all masks, in the picture's proportions.
        stored: Masks by the index of their region, sum 1 at most but for rounding, as `_stored` keeps them: in 256
            levels, compressed, because a session holds many.
        strokes: What was painted, or erased, on top of them.
        past: Earlier values, oldest first, without their own past.
        edition: Another one whenever anything but the strokes has changed.
    """

    shape: tuple[int, int]
    stored: Mapping[int, bytes] = field(default_factory=dict)
    strokes: tuple[Stroke, ...] = ()
    past: "tuple[MaskEdits, ...]" = ()
    edition: str = field(default_factory=_new_edition)

    @classmethod
    def of(cls, masks: Sequence[Mask], names: Sequence[str]) -> Self:
        """Return the marks that look like these masks of one picture, which may be of different sizes.

        Later masks lie on top of earlier ones; what is hidden by others is lost.

        Args:
            masks: At least one, none of them empty.
            names: What the user calls them, for errors.

        Raises:
            MaskError: as `nst.masks.mask.layered`.
        """
        height, width = max((mask.shape for mask in masks), key=max)
        seen = layered([resized(mask, (height, width)) for mask in masks], names)
        return cls((height, width), {index: _stored(mask) for index, mask in enumerate(seen)})

    @property
    def found(self) -> dict[int, Mask]:
        """The masks that strokes were painted on, by the index of their region."""
        return {index: _restored(data, self.shape) for index, data in self.stored.items()}

    @property
    def size(self) -> int:
        """Bytes that these marks take, without their past."""
        points = sum(len(stroke.points) for stroke in self.strokes)
        return sum(map(len, self.stored.values())) + _BYTES_OF_A_POINT * (points + len(self.strokes))

    def at_rest(self) -> Self:
        """Return the same marks, of the same edition, without what was worked out from them."""
        return replace(self)

    @cached_property
    def masks(self) -> dict[int, Mask]:
        """The mask (height, width) of each region that covers anything, by its index; they sum to 1 at most."""
        painted = {stroke.region for stroke in self.strokes if stroke.region is not None}
        masks = self.found
        indices = sorted(painted | set(masks))
        if self.strokes:
            drawn = rasterised(self.strokes, max(indices, default=0) + 1, self.shape)
            touched = rasterised([replace(stroke, region=0) for stroke in self.strokes], 1, self.shape)[0]
            nothing = np.zeros(self.shape, np.float32)
            masks = {
                index: np.clip(drawn[index] + masks.get(index, nothing) * (1 - touched), 0, 1) for index in indices
            }
        return {index: masks[index] for index in indices if np.max(masks[index]) >= LEAST}

    @cached_property
    def packed(self) -> dict[int, PackedMask]:
        """The same masks as a job takes them, later ones on top; the index is that of `masks`."""
        return dict(zip(self.masks, map(PackedMask.of, stacked(list(self.masks.values()))), strict=True))

    def painted(self, strokes: tuple[Stroke, ...]) -> Self:
        """Return the marks with these strokes instead."""
        return replace(self, strokes=strokes)

    def marked(self, region: int, mask: Mask, *, instead: bool = False) -> Self:
        """Return the marks with `mask` added to a region, or put in the place of what it had.

        What other regions have there is taken from them.
        """
        mask = resized(mask, self.shape)
        found = {index: other * (1 - mask) for index, other in self.masks.items() if index != region}
        own = None if instead else self.masks.get(region)
        return self._next({**found, region: mask if own is None else np.maximum(own, mask)})

    def split(self, mask: Mask) -> Self:
        """Return the marks with `mask` as the first region and everything else as the second."""
        mask = resized(mask, self.shape)
        return self._next({0: mask, 1: 1 - mask})

    def cleared(self) -> Self:
        """Return no marks."""
        return self._next({})

    def without(self, region: int) -> Self:
        """Return the marks of the other regions, whose indices close the gap; there is no way back from it."""
        found = {index - (index > region): mask for index, mask in self.masks.items() if index != region}
        return replace(self._next(found), past=())

    def limited(self, regions: int) -> Self:
        """Return the marks of the first so many regions."""
        indices = {*self.stored, *(stroke.region for stroke in self.strokes if stroke.region is not None)}
        if max(indices, default=-1) < regions:
            return self
        return replace(self._next({index: mask for index, mask in self.masks.items() if index < regions}), past=())

    def undone(self) -> Self:
        """Return the marks before the last change that was no stroke."""
        if not self.past:
            return self
        return replace(self, stored=self.past[-1].stored, strokes=self.past[-1].strokes, past=self.past[:-1],
                       edition=_new_edition())  # fmt: skip

    def _next(self, found: Mapping[int, Mask]) -> Self:
        past: tuple[MaskEdits, ...] = (*self.past, replace(self, past=()))
        past = past[-MOST_STEPS_BACK:]
        while sum(step.size for step in past) > MOST_BYTES_BACK:
            past = past[1:]
        stored = {index: _stored(mask) for index, mask in found.items()}
        return replace(self, stored=stored, strokes=(), past=past, edition=_new_edition())


def _stored(mask: Mask) -> bytes:
    """Return a mask in 256 levels, compressed."""
    return zlib.compress(np.rint(mask * 255).astype(np.uint8).tobytes(), 1)


def _restored(data: bytes, shape: tuple[int, int]) -> Mask:
    levels = np.frombuffer(zlib.decompress(data), np.uint8).reshape(shape)
    return levels.astype(np.float32) / np.float32(255)
