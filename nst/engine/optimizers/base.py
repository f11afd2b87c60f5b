"""What the optimisers share: the objective they take and the best iterate they keep.

An optimiser is a frozen dataclass with ``init(x, steps) -> state`` and ``step(objective, state)``, which evaluates the
objective exactly once, at ``state.x``, and brings the state up to date. A state is a tuple of TensorFlow variables that
are changed in place, so that a step needs no second copy of them; its arithmetic goes band by band where it is told the
bands of the picture (`nst.engine.bands`). Objective and step can be traced together into one TensorFlow function. Every
state has ``x`` and ``best``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import tensorflow as tf

from nst.engine.bands import Band, Bands, fold_bands

#: x -> (value (), never negative; parts (3,); gradient of x's shape).
Objective = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]

#: A value above this many times the best one has run away.
EXPLOSION = 3.0


class Best(NamedTuple):
    """The best iterate evaluated so far, and what the last evaluation gave.

    Attributes:
        x: The best iterate; the start until something finite was seen.
        value: Its value; infinite until something finite was seen.
        parts: Its parts.
        last_value: Value of the last evaluated iterate.
        failures: Failed evaluations in a row.
    """

    x: tf.Tensor
    value: tf.Tensor
    parts: tf.Tensor
    last_value: tf.Tensor
    failures: tf.Tensor


class Box(NamedTuple):
    """The least and the greatest value of each variable; tensors that broadcast to x."""

    lower: tf.Tensor
    upper: tf.Tensor

    @classmethod
    def uniform(cls, x: tf.Tensor, lower: float, upper: float) -> "Box":
        """Return a box of x's rank with the same bounds for all variables."""
        shape = [1] * (len(x.shape) - 1) + [x.shape[-1]]
        return cls(tf.fill(shape, tf.constant(lower, x.dtype)), tf.fill(shape, tf.constant(upper, x.dtype)))

    def clip(self, x: tf.Tensor) -> tf.Tensor:
        """Return the nearest point in the box."""
        return tf.clip_by_value(x, self.lower, self.upper)

    def band(self, band: Band) -> "Box":
        """Return the box of some rows."""
        return Box(band.of(self.lower), band.of(self.upper))


class Optimizer(Protocol):
    """Either optimiser, as the loop sees it; hashable, since its traced step is cached."""

    def __hash__(self) -> int: ...

    def init(self, x: tf.Tensor, steps: int, box: Box | None = None) -> Any:
        """Return the state before the first of `steps` evaluations; a box of its own replaces the optimiser's."""

    def step(self, objective: Objective, state: Any, bands: tf.Tensor | Bands = Bands.WHOLE) -> None:
        """Evaluate the objective once and bring the state up to date, by the bands of `nst.engine.bands.fold_bands`."""

    def moved(self, state: Any, best: Best) -> None:
        """Go on with a slightly different objective, under which the best iterate has the value and parts of `best`."""


def variable(value: tf.Tensor) -> tf.Variable:
    """Return a variable that begins with `value`; for pictures one that a function can be traced for at any size."""
    shape = (*value.shape[:-3], None, None, 3) if len(value.shape) > 3 else value.shape
    return tf.Variable(value, trainable=False, shape=shape)


def start_best(x: tf.Tensor) -> Best:
    """Return the record before anything was evaluated."""
    infinite, nothing = tf.constant(float("inf"), x.dtype), tf.zeros((3,), x.dtype)
    return Best(*map(variable, (x, infinite, nothing, infinite, tf.constant(0, tf.int64))))


def keep_best(
    best: Best,
    x: tf.Variable,
    value: tf.Tensor,
    parts: tf.Tensor,
    gradient: tf.Tensor,
    bands: tf.Tensor | Bands = Bands.WHOLE,
) -> None:
    """Bring the record up to date after an evaluation at `x`."""
    # The sum of squares is finite exactly if every entry is, short of overflow, which would stop Adam for good.
    squares = fold_bands(
        bands, lambda total, band: total + tf.nn.l2_loss(band.of(gradient)), tf.zeros((), gradient.dtype)
    )
    finite = tf.math.is_finite(value) & tf.math.is_finite(squares)
    healthy = finite & (value <= EXPLOSION * best.value)
    better = healthy & (value < best.value)
    best.last_value.assign(value)
    best.failures.assign(tf.where(healthy, tf.constant(0, tf.int64), best.failures + 1))

    def keep() -> tf.Tensor:
        # No copy yet: the two share their memory until x is changed.
        best.x.assign(x)
        best.value.assign(value)
        best.parts.assign(parts)
        return better

    tf.cond(better, keep, lambda: better)


def revalue(best: Best, again: Best) -> None:
    """Give the record the value and parts that its iterate has under a slightly different objective."""
    best.value.assign(again.value)
    best.parts.assign(again.parts)


def failed(best: Best) -> tf.Tensor:
    """Return whether the last evaluation was non-finite or had run away."""
    return best.failures > 0
