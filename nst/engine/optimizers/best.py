"""The best iterate of any solver, and the way back to it when an evaluation fails.

An evaluation fails when its value or its gradient is not finite, or when the value has run away. The solver then goes
back to the best iterate and takes shorter steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import tensorflow as tf

from nst.engine.bands import Bands, fold_bands
from nst.engine.optimizers.base import Box, Solver, variable

#: x -> (value (), never negative; its terms, a nested structure of scalars; gradient of x's shape).
Objective = Callable[[tf.Tensor], tuple[tf.Tensor, Any, tf.Tensor]]

#: A value above this many times the best one has run away.
EXPLOSION = 3.0


class Best(NamedTuple):
    """The best iterate evaluated so far, and what the last evaluation gave.

    Attributes:
        x: The best iterate; the start until something finite was seen.
        value: Its value; infinite until something finite was seen.
        terms: Its terms; zero until something finite was seen.
        last_value: Value of the last evaluated iterate.
        failures: Failed evaluations in a row.
    """

    x: tf.Tensor
    value: tf.Tensor
    terms: Any
    last_value: tf.Tensor
    failures: tf.Tensor

    @classmethod
    def start(cls, x: tf.Tensor, terms: Any = ()) -> "Best":
        """Return the record before anything was evaluated; `terms` as for `BestSoFar`."""
        infinite, nothing = tf.constant(float("inf"), x.dtype), tf.zeros((), x.dtype)
        terms = tf.nest.map_structure(lambda _: nothing, terms)
        return tf.nest.map_structure(variable, cls(x, infinite, terms, infinite, tf.constant(0, tf.int64)))

    def tensors(self) -> "Best":
        """Return the record as it is now; what comes later does not change it."""
        return tf.nest.map_structure(tf.convert_to_tensor, self)


class Search(NamedTuple):
    """The state of a search: that of its solver, and the best iterate; variables, but for the solver's box."""

    solver: Any
    best: Best

    @property
    def x(self) -> tf.Variable:
        """The next iterate to be evaluated."""
        return self.solver.x


@dataclass(frozen=True)
class BestSoFar:
    """A solver that keeps its best iterate and goes back to it after a failure.

    Args:
        solver: What is wrapped.
        terms: The structure of the objective's terms, with anything for each scalar; hashable.
    """

    solver: Solver
    terms: Any = ()

    def init(self, x: tf.Tensor, steps: int, box: Box | None = None) -> Search:
        """Return the state before the first of `steps` evaluations, at `x` clipped to the box."""
        state = self.solver.init(x, steps, box)
        return Search(state, Best.start(tf.convert_to_tensor(state.x), self.terms))

    def step(self, objective: Objective, state: Search, bands: tf.Tensor | Bands = Bands.WHOLE) -> None:
        """Evaluate the objective exactly once, at ``state.x``, and go on to the next iterate."""
        value, terms, gradient = objective(tf.convert_to_tensor(state.x))
        _judge(state.best, state.x, value, terms, gradient, bands)
        failed = state.best.failures > 0

        def back() -> tf.Tensor:
            self.solver.restart(state.solver, tf.convert_to_tensor(state.best.x))
            return failed

        def on() -> tf.Tensor:
            self.solver.step(state.solver, gradient, bands)
            return failed

        tf.cond(failed, back, on)

    def revalue(self, state: Search, again: Best) -> None:
        """Go on with a slightly different objective; the best iterate has the value and terms of `again` under it."""
        state.best.value.assign(again.value)
        tf.nest.map_structure(lambda kept, term: kept.assign(term), state.best.terms, again.terms)
        self.solver.objective_changed(state.solver)


def _judge(
    best: Best, x: tf.Variable, value: tf.Tensor, terms: Any, gradient: tf.Tensor, bands: tf.Tensor | Bands
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
        tf.nest.map_structure(lambda kept, term: kept.assign(term), best.terms, terms)
        return better

    tf.cond(better, keep, lambda: better)
