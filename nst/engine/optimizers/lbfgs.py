"""Projected L-BFGS: limited-memory BFGS in a box, without a line search.

Symbols as in Nocedal and Wright, Numerical Optimization, algorithm 7.4: s is a step, y the change of the
gradient over it, rho = 1 / s.y, gamma = s.y / y.y the scale of the initial inverse Hessian. Departures:

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
from nst.engine.optimizers.base import Best, Box, Objective, failed, keep_best, revalue, start_best, variable

#: A pair is kept only if s.y exceeds this share of |s||y|: the inverse Hessian then stays positive definite.
CURVATURE = 1e-10
#: The radius after a failure and after a success, over the one before.
SHRINK, GROW = 0.25, 2.0


class Pairs(NamedTuple):
    """The correction pairs in a ring of `history` places; variables.

    Attributes:
        s, y: (history, *shape of x).
        sy, yy: The products s_i.y_j and y_i.y_j, (history, history) float64; sy is zero where a place is not in use.
        place: Of the pair that is being made: its s is the step last taken.
    """

    s: tf.Variable
    y: tf.Variable
    sy: tf.Variable
    yy: tf.Variable
    place: tf.Variable


class LbfgsState(NamedTuple):
    """Everything that one step passes to the next; variables, but for the box.

    Attributes:
        x: The next iterate to be evaluated, in the box.
        best: The best iterate evaluated so far.
        box: Where x may go.
        pairs: The curvature seen so far.
        previous_gradient: The gradient before the step last taken.
        has_previous: Whether there is one; not at the start, and not after a failure.
        radius: Largest change of a variable in the next step.
    """

    x: tf.Variable
    best: Best
    box: Box
    pairs: Pairs
    previous_gradient: tf.Variable
    has_previous: tf.Variable
    radius: tf.Variable


class Combination(NamedTuple):
    """A step as a sum: `gradient` () times the gradient, plus s and y (history,) times the pairs."""

    gradient: tf.Tensor
    s: tf.Tensor
    y: tf.Tensor


@dataclass(frozen=True)
class Lbfgs:
    """Projected L-BFGS.

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
        """Return the state before the first of `steps` evaluations, at `x` clipped to the box."""
        box = box or Box.uniform(x, self.lower, self.upper)
        x = box.clip(x)
        return LbfgsState(
            x=variable(x),
            best=start_best(x),
            box=box,
            pairs=Pairs(
                s=variable(tf.zeros((self.history, *x.shape), self.pairs or x.dtype)),
                y=variable(tf.zeros((self.history, *x.shape), self.pairs or x.dtype)),
                sy=variable(tf.zeros((self.history, self.history), tf.float64)),
                yy=variable(tf.zeros((self.history, self.history), tf.float64)),
                place=variable(tf.constant(0, tf.int64)),
            ),
            previous_gradient=variable(tf.zeros_like(x)),
            has_previous=variable(tf.constant(False)),
            radius=variable(tf.constant(self.largest_step, x.dtype)),
        )

    def step(self, objective: Objective, state: LbfgsState, bands: tf.Tensor | Bands = Bands.WHOLE) -> None:
        """Evaluate `objective` once, at ``state.x``, and go on to the next iterate."""
        value, parts, gradient = objective(tf.convert_to_tensor(state.x))
        keep_best(state.best, state.x, value, parts, gradient, bands)
        tf.cond(failed(state.best), lambda: self._restart(state), lambda: self._advance(state, gradient, bands))

    def moved(self, state: LbfgsState, best: Best) -> None:
        """Go on with a slightly different objective, under which the best iterate has the value and parts of `best`.

        The curvature seen so far still serves; only the last gradient is not comparable with the next one.
        """
        revalue(state.best, best)
        state.has_previous.assign(False)

    def _restart(self, state: LbfgsState) -> tf.Tensor:
        state.x.assign(state.best.x)
        state.pairs.sy.assign(tf.zeros_like(state.pairs.sy))
        state.has_previous.assign(False)
        return state.radius.assign(SHRINK * state.radius)

    def _advance(self, state: LbfgsState, gradient: tf.Tensor, bands: tf.Tensor | Bands) -> tf.Tensor:
        # Read once: what both passes work out of it TensorFlow then works out once.
        x = tf.convert_to_tensor(state.x)
        s_free, y_free = self._observe(state, x, gradient, bands)
        state.previous_gradient.assign(gradient)
        state.has_previous.assign(True)
        step = _combination(state.pairs, s_free, y_free)
        longest = self._direct(state, x, step, gradient, bands)
        curved = tf.reduce_any(tf.linalg.diag_part(state.pairs.sy) > 0)
        # Curvature tells how far to go; without it only the direction is known.
        limit = tf.math.divide_no_nan(
            tf.where(curved, state.radius, tf.minimum(state.radius, self.first_step)), longest
        )
        self._move(state, tf.where(curved, tf.minimum(limit, 1.0), limit), bands)
        return state.radius.assign(tf.minimum(GROW * state.radius, self.largest_step))

    def _observe(
        self, state: LbfgsState, x: tf.Tensor, gradient: tf.Tensor, bands: tf.Tensor | Bands
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Complete the pair that is being made, keep it if its curvature is safely positive.

        Returns:
            The products of every s and every y with the free part of the gradient, (history,) float64 each.
        """
        pairs, place = state.pairs, tf.convert_to_tensor(state.pairs.place)

        def products(total: tf.Tensor, band: Band) -> tf.Tensor:
            rows = band.of(gradient)
            band.put(pairs.y, tf.cast(rows - band.of(state.previous_gradient), pairs.y.dtype), place)
            free = tf.where(_outward(band.of(x), rows, state.box.band(band)), tf.zeros_like(rows), rows)
            s, y = (_flat(band.of(each), rows.dtype) for each in (pairs.s, pairs.y))
            seen = tf.stack([tf.gather(s, place), tf.gather(y, place), tf.reshape(free, (-1,))])
            both = [tf.matmul(seen, each, transpose_b=True) for each in (s, y)]
            return total + tf.cast(tf.stack(both), tf.float64)

        (ss, sy, s_free), (ys, yy, y_free) = map(
            tf.unstack, tf.unstack(fold_bands(bands, products, tf.zeros((2, 3, self.history), tf.float64)))
        )
        curvature, s_square, y_square = (tf.gather(each, place) for each in (ys, ss, yy))
        # y.y, by which the recursion divides, is zero in float32 when y is below 1e-22.
        enough = curvature > CURVATURE * tf.sqrt(s_square) * tf.sqrt(y_square)
        keep = state.has_previous & (y_square > 0) & enough
        # The products with places not in use mean nothing.
        others = keep & (tf.linalg.diag_part(pairs.sy) > 0)
        here = tf.range(self.history, dtype=tf.int64) == place
        own = tf.where(here & keep, curvature, tf.zeros_like(curvature))
        pairs.sy.assign(_replaced(pairs.sy, here, tf.where(others, ys, own), tf.where(others, sy, own)))
        pairs.yy.assign(_replaced(pairs.yy, here, yy, yy))
        pairs.place.assign(tf.where(keep, (place + 1) % self.history, place))
        return s_free, y_free

    def _direct(
        self, state: LbfgsState, x: tf.Tensor, step: Combination, gradient: tf.Tensor, bands: tf.Tensor | Bands
    ) -> tf.Tensor:
        """Leave the step in the place of the next pair, which the oldest has had; return its largest entry's size."""
        pairs, place = state.pairs, tf.convert_to_tensor(state.pairs.place)
        weights = [tf.cast(each, gradient.dtype) for each in step]

        def direct(longest: tf.Tensor, band: Band) -> tf.Tensor:
            rows = band.of(gradient)
            s, y = (_flat(band.of(each), rows.dtype) for each in (pairs.s, pairs.y))
            curved = tf.linalg.matvec(s, weights[1], transpose_a=True) + tf.linalg.matvec(
                y, weights[2], transpose_a=True
            )
            direction = weights[0] * rows + tf.reshape(curved, tf.shape(rows))
            direction = tf.where(_outward(band.of(x), rows, state.box.band(band)), tf.zeros_like(rows), direction)
            band.put(pairs.s, tf.cast(direction, pairs.s.dtype), place)
            return tf.maximum(longest, tf.reduce_max(tf.abs(direction)))

        return fold_bands(bands, direct, tf.zeros((), gradient.dtype))

    def _move(self, state: LbfgsState, length: tf.Tensor, bands: tf.Tensor | Bands) -> None:
        """Take `length` times the step, as far as the box allows, and note the way that was gone."""
        pairs, place = state.pairs, tf.convert_to_tensor(state.pairs.place)

        def move(band: Band) -> None:
            x = band.of(state.x)
            direction = tf.cast(band.of(pairs.s, place), x.dtype)
            moved = state.box.band(band).clip(x + length * direction)
            band.put(pairs.s, tf.cast(moved - x, pairs.s.dtype), place)
            band.put(state.x, moved)

        each_band(bands, move)


def _outward(x: tf.Tensor, gradient: tf.Tensor, box: Box) -> tf.Tensor:
    """Return whether each variable is on a bound and would be pushed beyond it."""
    return tf.where(gradient > 0, x <= box.lower, x >= box.upper)


def _replaced(matrix: tf.Tensor, here: tf.Tensor, row: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
    """Return a square matrix with another row and column where `here` (n,) is true."""
    return tf.where(here[:, None], row[None, :], tf.where(here[None, :], column[:, None], matrix))


def _combination(pairs: Pairs, s_free: tf.Tensor, y_free: tf.Tensor) -> Combination:
    """Return -H g by the products alone (Byrd, Nocedal and Schnabel 1994, the two loops as two triangular systems).

    With the pairs from the newest to the oldest, T the lower triangle of S'Y, D its diagonal and gamma = s.y / y.y of
    the newest pair,

        T a = S'g,    T' b = D a - gamma (Y'g - Y'Y a),    H g = gamma (g - Y a) + S b.

    Args:
        s_free: S'g, (history,).
        y_free: Y'g, likewise.
    """
    history = pairs.sy.shape[0]
    # Its own inverse: what it sorts it also puts back.
    order = (pairs.place - 1 - tf.range(history, dtype=tf.int64)) % history
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


def _flat(pairs: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """Return arrays (history, ...) as rows of a matrix."""
    return tf.reshape(tf.cast(pairs, dtype), (tf.shape(pairs)[0], -1))
