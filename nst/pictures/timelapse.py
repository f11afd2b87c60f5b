"""The optimisation as a short animation, and a picture of before and after."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from nst.pictures.codec import Pixels, resize_to

#: Milliseconds of each frame, and of the last one.
FRAME_MS = 110
LAST_MS = 2500
#: White between the two pictures of before and after, as a part of their height.
_GAP = 0.015


def animation(frames: Sequence[Pixels]) -> bytes:
    """Return the pictures, uint8 RGB of any sizes, as an endless animated WebP of the last one's size."""
    return _saved(frames, "WEBP", quality=80, method=2)


def gif(frames: Sequence[Pixels]) -> bytes:
    """Return the pictures as `animation` does, as a GIF: larger and in 256 colours a frame, but it plays everywhere."""
    return _saved(frames, "GIF", optimize=True)


def before_and_after(photo: Pixels, result: Pixels) -> Pixels:
    """Return the photo and the result of it beside each other, each at the result's size, uint8 RGB."""
    height, width = result.shape[:2]
    gap = np.full((height, max(2, round(_GAP * height)), 3), 255, np.uint8)
    return np.concatenate([resize_to(photo, height, width), gap, result], axis=1)


def _saved(frames: Sequence[Pixels], kind: str, **options: object) -> bytes:
    height, width = frames[-1].shape[:2]
    first, *others = (Image.fromarray(resize_to(frame, height, width)) for frame in frames)
    stream = BytesIO()
    durations = [FRAME_MS] * len(others) + [LAST_MS]
    first.save(stream, kind, save_all=True, append_images=others, duration=durations, loop=0, **options)
    return stream.getvalue()
