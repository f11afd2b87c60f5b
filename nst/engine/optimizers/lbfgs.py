"""Projected L-BFGS: limited-memory BFGS in a box, without a line search.

Symbols and equations of Nocedal and Wright, Numerical Optimization, 2nd edition, section 7.2: s is a step, y the change
of the gradient over it, rho = 1 / s.y, gamma = s.y / y.y the scale of the initial inverse Hessian. Departures:

* The iterate stays in the box. Pixels on a bound whose gradient pushes outward are held: their gradient and
  their direction are zero; the others are clipped after the step, and s is the clipped step. The textbook
  method walks outside 0..255 and loses what it gained when the picture is saved.
* No line search: the step length is 1. A line search stops on the rounding noise of bfloat16.
* Instead, no variable changes by more than a radius in one step. It shrinks when a value is non-finite or has run
  away, which also drops the history and returns to the best iterate, and grows back with every step that went well.
* The two-loop recursion runs on the products of the pairs and the gradient, which are numbers, and not on the arrays
  themselves: two passes over the pairs instead of four for each of them, and no temporary array of the picture's size.
"""

from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from nst.engine.bands import Band, Bands, each_band, fold_bands
from nst.engine.optimizers.base import Box, variable
from nst.engine.optimizers.pairs import Combination, PairRing

#: The radius after a failure and after a success, over the one before.
SHRINK, GROW = 0.25, 2.0


class LbfgsState(NamedTuple):
    """Everything that one step passes to the next; variables, but for the box.

    Attributes:
        x: The next iterate to be evaluated, in the box.
        box: Where x may go.
        pairs: The curvature seen so far, and the step last taken.
        previous_gradient: The gradient before the step last taken.
        has_previous: Whether there is one; not at the start, and not after a failure.
        radius: Largest change of a variable in the next step.
    """

    x: tf.Variable
    box: Box
    pairs: PairRing
    previous_gradient: tf.Variable
    has_previous: tf.Variable
    radius: tf.Variable


