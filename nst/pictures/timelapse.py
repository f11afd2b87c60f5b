"""The optimisation as a short animation: a bounded record of it while it runs, and the file in the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Generic, TypeVar

from PIL import Image

from nst.pictures.codec import Pixels, resize_to

#: Milliseconds of each frame, and of the last one.
FRAME_MS = 110
LAST_MS = 2500

Item = TypeVar("Item")


@dataclass
class Thinned(Generic[Item]):
    """Evenly spaced items of a sequence of unknown length, at most `limit` of them.

    When it is full every second item is dropped, and from then on only half as many of those that come are kept.
    """

    limit: int
    items: list[Item] = field(default_factory=list)
    _every: int = 1
    _seen: int = 0

    def add(self, item: Item) -> None:
        """Take the next item of the sequence."""
        if self._seen % self._every == 0:
            if len(self.items) == self.limit:
                self.items = self.items[::2]
                self._every *= 2
            if self._seen % self._every == 0:
                self.items.append(item)
        self._seen += 1


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
