"""Adam (Kingma and Ba 2015) in a box: clamped after every step, with cosine decay of the learning rate.

It keeps two moments where L-BFGS keeps twice its history, so it is the optimiser for little memory. beta2 is
0.99, not 0.999: a run is a hundred steps, not a hundred thousand.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from nst.optimizers.base import Best, Box, Objective, failed, keep_best, start_best

#: The learning rate after a failure and after a success, over the one before. It grows back slowly, so that a rate
#: that was too large is not tried again at once.
SHRINK, GROW = 0.25, 1.2


class AdamState(NamedTuple):
    """Everything that one step passes to the next.

    Attributes:
        x: The next iterate to be evaluated, in the box.
        best: The best iterate evaluated so far.
        box: Where x may go.
        m, v: Running means of the gradient and of its square.
        moments: Steps in the running means, for their bias correction; 0 after a failure.
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
        zero, nothing = tf.zeros_like(x), tf.zeros((), x.dtype)
        rate = tf.constant(self.learning_rate, x.dtype)
        return AdamState(x, start_best(x), box, zero, zero, nothing, nothing, tf.cast(steps, x.dtype), rate)

    def step(self, objective: Objective, state: AdamState) -> AdamState:
        """Evaluate `objective` once, at ``state.x``, and return the state with the next iterate."""
        value, parts, gradient = objective(state.x)
        best = keep_best(state.best, state.x, value, parts, gradient)
        state = state._replace(best=best, step=state.step + 1)
        return tf.cond(failed(best), lambda: self._restart(state), lambda: self._advance(state, gradient))

    def moved(self, state: AdamState, best: Best) -> AdamState:
        """Return the state for going on with a slightly different objective, under which the best iterate is `best`."""
        return state._replace(best=best)

    def _restart(self, state: AdamState) -> AdamState:
        return state._replace(
            x=state.best.x,
            m=tf.zeros_like(state.m),
            v=tf.zeros_like(state.v),
            moments=tf.zeros_like(state.moments),
            learning_rate=SHRINK * state.learning_rate,
        )

    def _advance(self, state: AdamState, gradient: tf.Tensor) -> AdamState:
        moments = state.moments + 1
        m = self.beta1 * state.m + (1 - self.beta1) * gradient
        v = self.beta2 * state.v + (1 - self.beta2) * tf.square(gradient)
        decay = (1 + tf.cos(math.pi * tf.minimum(state.step / state.steps, 1.0))) / 2
        m_hat, v_hat = m / (1 - self.beta1**moments), v / (1 - self.beta2**moments)
        x = state.x - state.learning_rate * decay * m_hat / (tf.sqrt(v_hat) + self.epsilon)
        return state._replace(
            x=state.box.clip(x),
            m=m,
            v=v,
            moments=moments,
            learning_rate=tf.minimum(GROW * state.learning_rate, self.learning_rate),
        )
