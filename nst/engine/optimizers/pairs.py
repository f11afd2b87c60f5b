"""The correction pairs of L-BFGS in a ring, which is also where the next step is worked out.

A pair is the step s from one iterate to the next and the change y of the gradient over it. There is no room for an
array of the picture's size besides the pairs, so the next step is prepared in the ring's own open place, which the
oldest pair leaves to it:

| the open place  | s holds             | y holds                | becomes so by                          |
|-----------------|---------------------|------------------------|----------------------------------------|
| begun           | the direction       | that of the pair gone  | `begin`, each band after `combined`    |
| stepped         | the step            | that of the pair gone  | `move`, each band                      |
| complete        | the step            | the gradient's change  | `observe`, each band, then `complete`  |

A complete pair of safely positive curvature is kept: the place after it is then the open one. Any other is written
over by the next one.
"""

from typing import NamedTuple, Self

import tensorflow as tf

from nst.engine.bands import Band
from nst.engine.optimizers.base import variable

#: A pair is kept only if s.y exceeds this share of |s||y|: the inverse Hessian then stays positive definite.
CURVATURE = 1e-10


class Combination(NamedTuple):
    """A sum of arrays: `gradient` () times the gradient, plus `s` and `y` (history,) times the pairs."""

    gradient: tf.Tensor
    s: tf.Tensor
    y: tf.Tensor


class PairRing(NamedTuple):
    """The ring; variables, so that it is part of a solver's state.

    Attributes:
        s, y: (history, *shape of x).
        sy, yy: The products s_i.y_j and y_i.y_j, (history, history) float64; sy is zero where no pair is kept.
        open: The place that is not complete.
    """

    s: tf.Variable
    y: tf.Variable
    sy: tf.Variable
    yy: tf.Variable
    open: tf.Variable

    @classmethod
    def empty(cls, x: tf.Tensor, history: int, dtype: str) -> Self:
        """Return a ring of `history` places for pairs of x's shape; `dtype` "" for that of x."""
        return cls(
            s=variable(tf.zeros((history, *x.shape), dtype or x.dtype)),
            y=variable(tf.zeros((history, *x.shape), dtype or x.dtype)),
            sy=variable(tf.zeros((history, history), tf.float64)),
            yy=variable(tf.zeros((history, history), tf.float64)),
            open=variable(tf.constant(0, tf.int64)),
        )

    @property
    def history(self) -> int:
        """The number of places."""
        return int(self.sy.shape[0])

    def forget(self) -> None:
        """Keep no pair."""
        self.sy.assign(tf.zeros_like(self.sy))

    def kept(self) -> tf.Tensor:
        """Return whether the pair in each place is kept, (history,)."""
        return tf.linalg.diag_part(self.sy) > 0

    def newest_first(self) -> tf.Tensor:
        """Return the places from that of the newest pair to that of the oldest, (history,); its own inverse."""
        return (self.open - 1 - tf.range(self.history, dtype=tf.int64)) % self.history

    def observe(self, band: Band, change: tf.Tensor, free: tf.Tensor) -> tf.Tensor:
        """Put the change of the gradient into the open place, for the rows of a band.

        Args:
            change: y, like x.
            free: What is multiplied with the pairs too, like x.

        Returns:
            Products over these rows, (2, 3, history) float64: with every s and with every y, of the open pair's s and
            y and of `free`. Their sum over all bands is what `complete` takes.
        """
        place = tf.convert_to_tensor(self.open)
        band.put(self.y, tf.cast(change, self.y.dtype), place)
        s, y = self._flat(band, free.dtype)
        seen = tf.stack([tf.gather(s, place), tf.gather(y, place), tf.reshape(free, (-1,))])
        return tf.cast(tf.stack([tf.matmul(seen, each, transpose_b=True) for each in (s, y)]), tf.float64)

    def complete(self, products: tf.Tensor, comparable: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Keep the open pair if its curvature is safely positive, and open the next place for the one after it.

        Args:
            products: The sum over all bands of what `observe` returned.
            comparable: Whether the two gradients are of one objective, ().

        Returns:
            The products of every s and of every y with `free`, (history,) float64 each.
        """
        place = tf.convert_to_tensor(self.open)
        (ss, sy, s_free), (ys, yy, y_free) = map(tf.unstack, tf.unstack(products))
        curvature, s_square, y_square = (tf.gather(each, place) for each in (ys, ss, yy))
        # y.y, by which the recursion divides, is zero in float32 when y is below 1e-22.
        enough = curvature > CURVATURE * tf.sqrt(s_square) * tf.sqrt(y_square)
        keep = comparable & (y_square > 0) & enough
        # The products with places where no pair is kept mean nothing.
        others = keep & self.kept()
        here = tf.range(self.history, dtype=tf.int64) == place
        own = tf.where(here & keep, curvature, tf.zeros_like(curvature))
        self.sy.assign(_replaced(self.sy, here, tf.where(others, ys, own), tf.where(others, sy, own)))
        self.yy.assign(_replaced(self.yy, here, yy, yy))
        self.open.assign(tf.where(keep, (place + 1) % self.history, place))
        return s_free, y_free

    def combined(self, band: Band, gradient: tf.Tensor, weights: Combination) -> tf.Tensor:
        """Return the rows of a band of a sum over the pairs and the gradient, of which the rows are given."""
        s, y = self._flat(band, gradient.dtype)
        curved = tf.linalg.matvec(s, weights.s, transpose_a=True) + tf.linalg.matvec(y, weights.y, transpose_a=True)
        return weights.gradient * gradient + tf.reshape(curved, tf.shape(gradient))

    def begin(self, band: Band, direction: tf.Tensor) -> None:
        """Begin the next pair with the rows of the direction to go; the pair that was in its place is gone."""
        band.put(self.s, tf.cast(direction, self.s.dtype), tf.convert_to_tensor(self.open))

    def direction(self, band: Band, dtype: tf.DType) -> tf.Tensor:
        """Return the rows of the direction that the open pair was begun with."""
        return tf.cast(band.of(self.s, tf.convert_to_tensor(self.open)), dtype)

    def move(self, band: Band, step: tf.Tensor) -> None:
        """Put the rows of the step that was taken in the direction's place."""
        band.put(self.s, tf.cast(step, self.s.dtype), tf.convert_to_tensor(self.open))

    def _flat(self, band: Band, dtype: tf.DType) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the rows of every s and of every y, (history, values) each."""
        s, y = (tf.reshape(tf.cast(band.of(each), dtype), (self.history, -1)) for each in (self.s, self.y))
        return s, y


def _replaced(matrix: tf.Tensor, here: tf.Tensor, row: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
    """Return a square matrix with another row and column where `here` (n,) is true."""
    return tf.where(here[:, None], row[None, :], tf.where(here[None, :], column[:, None], matrix))
