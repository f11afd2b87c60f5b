"""The optimisation as a short animation."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from nst.pictures.codec import Pixels, resize_to

#: Milliseconds of each frame, and of the last one.
FRAME_MS = 110
LAST_MS = 2500


def animation(frames: Sequence[Pixels]) -> bytes:
    """Return the pictures, uint8 RGB of any sizes, as an endless animated WebP of the last one's size."""
    height, width = frames[-1].shape[:2]
    first, *others = (Image.fromarray(resize_to(frame, height, width)) for frame in frames)
    stream = BytesIO()
    first.save(
        stream,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=[FRAME_MS] * len(others) + [LAST_MS],
        loop=0,
        quality=80,
        method=2,
    )
    return stream.getvalue()
