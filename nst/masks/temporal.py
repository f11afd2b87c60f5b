"""What the frames before it say that a film's frame should look like, and where they can be believed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from nst.errors import ImageError
from nst.masks.mask import Mask, resized
from nst.pictures.codec import Pixels, resize_to


@dataclass(frozen=True, eq=False)
class TemporalTarget:
    """A picture that a film's frame is held to, and how far each of its pixels is to be trusted.

    Attributes:
        picture: The frames before it, warped to where things are now, uint8 RGB (height, width, 3).
        weights: c of `nst.engine.losses.temporal_loss`, float32 (height, width) in 0..1: 0 where nothing is known.

    Raises:
        ImageError: if the two have different sizes.
    """

    picture: Pixels
    weights: Mask

    def __post_init__(self) -> None:
        if self.picture.shape[:2] != self.weights.shape:
            raise ImageError(
                f"temporal: expected weights of the picture's height and width {self.picture.shape[:2]}, "
                f"got {self.weights.shape}; make both of one size."
            )

    def at(self, shape: tuple[int, int]) -> Self:
        """Return the target resized to (height, width)."""
        if self.weights.shape == shape:
            return self
        return type(self)(resize_to(self.picture, *shape), resized(self.weights, shape))

    def seen_as(self, view: Callable[[Pixels], Pixels]) -> Self:
        """Return the target with its picture as a run sees it, e.g. without the chroma that is not painted."""
        return replace(self, picture=view(self.picture))
