"""Pictures as the engine computes with them, and back."""

import numpy as np
import tensorflow as tf


def as_tensor(pixels: np.ndarray) -> tf.Tensor:
    """Return a picture (height, width, 3) of any type as (1, height, width, 3) float32."""
    # In this order no second picture of floats is made.
    return tf.cast(tf.constant(pixels[None]), tf.float32)


def to_pixels(picture: tf.Tensor) -> np.ndarray:
    """Return a picture (1, height, width, 3) float32 in 0..255 as it is saved: rounded, uint8 (height, width, 3)."""
    rounded: np.ndarray = tf.cast(tf.round(tf.clip_by_value(picture[0], 0.0, 255.0)), tf.uint8).numpy()
    return rounded
