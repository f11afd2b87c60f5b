"""Feature maps of no picture, and their moments."""

import numpy as np
import tensorflow as tf

from nst.engine.statistics import moment_matrix

#: Positions of the maps.
POSITIONS = 20 * 30


def features(random: np.random.Generator, channels: int = 16, mean: float = 0.5) -> tf.Tensor:
    """Return maps (1, 20, 30, channels) whose channels go with each other."""
    mixed = random.normal(size=(1, 20, 30, channels)) @ random.normal(size=(channels, channels))
    return tf.constant(mixed + mean, tf.float32)


def moments(maps: tf.Tensor) -> tf.Tensor:
    """Return the moment matrix of such maps."""
    return moment_matrix(maps, 1 / POSITIONS)
