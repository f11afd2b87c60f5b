"""Where things have moved from one frame to another, and where that can be believed.

A flow is float32 (height, width, 2): for each pixel of one frame, how far right and down it is found in the other.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from nst.masks.mask import Mask
from nst.pictures.codec import Pixels

Flow = npt.NDArray[np.float32]

#: Colours are alike up to so many grey levels, once they are smoothed by so many pixels.
_ALIKE, _SMOOTHING = 25.0, 1.5


def optical_flow(one: Pixels, other: Pixels) -> Flow:
    """Return the flow from `one` to `other`, uint8 RGB (height, width, 3) both: OpenCV's DIS (Kroeger et al. 2016)."""
    before, after = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (one, other))
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(search.calc(before, after, np.zeros((*before.shape, 2), np.float32)), np.float32)


def warped(array: npt.NDArray[Any], flow: Flow) -> npt.NDArray[Any]:
    """Return a picture or flow (height, width, channels) of the other frame, moved to where things are in the one.

    Each pixel is taken from where `flow`, that from the one to the other, points to, by cubic interpolation; beyond the
    border it is the border's.
    """
    rows, columns = np.indices(flow.shape[:2], dtype=np.float32)
    right, down = columns + flow[..., 0], rows + flow[..., 1]
    return np.asarray(cv2.remap(array, right, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def reliable(there: Flow, back: Flow) -> Mask:
    """Return where a frame can be compared with an earlier one, float32 (height, width): 1, or 0 where it cannot.

    The check of Sundaram, Brox and Keutzer 2010 as Ruder, Dosovitskiy and Brox 2016 use it (arXiv 1604.08610,
    section 4). A pixel is given up where something has come into sight: the flow there and the flow back do not
    cancel, |w + w'|^2 > 0.01 (|w|^2 + |w'|^2) + 0.5; and at the borders of what moves by itself, where the flow is
    least exact: |grad u|^2 + |grad v|^2 > 0.01 |w'|^2 + 0.002. And where it comes from beyond the frame.

    Args:
        there: w, the flow from the earlier frame to this one.
        back: w' = (u, v), the flow from this frame to the earlier one.
    """
    same_place = np.asarray(warped(there, back), np.float32)
    length, own = _square(same_place), _square(back)
    disoccluded = _square(same_place + back) > 0.01 * (length + own) + 0.5
    slopes = [np.gradient(back[..., channel], axis=axis) for channel in (0, 1) for axis in (0, 1)]
    boundary = np.sum(np.square(slopes), axis=0) > 0.01 * own + 0.002
    return (~(disoccluded | boundary | beyond(back))).astype(np.float32)


def alike(one: Pixels, other: Pixels) -> Mask:
    """Return where two pictures, uint8 RGB of one shape, show the same: 1, or 0 where their colours differ.

    Both are smoothed first, so that neither noise nor an edge that is a pixel off counts.
    """
    smooth = [cv2.GaussianBlur(each.astype(np.float32), (0, 0), _SMOOTHING) for each in (one, other)]
    return (np.abs(smooth[0] - smooth[1]).mean(axis=-1) <= _ALIKE).astype(np.float32)


def _square(flow: Flow) -> npt.NDArray[np.float32]:
    return np.asarray(np.sum(np.square(flow), axis=-1), np.float32)


def beyond(flow: Flow) -> npt.NDArray[np.bool_]:
    """Return where a flow points out of the frame."""
    height, width = flow.shape[:2]
    rows, columns = np.indices((height, width), dtype=np.float32)
    right, down = columns + flow[..., 0], rows + flow[..., 1]
    # Half a pixel's leeway: a flow is not exact, and what the border is has been seen.
    return (right < -0.5) | (right > width - 0.5) | (down < -0.5) | (down > height - 0.5)
