"""The losses of Gatys et al. (2016) as pure functions of tensors, their values in float32.

The paper's sums are written as means: ``1/(4 H W C) sum`` and ``1/(4 C^2 (H W)^2) sum`` with the Gram matrix
divided by H W. The value then does not change scale with the picture's size, so one alpha:beta means the
same at 256 and at 2048 px.
"""

import tensorflow as tf


@tf.custom_gradient  # type: ignore[untyped-decorator]
def gram_matrix(features: tf.Tensor) -> tf.Tensor:
    """Return the Gram matrix F^T F / (H W) of feature maps (1, H, W, C): (C, C), float32.

    The gradient is written by hand because the matrix is symmetric: one matrix product gives what automatic
    differentiation takes two for.
    """
    flat = tf.reshape(tf.cast(features, tf.float32), (-1, features.shape[-1]))
    positions = tf.cast(tf.shape(flat)[0], tf.float32)
    gram = tf.matmul(flat, flat, transpose_a=True) / positions

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        # In the features' own precision, which is what the gradient is handed on in anyway.
        symmetric = tf.cast((upstream + tf.transpose(upstream)) / positions, features.dtype)
        return tf.reshape(tf.matmul(tf.reshape(features, (-1, features.shape[-1])), symmetric), tf.shape(features))

    return gram, gradient


def content_loss(features: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Return a quarter of the mean squared difference of feature maps (1, H, W, C): a scalar."""
    difference = tf.cast(features, tf.float32) - tf.cast(target, tf.float32)
    return tf.reduce_mean(tf.square(difference)) / 4.0


def style_loss(gram: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Return a quarter of the mean squared difference of two Gram matrices (C, C): a scalar."""
    return tf.reduce_mean(tf.square(gram - target)) / 4.0


def total_variation_loss(pixels: tf.Tensor) -> tf.Tensor:
    """Return the mean squared step between neighbours, across plus down, of a picture (1, H, W, 3) in 0..255.

    The steps are measured on the scale 0..1, so a one-pixel checkerboard of black and white gives 2.0.
    """
    across = tf.reduce_mean(tf.square(pixels[:, :, 1:] - pixels[:, :, :-1]))
    down = tf.reduce_mean(tf.square(pixels[:, 1:] - pixels[:, :-1]))
    return (across + down) / 255.0**2
