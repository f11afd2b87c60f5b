"""What the optimisers share: the objective they take and the best iterate they keep.

An optimiser is a frozen dataclass with ``init(x, steps) -> state`` and ``step(objective, state) -> state``. A
step evaluates the objective exactly once, at ``state.x``; everything stays in tensors, so that it can be
traced into one TensorFlow function together with the objective. Every state has ``x`` and ``best``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import tensorflow as tf

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


class Optimizer(Protocol):
    """Either optimiser, as the loop sees it; hashable, since its traced step is cached."""

    def __hash__(self) -> int: ...

    def init(self, x: tf.Tensor, steps: int, box: Box | None = None) -> Any:
        """Return the state before the first of `steps` evaluations; a box of its own replaces the optimiser's."""

    def step(self, objective: Objective, state: Any) -> Any:
        """Evaluate the objective once and return the next state."""

    def moved(self, state: Any, best: Best) -> Any:
        """Return the state for going on with a slightly different objective, under which the best iterate is `best`."""


def start_best(x: tf.Tensor) -> Best:
    """Return the record before anything was evaluated."""
    infinite, nothing = tf.constant(float("inf"), x.dtype), tf.zeros((3,), x.dtype)
    return Best(x, infinite, nothing, infinite, tf.constant(0))


def keep_best(best: Best, x: tf.Tensor, value: tf.Tensor, parts: tf.Tensor, gradient: tf.Tensor) -> Best:
    """Return the record after an evaluation at `x`."""
    # The sum of squares is finite exactly if every entry is, short of overflow, which would stop Adam for good.
    finite = tf.math.is_finite(value) & tf.math.is_finite(tf.reduce_sum(tf.square(gradient)))
    healthy = finite & (value <= EXPLOSION * best.value)
    failures = tf.where(healthy, 0, best.failures + 1)
    latest = best._replace(last_value=value, failures=failures)
    return tf.cond(
        healthy & (value < best.value), lambda: latest._replace(x=x, value=value, parts=parts), lambda: latest
    )


def failed(best: Best) -> tf.Tensor:
    """Return whether the last evaluation was non-finite or had run away."""
    return best.failures > 0
