"""A picture of nothing: what is painted on where there is no photo."""

from dataclasses import dataclass

import numpy as np

from nst.pictures.codec import Pixels

#: Its grey level.
LEVEL = 128


@dataclass(frozen=True)
class Blank:
    """A grey picture of `height` x `width` pixels."""

    height: int
    width: int

    @property
    def name(self) -> str:
        """What recipes call it; all that there is to know about it."""
        return f"blank {self.width}x{self.height}"

    @property
    def pixels(self) -> Pixels:
        """uint8 RGB (height, width, 3)."""
        return np.full((self.height, self.width, 3), LEVEL, np.uint8)
