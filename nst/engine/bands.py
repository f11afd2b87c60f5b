"""Arithmetic on large arrays a few rows at a time, and the loop over rows inside a TensorFlow function.

An operation on a whole picture takes memory of the picture's size for its result, and for every intermediate one. A few
rows at a time, results go back to where they belong before the next rows are taken, and the memory is that of the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import tensorflow as tf

from nst.engine import tracing

#: The TensorFlow signature of what `bands_of` returns.
BANDS = tf.TensorSpec((None, 2), tf.int64)
#: Values of a picture in one band. Few enough for forty of them at once, enough to keep every core busy.
_BAND = 640_000


def fold(rows: tf.Tensor, function: Callable[[Any, tf.Tensor], Any], start: Any) -> Any:
    """Return ``function(so_far, row)`` applied to the rows of a tensor one after the other, beginning with `start`."""
    # One at a time: that is what keeps memory at that of one.
    return tf.while_loop(
        lambda number, _: number < tf.shape(rows)[0],
        lambda number, so_far: (number + 1, function(so_far, rows[number])),
        (tf.constant(0), start),
        parallel_iterations=1,
    )[1]


def assign_part(variable: tf.Variable, index: tuple[Any, ...], value: tf.Tensor) -> None:
    """Change the part of a variable at `index` in place."""
    variable[index].assign(value)
    _share_again(variable)


def _share_again(variable: tf.Variable) -> None:
    """Let what is read of a variable share its memory; TensorFlow copies all of one that was changed in part."""
    tf.raw_ops.DisableCopyOnRead(resource=variable.handle)


@dataclass(frozen=True)
class Band:
    """Some rows of arrays (..., height, width, channels), or the whole of arrays of any shape.

    Args:
        bounds: The first row and the one after the last, (2,) int64; None for the whole.
        compiled: Whether XLA compiles what is done with it.
    """

    bounds: tf.Tensor | None
    compiled: bool = False

    def of(self, array: tf.Tensor | tf.Variable, place: tf.Tensor | None = None) -> tf.Tensor:
        """Return these rows of an array, or of the array at `place` of its first axis; if it has one row, that one."""
        if self.bounds is None:
            return tf.convert_to_tensor(array) if place is None else tf.gather(array, place)
        top, bottom = tf.unstack(self.bounds)
        height = tf.shape(array, tf.int64)[-3]
        rows = slice(tf.minimum(top, height - 1), tf.minimum(bottom, height))
        first = () if place is None else (place,)
        return array[(*first, ..., rows, slice(None), slice(None))]

    def put(self, variable: tf.Variable, rows: tf.Tensor, place: tf.Tensor | None = None) -> None:
        """Put the rows where they belong in the variable, or in the array at `place` of its first axis."""
        if self.bounds is not None:
            first = () if place is None else (place,)
            assign_part(variable, (*first, ..., slice(*tf.unstack(self.bounds)), slice(None), slice(None)), rows)
        elif place is None:
            variable.assign(rows)
        else:
            variable.scatter_update(tf.IndexedSlices(rows, place))
            if not self.compiled:  # XLA does not know the operation, nor need it
                _share_again(variable)


class Bands(Enum):
    """All rows at once: in a function that runs as it stands, or that XLA compiles."""

    WHOLE = auto()
    COMPILED = auto()


def fold_bands(bands: tf.Tensor | Bands, function: Callable[[Any, Band], Any], start: Any) -> Any:
    """Return ``function(so_far, band)`` applied to each of the bands in turn."""
    tracing.check()
    if isinstance(bands, Bands):
        return function(start, Band(None, compiled=bands is Bands.COMPILED))
    return fold(bands, lambda so_far, bounds: function(so_far, Band(bounds)), start)


def each_band(bands: tf.Tensor | Bands, function: Callable[[Band], None]) -> None:
    """Call ``function(band)``, which changes variables, for each of the bands in turn."""

    def call(number: tf.Tensor, band: Band) -> tf.Tensor:
        function(band)
        return number

    fold_bands(bands, call, tf.constant(0))


def bands_of(height: int, width: int) -> tf.Tensor:
    """Return the bands of a picture of that size, (bands, 2) int64: first row, and the one after the last."""
    step = max(1, _BAND // (3 * width))
    # Evenly, so that memory once freed fits again.
    step = -(-height // -(-height // step))
    return tf.constant([(top, min(top + step, height)) for top in range(0, height, step)], tf.int64)
