"""One tile of a picture as tensors, and sums over several tiles inside one TensorFlow function.

The number of tiles and their rectangles (`nst.plan.tiling.cut`) are tensors too, so that one traced function serves
pictures of any size and any tiling.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Self

import numpy as np
import tensorflow as tf

from nst.engine.bands import fold
from nst.layers import stride_of
from nst.plan.tiling import CORE, TILE
from nst.progress import Interruption

#: The TensorFlow signature of what `nst.plan.tiling.cut` returns.
TILES = tf.TensorSpec((None, 8), tf.int32)
#: Seconds between two questions whether to go on, as far as single tiles allow.
GROUP_SECONDS = 0.5


class Tile(NamedTuple):
    """A tile of a picture, as int32 tensors.

    Attributes:
        core: The rectangle (4,) whose positions are the tile's own: top, left, bottom, right in pixels.
        outer: The rectangle (4,) that the tile is computed on, likewise: the core and its halo.
        picture: (height, width) of the whole picture, (2,).
    """

    core: tf.Tensor
    outer: tf.Tensor
    picture: tf.Tensor

    @classmethod
    def of(cls, rectangles: tf.Tensor, picture: tf.Tensor) -> Self:
        """Return the tile that one row (8,) of `nst.plan.tiling.cut` makes of a picture (1, H, W, 3)."""
        return cls(rectangles[CORE], rectangles[TILE], tf.shape(picture)[1:3])

    def pixels(self, picture: tf.Tensor) -> tf.Tensor:
        """Return the tile's pixels of the picture."""
        return _cut(picture, self.outer)

    def core_of_tile(self, maps: tf.Tensor, layer: str) -> tf.Tensor:
        """Return the core's positions of the tile's feature maps."""
        return _cut(maps, self.core // stride_of(layer) - tf.tile(self.outer[:2] // stride_of(layer), (2,)))

    def core_of_whole(self, maps: tf.Tensor, layer: str) -> tf.Tensor:
        """Return the core's positions of the whole picture's feature maps."""
        return _cut(maps, self.core // stride_of(layer))

    def whole_maps(self, layer: str) -> tf.Tensor:
        """Return the (height, width) of the whole picture's feature maps."""
        return self.picture // stride_of(layer)

    @property
    def core_shape(self) -> tf.Tensor:
        """The (height, width) of the core in pixels."""
        return self.core[2:] - self.core[:2]

    def core_and_next(self, pixels: tf.Tensor) -> tf.Tensor:
        """Return the core of the tile's pixels, with the row below and the column to the right where there are any."""
        beyond = tf.concat([self.core[:2], tf.minimum(self.core[2:] + 1, self.picture)], 0)
        return _cut(pixels, beyond - tf.tile(self.outer[:2], (2,)))


def groups(tiles: np.ndarray, interruption: Interruption) -> Iterator[np.ndarray]:
    """Yield some tiles at a time, as many as take about `GROUP_SECONDS`; between them the work can be stopped.

    Raises:
        Interrupted: if it is.
    """
    first, count = 0, 1
    while first < len(tiles):
        interruption.check()
        start = time.perf_counter()
        yield tiles[first : first + count]
        seconds = time.perf_counter() - start
        first += count
        if seconds < GROUP_SECONDS / 2:
            count *= 2
        elif seconds > GROUP_SECONDS:
            count = max(1, count // 2)


def sum_over(tiles: tf.Tensor, function: Callable[[tf.Tensor], Any], start: Any) -> Any:
    """Return `start`, nested tensors, and the sum of ``function(row)`` over the rows of `tiles` added to it."""
    return fold(tiles, lambda total, row: tf.nest.map_structure(tf.add, total, function(row)), start)


def _cut(maps: tf.Tensor, rectangle: tf.Tensor) -> tf.Tensor:
    top, left, bottom, right = tf.unstack(rectangle)
    return maps[:, top:bottom, left:right]
