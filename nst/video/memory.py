"""What is remembered of the frames before: their pictures, warped to where things are now.

A frame is held to the frame before it, and where that one shows nothing of a place, to the ones 2 and 4 before it, so
that what was hidden for a moment comes back as it was (the long-term loss of Ruder, Dosovitskiy and Brox 2016,
arXiv 1604.08610, section 4). Their losses are one for each earlier frame, with weights that exclude each other,

    c_long of the j-th before = max(c of the j-th - the sum of c of the nearer ones, 0).

So at each pixel one frame counts at most, and the sum of the losses is one loss, whose target is put together of them.
"""

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from nst.masks.mask import Mask
from nst.masks.temporal import TemporalTarget
from nst.pictures.codec import Pixels
from nst.pictures.colour import Levels, as_pixels
from nst.video.flow import alike, beyond, optical_flow, reliable, warped

#: How many frames back: J of the long-term loss.
DISTANCES = (1, 2, 4)
#: After so many frames what has come into sight is taken for painted, when a film goes on from its files.
RECALL = 12
#: How the hold on a place grows with how far it is painted: at half of the steps it is an eighth.
_POWER = 3

Where = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Painted:
    """A frame of the film and what was painted of it.

    Attributes:
        frame, picture: uint8 RGB (height, width, 3) both, of one size.
        done: How far each place is painted, float32 (height, width) in 0..1; None where all has had a first frame's
            steps.
    """

    frame: Pixels
    picture: Pixels
    done: Mask | None = None


class Memory:
    """The last frames of a scene, the newest at the end.

    Args:
        share: Steps of a frame that follows another over those of the first one.
    """

    def __init__(self, share: float = 1.0) -> None:
        self._share = share
        self._frames: deque[Painted] = deque(maxlen=max(DISTANCES))
        #: The frame that was asked for last, and how far each place of it is painted when it is.
        self._asked: tuple[Pixels, Mask | None] | None = None

    def keep(self, frame: Pixels, picture: Pixels, *, settled: bool = False) -> None:
        """Remember a frame and what was painted of it; the oldest may be forgotten for it.

        Args:
            frame: uint8 RGB (height, width, 3).
            picture: Likewise.
            settled: Whether nothing in it need be taken for new: it is long ago.
        """
        if not settled and (self._asked is None or self._asked[0] is not frame):
            self.target(frame)
        done = None if settled or self._asked is None else self._asked[1]
        self._frames.append(Painted(frame, picture, done))
        self._asked = None

    def forget(self) -> None:
        """Begin a new scene."""
        self._frames.clear()

    def target(self, frame: Pixels) -> TemporalTarget | None:
        """Return what the frames before say of this one, or None at the beginning of a scene."""
        earlier = [self._frames[-distance] for distance in DISTANCES if distance <= len(self._frames)]
        self._asked = (frame, None)
        if not earlier:
            return None
        target, done = expected(frame, earlier)
        self._asked = (frame, np.minimum(done + np.float32(self._share), 1))
        return target


def expected(frame: Pixels, earlier: list[Painted]) -> tuple[TemporalTarget, Mask]:
    """Return what earlier frames, the nearest first, say that a frame should look like, and how far that is painted.

    Three departures from the paper. A place whose colours are others than in the earlier frame is not believed,
    whatever the flows say: behind something that moves they may follow it together, and leave its ghost. Where no frame
    can be believed, the picture is the frame itself in the colours that the one before was painted in, with strokes
    mirrored into what was beyond it, and weight 0: the paper starts from what was warped there, which is of other
    things, and a few steps leave its streaks; nor do they paint strokes into a bare photo, for the style's statistics
    are those of the whole picture. And a place is held only as far as it is painted.
    """
    known, weights, done = (np.zeros(frame.shape[:2], np.float32) for _ in range(3))
    picture, outside = frame, np.zeros(frame.shape[:2], np.bool_)
    for number, each in enumerate(earlier):
        back = optical_flow(frame, each.frame)
        moved = np.asarray(warped(each.picture, back), np.uint8)
        trusted = reliable(optical_flow(each.frame, frame), back) * alike(frame, np.asarray(warped(each.frame, back)))
        own = np.maximum(trusted - known, 0.0)
        own_done = np.ones_like(own) if each.done is None else np.clip(warped(each.done, back), 0, 1)
        picture = np.where(own[..., None] > 0, moved, picture)
        weights += own * own_done**_POWER
        done += own * own_done
        known += own
        outside = beyond(back) if number == 0 else outside
    if not known.all():
        picture = _continued(picture, _recoloured(frame, earlier[0]), known > 0, outside)
    return TemporalTarget(picture, weights), done


def _continued(picture: Pixels, frame: Levels, known: Where, outside: Where) -> Pixels:
    """Return a picture whose unknown places are the frame; into what was beyond it strokes are mirrored.

    Args:
        picture: uint8 RGB (height, width, 3), painted where it is known.
        frame: The frame in the picture's colours, of the same shape: what is beyond it in the picture are strokes.
        known: Where the picture is painted, (height, width).
        outside: What was beyond the frame's borders before, likewise. Around things that move borders are too ragged
            to mirror anything.
    """
    if not known.any():
        return as_pixels(frame)
    rows, columns = _mirrored(known)
    strokes = picture[rows, columns] - frame[rows, columns]
    result = picture.copy()
    result[~known] = as_pixels(frame[~known] + strokes * outside[~known][:, None])
    return result


def _mirrored(known: Where) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows and columns of the known places that unknown ones are mirrored from, in the order of these."""
    _, labels = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.zeros((labels.max() + 1, 2), np.int64)
    places[labels[known]] = np.argwhere(known)
    nearest = places[labels[~known]]
    mirrored = np.clip(2 * nearest - np.argwhere(~known), 0, np.array(known.shape) - 1)
    is_known = known[mirrored[:, 0], mirrored[:, 1]]
    rows, columns = np.where(is_known[:, None], mirrored, nearest).T
    return rows, columns


def _recoloured(frame: Pixels, before: Painted) -> Levels:
    """Return a frame with its colours changed as, on average, painting has changed those of the frame before it."""
    colours = np.column_stack([before.frame.reshape(-1, 3), np.ones(before.frame.size // 3, np.uint8)]).astype(float)
    change, *_ = np.linalg.lstsq(colours, before.picture.reshape(-1, 3).astype(float), rcond=None)
    return np.asarray(frame @ change[:3] + change[3], np.float64)
