"""What is remembered of the frames before: their pictures, warped to where things are now.

A frame is held to the frame before it, and where that one shows nothing of a place, to the ones 2 and 4 before it, so
that what was hidden for a moment comes back as it was (the long-term loss of Ruder, Dosovitskiy and Brox 2016,
arXiv 1604.08610, section 4). Their losses are one for each earlier frame, with weights that exclude each other,

    c_long of the j-th before = max(c of the j-th - the sum of c of the nearer ones, 0).

So at each pixel one frame counts at most, and the sum of the losses is one loss, whose target is put together of them.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from nst.masks.temporal import TemporalTarget
from nst.pictures.codec import Pixels
from nst.video.flow import optical_flow, reliable, warped

#: How many frames back: J of the long-term loss.
DISTANCES = (1, 2, 4)


@dataclass(frozen=True, eq=False)
class Painted:
    """A frame of the film and what was painted of it, uint8 RGB (height, width, 3) both, of one size."""

    frame: Pixels
    picture: Pixels


@dataclass
class Memory:
    """The last frames of a scene, the newest at the end."""

    _frames: deque[Painted] = field(default_factory=lambda: deque(maxlen=max(DISTANCES)))

    def keep(self, painted: Painted) -> None:
        """Remember a frame; the oldest may be forgotten for it."""
        self._frames.append(painted)

    def forget(self) -> None:
        """Begin a new scene."""
        self._frames.clear()

    def target(self, frame: Pixels) -> TemporalTarget | None:
        """Return what the frames before say of this one, or None at the beginning of a scene."""
        earlier = [self._frames[-distance] for distance in DISTANCES if distance <= len(self._frames)]
        return temporal_target(frame, earlier) if earlier else None


def temporal_target(frame: Pixels, earlier: list[Painted]) -> TemporalTarget:
    """Return what earlier frames, the nearest first, say that a frame should look like.

    Where none of them can be believed, the picture is the frame itself, with weight 0: a departure from the paper,
    which starts from what was warped there. That is of other things, and a few steps leave its streaks.
    """
    weights, picture = np.zeros(frame.shape[:2], np.float32), frame
    for each in earlier:
        back = optical_flow(frame, each.frame)
        moved = np.asarray(warped(each.picture, back), np.uint8)
        own = np.maximum(reliable(optical_flow(each.frame, frame), back) - weights, 0.0)
        picture = np.where(own[..., None] > 0, moved, picture)
        weights += own
    return TemporalTarget(picture, weights)
