"""Adam (Kingma and Ba 2015) in a box: clamped after every step, with cosine decay of the learning rate.

It keeps two moments where L-BFGS keeps twice its history, so it is the optimiser for little memory. beta2 is
0.99, not 0.999: a run is a hundred steps, not a hundred thousand.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from nst.engine.bands import Band, Bands, each_band
from nst.engine.optimizers.base import Best, Box, Objective, failed, keep_best, revalue, start_best, variable

#: The learning rate after a failure and after a success, over the one before. It grows back slowly, so that a rate
#: that was too large is not tried again at once.
SHRINK, GROW = 0.25, 1.2


class AdamState(NamedTuple):
    """Everything that one step passes to the next; variables, but for the box.

    Attributes:
        x: The next iterate to be evaluated, in the box.
        best: The best iterate evaluated so far.
        box: Where x may go.
        m, v: Running means of the gradient and of its square.
        moments: Steps in the running means, for their bias correction; with 0, after a failure, they are forgotten.
        step, steps: Steps done and planned, for the decay.
        learning_rate: Before the decay.
    """

    x: tf.Tensor
    best: Best
    box: Box
    m: tf.Tensor
    v: tf.Tensor
    moments: tf.Tensor
    step: tf.Tensor
    steps: tf.Tensor
    learning_rate: tf.Tensor


@dataclass(frozen=True)
class Adam:
    """Clamped Adam.

    Args:
        learning_rate: In units of x; 10 grey levels suit pictures.
        beta1, beta2: Decay of the running means.
        epsilon: Added to the root of the second moment, in units of the gradient.
        lower, upper: The box, where `init` is given none.
    """

    learning_rate: float = 10.0
    beta1: float = 0.9
    beta2: float = 0.99
    epsilon: float = 1e-12
    lower: float = 0.0
    upper: float = 255.0

    def init(self, x: tf.Tensor, steps: int, box: Box | None = None) -> AdamState:
        """Return the state before the first of `steps` evaluations, at `x` clipped to the box."""
        box = box or Box.uniform(x, self.lower, self.upper)
        x = box.clip(x)
        means = variable(tf.zeros_like(x)), variable(tf.zeros_like(x))
        rate = tf.constant(self.learning_rate, x.dtype)
        numbers = (variable(tf.cast(number, x.dtype)) for number in (0, 0, steps, rate))
        return AdamState(variable(x), start_best(x), box, *means, *numbers)

    def step(self, objective: Objective, state: AdamState, bands: tf.Tensor | Bands = Bands.WHOLE) -> None:
        """Evaluate `objective` once, at ``state.x``, and go on to the next iterate."""
        value, parts, gradient = objective(tf.convert_to_tensor(state.x))
        keep_best(state.best, state.x, value, parts, gradient, bands)
        state.step.assign_add(tf.ones_like(state.step))
        tf.cond(failed(state.best), lambda: self._restart(state), lambda: self._advance(state, gradient, bands))

    def moved(self, state: AdamState, best: Best) -> None:
        """Go on with a slightly different objective, under which the best iterate has the value and parts of `best`."""
        revalue(state.best, best)

    def _restart(self, state: AdamState) -> tf.Tensor:
        state.x.assign(state.best.x)
        # The means stay, but the next step gives them no weight; gradients that are not finite never get into them.
        state.moments.assign(tf.zeros_like(state.moments))
        return state.learning_rate.assign(SHRINK * state.learning_rate)

    def _advance(self, state: AdamState, gradient: tf.Tensor, bands: tf.Tensor | Bands) -> tf.Tensor:
        moments = state.moments.assign_add(tf.ones_like(state.moments))
        decay = (1 + tf.cos(math.pi * tf.minimum(state.step / state.steps, 1.0))) / 2
        rate = state.learning_rate * decay
        # The first step after a failure finds the means of the steps before it, which it is to forget.
        kept = tf.cast(moments > 1, gradient.dtype)

        def move(band: Band) -> None:
            g = band.of(gradient)
            m = kept * self.beta1 * band.of(state.m) + (1 - self.beta1) * g
            v = kept * self.beta2 * band.of(state.v) + (1 - self.beta2) * tf.square(g)
            m_hat, v_hat = m / (1 - self.beta1**moments), v / (1 - self.beta2**moments)
            x = band.of(state.x) - rate * m_hat / (tf.sqrt(v_hat) + self.epsilon)
            for mean, rows in ((state.m, m), (state.v, v)):
                band.put(mean, rows)
            band.put(state.x, state.box.band(band).clip(x))

        each_band(bands, move)
        return state.learning_rate.assign(tf.minimum(GROW * state.learning_rate, self.learning_rate))