@dataclass(frozen=True)
class Lbfgs:
    """Projected L-BFGS, see `nst.engine.optimizers.base.Solver`.

    Args:
        history: Correction pairs kept; the field's habit is 10, and 20 save a tenth of the evaluations for twice the
            memory.
        first_step: Largest change of a variable in a step without curvature; 10 grey levels suit pictures.
        largest_step: Largest change of a variable in any step.
        lower, upper: The box, where `init` is given none.
        pairs: Type that the pairs are kept in; "" for that of x. bfloat16 halves their memory.
    """

    history: int = 20
    first_step: float = 10.0
    largest_step: float = 50.0
    lower: float = 0.0
    upper: float = 255.0
    pairs: str = ""

    def init(self, x: tf.Tensor, steps: int, box: Box | None = None) -> LbfgsState:
        """Return the state before the first evaluation, at `x` clipped to the box; `steps` does not matter."""
        box = box or Box.uniform(x, self.lower, self.upper)
        x = box.clip(x)
        return LbfgsState(
            x=variable(x),
            box=box,
            pairs=PairRing.empty(x, self.history, self.pairs),
            previous_gradient=variable(tf.zeros_like(x)),
            has_previous=variable(tf.constant(False)),
            radius=variable(tf.constant(self.largest_step, x.dtype)),
        )

    def step(self, state: LbfgsState, gradient: tf.Tensor, bands: tf.Tensor | Bands = Bands.WHOLE) -> None:
        """Go from x to x - H g (equation 7.15 with step length 1), as far as box and radius allow: algorithm 7.5."""
        # Read once: what both passes work out of it TensorFlow then works out once.
        x = tf.convert_to_tensor(state.x)
        products = self._learn(state, x, gradient, bands)
        state.previous_gradient.assign(gradient)
        state.has_previous.assign(True)
        longest = self._aim(state, x, _minus_h_times_gradient(state.pairs, *products), gradient, bands)
        self._go(state, self._length(state, longest), bands)
        state.radius.assign(tf.minimum(GROW * state.radius, self.largest_step))

    def restart(self, state: LbfgsState, x: tf.Tensor) -> None:
        """Go back to `x` without a memory, and within a smaller radius."""
        state.x.assign(x)
        state.pairs.forget()
        state.has_previous.assign(False)
        state.radius.assign(SHRINK * state.radius)

    def objective_changed(self, state: LbfgsState) -> None:
        """Go on with a slightly different objective.

        The curvature seen so far still serves; only the last gradient is not comparable with the next one.
        """
        state.has_previous.assign(False)

    def _learn(
        self, state: LbfgsState, x: tf.Tensor, gradient: tf.Tensor, bands: tf.Tensor | Bands
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Complete the pair of the step last taken: y is the gradient's change over it, equation 7.18.

        Returns:
            S'g and Y'g, the products of every s and every y with the free part of the gradient, (history,) each.
        """

        def products(total: tf.Tensor, band: Band) -> tf.Tensor:
            rows = band.of(gradient)
            change = rows - band.of(state.previous_gradient)
            free = tf.where(_outward(band.of(x), rows, state.box.band(band)), tf.zeros_like(rows), rows)
            return total + state.pairs.observe(band, change, free)

        every = fold_bands(bands, products, tf.zeros((2, 3, self.history), tf.float64))
        return state.pairs.complete(every, tf.convert_to_tensor(state.has_previous))

    def _aim(
        self, state: LbfgsState, x: tf.Tensor, step: Combination, gradient: tf.Tensor, bands: tf.Tensor | Bands
    ) -> tf.Tensor:
        """Begin the next pair with the direction -H g of the free pixels; return the size of its largest entry."""
        weights = Combination(*(tf.cast(each, gradient.dtype) for each in step))

        def aim(longest: tf.Tensor, band: Band) -> tf.Tensor:
            rows = band.of(gradient)
            direction = state.pairs.combined(band, rows, weights)
            direction = tf.where(_outward(band.of(x), rows, state.box.band(band)), tf.zeros_like(rows), direction)
            state.pairs.begin(band, direction)
            return tf.maximum(longest, tf.reduce_max(tf.abs(direction)))

        return fold_bands(bands, aim, tf.zeros((), gradient.dtype))

    def _length(self, state: LbfgsState, longest: tf.Tensor) -> tf.Tensor:
        """Return the step length: 1, or what keeps a direction's largest entry within the radius."""
        curved = tf.reduce_any(state.pairs.kept())
        # Curvature tells how far to go; without it only the direction is known.
        limit = tf.math.divide_no_nan(
            tf.where(curved, state.radius, tf.minimum(state.radius, self.first_step)), longest
        )
        return tf.where(curved, tf.minimum(limit, 1.0), limit)

    def _go(self, state: LbfgsState, length: tf.Tensor, bands: tf.Tensor | Bands) -> None:
        """Go `length` times the direction, as far as the box allows; s is the way that was gone, equation 7.18."""

        def go(band: Band) -> None:
            x = band.of(state.x)
            there = state.box.band(band).clip(x + length * state.pairs.direction(band, x.dtype))
            state.pairs.move(band, there - x)
            band.put(state.x, there)

        each_band(bands, go)


def _outward(x: tf.Tensor, gradient: tf.Tensor, box: Box) -> tf.Tensor:
    """Return whether each variable is on a bound and would be pushed beyond it."""
    return tf.where(gradient > 0, x <= box.lower, x >= box.upper)


def _minus_h_times_gradient(pairs: PairRing, s_free: tf.Tensor, y_free: tf.Tensor) -> Combination:
    """Return -H g by the products alone: algorithm 7.4, its two loops as two triangular systems.

    This is the compact form of Byrd, Nocedal and Schnabel 1994, theorem 2.2. With the pairs from the newest to the
    oldest, T the lower triangle of S'Y, D its diagonal and gamma = s.y / y.y of the newest pair (equation 7.20),

        T a = S'g,    T' b = D a - gamma (Y'g - Y'Y a),    H g = gamma (g - Y a) + S b.

    Args:
        pairs: The pairs.
        s_free: S'g, (history,).
        y_free: Y'g, likewise.
    """
    order = pairs.newest_first()
    sy, yy = (tf.gather(tf.gather(each, order), order, axis=1) for each in (pairs.sy, pairs.yy))
    diagonal = tf.linalg.diag_part(sy)
    used = diagonal > 0
    nothing = tf.zeros_like(diagonal)
    sg, yg = (tf.where(used, tf.gather(each, order), nothing) for each in (s_free, y_free))
    yy = tf.where(used[:, None] & used, yy, tf.zeros_like(yy))
    triangle = tf.linalg.band_part(sy, -1, 0) + tf.linalg.diag(tf.where(used, nothing, nothing + 1))
    gamma = tf.where(used[0], tf.math.divide_no_nan(diagonal[0], yy[0, 0]), nothing[0] + 1)

    def solved(right: tf.Tensor, adjoint: bool) -> tf.Tensor:
        return tf.linalg.triangular_solve(triangle, right[:, None], adjoint=adjoint)[:, 0]

    a = solved(sg, adjoint=False)
    b = solved(diagonal * a - gamma * (yg - tf.linalg.matvec(yy, a)), adjoint=True)
    return Combination(-gamma, -tf.gather(b, order), tf.gather(gamma * a, order))
