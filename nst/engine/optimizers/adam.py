"""Adam (Kingma and Ba 2015) in a box: clamped after every step, with cosine decay of the learning rate.

It keeps two moments where L-BFGS keeps twice its history, so it is the optimiser for little memory. beta2 is
0.99, not 0.999: a run is a hundred steps, not a hundred thousand.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from nst.engine.bands import Band, Bands, each_band
from nst.engine.optimizers.base import Box, variable

#: The learning rate after a failure and after a success, over the one before. It grows back slowly, so that a rate
#: that was too large is not tried again at once.
SHRINK, GROW = 0.25, 1.2


class AdamState(NamedTuple):
    """Everything that one step passes to the next; variables, but for the box.

    Attributes:
        x: The next iterate to be evaluated, in the box.
        box: Where x may go.
        m, v: Running means of the gradient and of its square.
        moments: Steps in the running means, for their bias correction; with 0, after a failure, they are forgotten.
        step, steps: Steps done and planned, for the decay.
        learning_rate: Before the decay.
    """

    x: tf.Variable
    box: Box
    m: tf.Variable
    v: tf.Variable
    moments: tf.Variable
    step: tf.Variable
    steps: tf.Variable
    learning_rate: tf.Variable


@dataclass(frozen=True)
class Adam:
    """Clamped Adam, see `nst.engine.optimizers.base.Solver`.

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
        return AdamState(variable(x), box, *means, *numbers)

    def step(self, state: AdamState, gradient: tf.Tensor, bands: tf.Tensor | Bands = Bands.WHOLE) -> None:
        """Go on by the gradient at x: one round of the paper's algorithm 1, clipped to the box."""
        step = state.step.assign_add(tf.ones_like(state.step))
        moments = state.moments.assign_add(tf.ones_like(state.moments))
        decay = (1 + tf.cos(math.pi * tf.minimum(step / state.steps, 1.0))) / 2
        rate = state.learning_rate * decay
        # The first step after a failure finds the means of the steps before it, which it is to forget.
        kept = tf.cast(moments > 1, gradient.dtype)

        def move(band: Band) -> None:
            # The lines of algorithm 1: the biased moments m_t and v_t, the corrected ones, theta_t.
            g = band.of(gradient)
            m = kept * self.beta1 * band.of(state.m) + (1 - self.beta1) * g
            v = kept * self.beta2 * band.of(state.v) + (1 - self.beta2) * tf.square(g)
            m_hat, v_hat = m / (1 - self.beta1**moments), v / (1 - self.beta2**moments)
            x = band.of(state.x) - rate * m_hat / (tf.sqrt(v_hat) + self.epsilon)
            for mean, rows in ((state.m, m), (state.v, v)):
                band.put(mean, rows)
            band.put(state.x, state.box.band(band).clip(x))

        each_band(bands, move)
        state.learning_rate.assign(tf.minimum(GROW * state.learning_rate, self.learning_rate))

    def restart(self, state: AdamState, x: tf.Tensor) -> None:
        """Go back to `x` with a lower learning rate."""
        state.step.assign_add(tf.ones_like(state.step))
        state.x.assign(x)
        # The means stay, but the next step gives them no weight; gradients that are not finite never get into them.
        state.moments.assign(tf.zeros_like(state.moments))
        state.learning_rate.assign(SHRINK * state.learning_rate)

    def objective_changed(self, state: AdamState) -> None:
        """Go on with a slightly different objective: the means still serve."""
