"""Which painting goes where: regions of the photo, and parts of the paintings.

Gatys et al. 2017, "Controlling Perceptual Factors in Neural Style Transfer", section 4. Later regions lie on top of
earlier ones. What no region covers, or one of strength 0, is left as the photo: the optimiser may not touch it, and
where a mask is soft it may change a pixel by no more than that share of the grey levels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from nst.errors import MaskError
from nst.masks.mask import MAX_REGIONS, WHOLE, Mask, Part, check_proportions, layered, resized
from nst.masks.packed import PackedMask
from nst.pictures.codec import printable_name

#: The most paintings of which only a part is used: one for each region.
MAX_GUIDES = MAX_REGIONS

#: More strength than this is what style_weight is for.
MAX_STRENGTH = 100.0


@dataclass(frozen=True)
class Region:
    """A part of the photo with its own painting, or blend of paintings.

    Attributes:
        name: What the user calls it.
        mask: In the photo's proportions, of any size.
        shares: How much of each painting of the job, in their order; normalised to sum to 1.
        strength: Over style_weight, 0 to `MAX_STRENGTH`; 0 leaves the region as the photo.

    Raises:
        MaskError: if the mask is empty, or the shares or the strength are none.
    """

    name: str
    mask: PackedMask
    shares: tuple[float, ...]
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not self.mask.mask.any():
            raise MaskError(
                f"{self.title}: expected a mask that covers some of the picture, got an empty one; "
                "paint it, or leave the region out."
            )
        if not all(0 <= share <= 1e6 for share in self.shares) or not any(self.shares):
            raise MaskError(f"{self.title}: expected at least one painting with a weight above 0, got none.")
        if not 0 <= self.strength <= MAX_STRENGTH:
            raise MaskError(f"{self.title}: expected a strength from 0 to {MAX_STRENGTH:g}, got {self.strength:g}.")
        # Shares that were normalised before stay as they are, to the last digit.
        total = 1.0 if math.isclose(sum(self.shares), 1.0, rel_tol=1e-9) else sum(self.shares)
        object.__setattr__(self, "name", printable_name(self.name))
        object.__setattr__(self, "shares", tuple(share / total for share in self.shares))

    @property
    def title(self) -> str:
        """The region as errors call it."""
        return f"region {printable_name(self.name)}"


@dataclass(frozen=True, eq=False)
class Area:
    """A region as it is painted: `region`, and the `mask` at the result's size that later regions leave of it."""

    region: Region
    mask: Mask


@dataclass(frozen=True, eq=False)
class Layout:
    """All regions of one job at the result's size, and where the subject of its photo is.

    Attributes:
        areas: Those with a strength above 0, in their order.
        guides: The part of each painting that is used, in the painting's proportions; None for the whole.
        subject: How far each pixel of the result shows the photo's subject, 0..1; None if that makes no difference.
    """

    areas: tuple[Area, ...]
    guides: tuple[Mask | None, ...]
    subject: Mask | None = None

    @classmethod
    def plain(cls, styles: int) -> Self:
        """Return the layout of so many paintings, each of them whole, without regions."""
        return cls((), (None,) * styles)

    @classmethod
    def of(
        cls,
        regions: Sequence[Region],
        guides: Sequence[PackedMask | None],
        shape: tuple[int, int],
        styles: int,
        photo: tuple[int, int] | None = None,
        part: Part = WHOLE,
    ) -> Self:
        """Arrange the regions on a result of (height, width), painted with `styles` paintings.

        Args:
            regions: Empty for one painting, or blend, all over.
            guides: One for each painting, or empty.
            shape: (height, width) of the result.
            styles: How many paintings there are.
            photo: (height, width) of the photo, whose proportions a small result has only roughly; None if it is that
                of the result.
            part: Of the photo, and so of each region's mask, that the result shows.

        Raises:
            MaskError: if a mask is not in the photo's proportions, later regions leave nothing of it, there are too
                many, the paintings are not as many as the shares or guides, or no region is to be painted.
        """
        check_counts(regions, guides, styles)
        for region in regions:
            check_proportions(region.mask.mask, photo or shape, region.name)
        masks = [resized(region.mask.mask, shape, part) for region in regions]
        masks = list(layered(masks, [region.name for region in regions]))
        areas = tuple(Area(*pair) for pair in zip(regions, masks, strict=True) if pair[0].strength > 0)
        if regions and not areas:
            raise MaskError("regions: expected at least one with a strength above 0, got none; there is nothing to do.")
        parts = tuple(None if guide is None else guide.mask for guide in guides) or (None,) * styles
        return cls(areas, parts)

    def free(self) -> Mask | None:
        """Return how far each pixel of the result may change, 0..1; None if all may change freely."""
        if not self.areas:
            return None
        free = np.clip(np.sum([area.mask for area in self.areas], axis=0, dtype=np.float32), 0, 1)
        # Edges of masks that meet sum to 1 only up to rounding.
        return None if np.min(free) > 0.99 else free

    def at(self, shape: tuple[int, int]) -> Self:
        """Return the layout at another size of the result."""
        areas = tuple(replace(area, mask=resized(area.mask, shape)) for area in self.areas)
        return replace(self, areas=areas, subject=None if self.subject is None else resized(self.subject, shape))


def check_counts(regions: Sequence[Region], guides: Sequence[PackedMask | None], styles: int) -> None:
    """Raise MaskError if there are too many regions, or not one share or guide for each painting."""
    if len(regions) > MAX_REGIONS:
        raise MaskError(f"regions: expected at most {MAX_REGIONS}, got {len(regions)}; leave some out or join them.")
    for region in regions:
        if len(region.shares) != styles:
            raise MaskError(
                f"{region.title}: expected a weight for each of the {styles} paintings, got {len(region.shares)}; "
                "give each region its painting."
            )
    if guides and len(guides) != styles:
        raise MaskError(f"style_guides: expected one or None for each of the {styles} paintings, got {len(guides)}.")
    if sum(guide is not None for guide in guides) > MAX_GUIDES:
        raise MaskError(f"style_guides: expected at most {MAX_GUIDES} paintings with one, got more; leave some out.")
