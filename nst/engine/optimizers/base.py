"""What the solvers share: the box that their iterates stay in, and the variables that their states are made of.

A solver is a frozen dataclass that goes from one iterate to the next by a gradient; it sees no values.
`nst.engine.optimizers.best.BestSoFar` wraps any of them: it judges the values, keeps the best iterate and sends the
solver back to it where an evaluation failed.

A state is a tuple of TensorFlow variables that are changed in place, so that a step needs no second copy of them; its
arithmetic goes band by band where it is told the bands of the picture (`nst.engine.bands`). Objective and step can be
traced together into one TensorFlow function.
"""

from typing import Any, NamedTuple, Protocol

import tensorflow as tf

from nst.engine.bands import Band, Bands


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


class Solver(Protocol):
    """A way from one iterate to the next; hashable, since its traced step is cached."""

    def __hash__(self) -> int: ...

    def init(self, x: tf.Tensor, steps: int, box: Box | None = None) -> Any:
        """Return the state before the first of `steps` evaluations, a named tuple with ``x``, the iterate to begin at.

        `x` is clipped to the box; None for the solver's own.
        """

    def step(self, state: Any, gradient: tf.Tensor, bands: tf.Tensor | Bands) -> None:
        """Go on to the next iterate by the gradient at ``state.x``, by the bands of `nst.engine.bands.fold_bands`."""

    def restart(self, state: Any, x: tf.Tensor) -> None:
        """Go back to `x` after an evaluation that failed, and take shorter steps from there."""

    def objective_changed(self, state: Any) -> None:
        """Go on with a slightly different objective."""


def variable(value: tf.Tensor) -> tf.Variable:
    """Return a variable that begins with `value`; for pictures one that a function can be traced for at any size."""
    shape = (*value.shape[:-3], None, None, 3) if len(value.shape) > 3 else value.shape
    return tf.Variable(value, trainable=False, shape=shape)
