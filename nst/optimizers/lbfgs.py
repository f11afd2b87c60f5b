"""Projected L-BFGS: limited-memory BFGS in a box, without a line search.

Symbols as in Nocedal and Wright, Numerical Optimization, algorithm 7.4: s is a step, y the change of the
gradient over it, rho = 1 / s.y, gamma = s.y / y.y the scale of the initial inverse Hessian. Departures:

* The iterate stays in the box. Pixels on a bound whose gradient pushes outward are held: their gradient and
  their direction are zero; the others are clipped after the step, and s is the clipped step. The textbook
  method walks outside 0..255 and loses what it gained when the picture is saved.
* No line search: the step length is 1. A line search stops on the rounding noise of bfloat16.
* Instead, no variable changes by more than a radius in one step. It shrinks when a value is non-finite or has run
  away, which also drops the history and returns to the best iterate, and grows back with every step that went well.
"""

from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from nst.optimizers.base import Best, Box, Objective, failed, keep_best, start_best

#: A pair is kept only if s.y exceeds this share of |s||y|: the inverse Hessian then stays positive definite.
CURVATURE = 1e-10
#: The radius after a failure and after a success, over the one before.
SHRINK, GROW = 0.25, 2.0


class Pairs(NamedTuple):
    """The correction pairs, newest first. Unused places hold zeros with rho = 0 and so do nothing."""

    s: tuple[tf.Tensor, ...]
    y: tuple[tf.Tensor, ...]
    rho: tuple[tf.Tensor, ...]


class LbfgsState(NamedTuple):
    """Everything that one step passes to the next.

    Attributes:
        x: The next iterate to be evaluated, in the box.
        best: The best iterate evaluated so far.
        box: Where x may go.
        pairs: The curvature seen so far.
        previous_x, previous_gradient: The last evaluated iterate and its gradient.
        has_previous: Whether there is one; not at the start, and not after a failure.
        radius: Largest change of a variable in the next step.
    """

    x: tf.Tensor
    best: Best
    box: Box
    pairs: Pairs
    previous_x: tf.Tensor
    previous_gradient: tf.Tensor
    has_previous: tf.Tensor
    radius: tf.Tensor


@dataclass(frozen=True)
class Lbfgs:
    """Projected L-BFGS.

    Args:
        history: Correction pairs kept; the field's habit is 10, and 20 save a tenth of the evaluations for twice the
            memory.
        first_step: Largest change of a variable in a step without curvature; 10 grey levels suit pictures.
        largest_step: Largest change of a variable in any step.
        lower, upper: The box, where `init` is given none.
    """

    history: int = 20
    first_step: float = 10.0
    largest_step: float = 50.0
    lower: float = 0.0
    upper: float = 255.0

    def init(self, x: tf.Tensor, steps: int, box: Box | None = None) -> LbfgsState:
        """Return the state before the first of `steps` evaluations, at `x` clipped to the box."""
        box = box or Box.uniform(x, self.lower, self.upper)
        x = box.clip(x)
        zero, nothing = tf.zeros_like(x), tf.zeros((), x.dtype)
        pairs = Pairs((zero,) * self.history, (zero,) * self.history, (nothing,) * self.history)
        radius = tf.constant(self.largest_step, x.dtype)
        return LbfgsState(x, start_best(x), box, pairs, x, zero, tf.constant(False), radius)

    def step(self, objective: Objective, state: LbfgsState) -> LbfgsState:
        """Evaluate `objective` once, at ``state.x``, and return the state with the next iterate."""
        value, parts, gradient = objective(state.x)
        best = keep_best(state.best, state.x, value, parts, gradient)
        return tf.cond(failed(best), lambda: self._restart(state, best), lambda: self._advance(state, best, gradient))

    def moved(self, state: LbfgsState, best: Best) -> LbfgsState:
        """Return the state for going on with a slightly different objective, under which the best iterate is `best`.

        The curvature seen so far still serves; only the last gradient is not comparable with the next one.
        """
        return state._replace(best=best, has_previous=tf.constant(False))

    def _restart(self, state: LbfgsState, best: Best) -> LbfgsState:
        nothing = tuple(tf.zeros_like(rho) for rho in state.pairs.rho)
        return state._replace(
            x=best.x,
            best=best,
            pairs=state.pairs._replace(rho=nothing),
            has_previous=tf.constant(False),
            radius=SHRINK * state.radius,
        )

    def _advance(self, state: LbfgsState, best: Best, gradient: tf.Tensor) -> LbfgsState:
        x, box = state.x, state.box
        pairs = self._remember(state, x - state.previous_x, gradient - state.previous_gradient)
        outward = tf.where(gradient > 0, x <= box.lower, x >= box.upper)
        free = tf.where(outward, tf.zeros_like(gradient), gradient)
        direction = tf.cond(
            pairs.rho[0] > 0,
            lambda: _shortened(-_inverse_hessian_product(pairs, free), state.radius),
            lambda: _scaled(-free, tf.minimum(state.radius, self.first_step)),
        )
        direction = tf.where(outward, tf.zeros_like(direction), direction)
        return state._replace(
            x=box.clip(x + direction),
            best=best,
            pairs=pairs,
            previous_x=x,
            previous_gradient=gradient,
            has_previous=tf.constant(True),
            radius=tf.minimum(GROW * state.radius, self.largest_step),
        )

    def _remember(self, state: LbfgsState, s: tf.Tensor, y: tf.Tensor) -> Pairs:
        """Return the pairs with (s, y) put in front, if its curvature is safely positive."""
        pairs, sy, length = state.pairs, _dot(s, y), tf.norm(y)
        # y.y, by which the recursion divides, is zero in float32 when y is below 1e-22.
        keep = state.has_previous & (length > 0) & (sy > CURVATURE * tf.norm(s) * length)
        newer = Pairs(
            (s, *pairs.s[:-1]), (y, *pairs.y[:-1]), (tf.math.divide_no_nan(tf.ones_like(sy), sy), *pairs.rho[:-1])
        )
        return tf.cond(keep, lambda: newer, lambda: pairs)


def _inverse_hessian_product(pairs: Pairs, gradient: tf.Tensor) -> tf.Tensor:
    """Return H g by the two-loop recursion (Nocedal and Wright, algorithm 7.4)."""
    q, alphas = gradient, []
    for s, y, rho in zip(*pairs, strict=True):
        alphas.append(rho * _dot(s, q))
        q -= alphas[-1] * y
    r = q / (pairs.rho[0] * _dot(pairs.y[0], pairs.y[0]))
    for s, y, rho, alpha in reversed(list(zip(*pairs, alphas, strict=True))):
        r += s * (alpha - rho * _dot(y, r))
    return r


def _dot(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(a * b)


def _scaled(direction: tf.Tensor, longest: tf.Tensor) -> tf.Tensor:
    """Return the direction with its largest entry at `longest`; zero stays zero."""
    return direction * tf.math.divide_no_nan(longest, tf.reduce_max(tf.abs(direction)))


def _shortened(direction: tf.Tensor, longest: tf.Tensor) -> tf.Tensor:
    """Return the direction with no entry beyond `longest`."""
    return direction * tf.minimum(tf.math.divide_no_nan(longest, tf.reduce_max(tf.abs(direction))), 1.0)
