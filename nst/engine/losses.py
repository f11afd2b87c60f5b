"""The losses of Gatys et al. (2016) as pure functions of tensors, their values in float32.

The paper's sums are written as means: ``1/(4 H W C) sum`` and ``1/(4 C^2 (H W)^2) sum`` with the Gram matrix
divided by H W. The value then does not change scale with the picture's size, so one alpha:beta means the
same at 256 and at 2048 px.

What is a sum over positions can be had of a part of the picture: with `whole`, the (height, width) of the whole
picture's feature maps or pixels (2,) int32, a function returns the part's share; the shares of all parts add up to the
value.
"""

import tensorflow as tf


def gram_matrix(features: tf.Tensor, whole: tf.Tensor | None = None) -> tf.Tensor:
    """Return the Gram matrix F^T F / (H W) of feature maps (1, H, W, C), or a part's share: (C, C), float32.

    The gradient is written by hand because the matrix is symmetric: one matrix product gives what automatic
    differentiation takes two for.
    """
    positions = _count(features, whole)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def gram(features: tf.Tensor) -> tf.Tensor:
        flat = tf.reshape(tf.cast(features, tf.float32), (-1, features.shape[-1]))

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            # In the features' own precision, which is what the gradient is handed on in anyway.
            symmetric = tf.cast((upstream + tf.transpose(upstream)) / positions, features.dtype)
            return tf.reshape(tf.matmul(tf.reshape(features, (-1, features.shape[-1])), symmetric), tf.shape(features))

        return tf.matmul(flat, flat, transpose_a=True) / positions, gradient

    return gram(features)


def guided_gram_matrix(features: tf.Tensor, guide: tf.Tensor) -> tf.Tensor:
    """Return the sum over positions of guide * F F^T: feature maps (1, H, W, C), guide (1, H, W, 1), result (C, C).

    With T^2 for the guide it is (T o F)^T (T o F), equation 9 of Gatys et al. 2017; with 1 / (H W) everywhere it is
    `gram_matrix`. Guide and result are float32. A tile's share is had with its part of the whole picture's guide.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def gram(features: tf.Tensor) -> tf.Tensor:
        flat = tf.reshape(tf.cast(features, tf.float32), (-1, features.shape[-1]))
        weights = tf.reshape(guide, (-1, 1))

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            # The features' own precision serves as for `gram_matrix`: bfloat16 has float32's range.
            symmetric = tf.cast(upstream + tf.transpose(upstream), features.dtype)
            own = tf.reshape(features, (-1, features.shape[-1])) * tf.cast(weights, features.dtype)
            return tf.reshape(tf.matmul(own, symmetric), tf.shape(features))

        return tf.matmul(flat * weights, flat, transpose_a=True), gradient

    return gram(features)


def content_loss(
    features: tf.Tensor, target: tf.Tensor, weights: tf.Tensor | float = 1.0, whole: tf.Tensor | None = None
) -> tf.Tensor:
    """Return a quarter of the mean squared difference of feature maps (1, H, W, C), or a part's share: a scalar.

    Args:
        features, target: Of the picture and of the photo.
        weights: How much the difference counts at each position, (1, H, W, 1); the paper has 1 everywhere.
        whole: (height, width) of the whole picture's feature maps, for a part's share.
    """
    difference = tf.cast(features, tf.float32) - tf.cast(target, tf.float32)
    return tf.reduce_sum(weights * tf.square(difference)) / (4.0 * features.shape[-1] * _count(features, whole))


def style_loss(gram: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Return a quarter of the mean squared difference of two Gram matrices (C, C): a scalar."""
    return tf.reduce_mean(tf.square(gram - target)) / 4.0


def total_variation_loss(pixels: tf.Tensor, whole: tf.Tensor | None = None, own: tf.Tensor | None = None) -> tf.Tensor:
    """Return the mean squared step between neighbours, across plus down, of a picture (1, H, W, 3) in 0..255.

    The steps are measured on the scale 0..1, so a one-pixel checkerboard of black and white gives 2.0.

    Args:
        pixels: The picture, or a part of it with the row below and the column to the right where there are any.
        whole: (height, width) of the whole picture, for a part's share.
        own: (height, width) of the part without that row and column.
    """
    shape = tf.shape(pixels)[1:3]
    height, width = tf.unstack(shape if own is None else own)
    whole_height, whole_width = tf.unstack(tf.cast(shape if whole is None else whole, tf.float32))
    across = pixels[:, :height, 1:] - pixels[:, :height, :-1]
    down = pixels[:, 1:, :width] - pixels[:, :-1, :width]
    across_mean = tf.reduce_sum(tf.square(across)) / (3.0 * whole_height * (whole_width - 1.0))
    down_mean = tf.reduce_sum(tf.square(down)) / (3.0 * (whole_height - 1.0) * whole_width)
    return (across_mean + down_mean) / 255.0**2


def wrapped_variation_loss(pixels: tf.Tensor) -> tf.Tensor:
    """Return the total variation of a picture (1, H, W, 3) in 0..255 whose borders wrap around, on the scale 0..1.

    Each pixel has a neighbour across and one down: those of the last column and row are in the first.
    """
    across, down = (tf.roll(pixels, -1, axis) - pixels for axis in (2, 1))
    return (tf.reduce_mean(tf.square(across)) + tf.reduce_mean(tf.square(down))) / 255.0**2


def temporal_loss(
    pixels: tf.Tensor, target: tf.Tensor, weights: tf.Tensor, whole: tf.Tensor | None = None
) -> tf.Tensor:
    """Return the weighted mean squared distance of a picture (1, H, W, 3) from a target, or a part's share: a scalar.

    The temporal consistency loss of Ruder, Dosovitskiy and Brox 2016 (arXiv 1604.08610, section 4): the mean of
    c (x - w)^2 over all 3 H W values, here on the scale 0..1. With weights of 1, black against white gives 1.0.

    Args:
        pixels: The picture, 0..255, or a part of it.
        target: w, of the same shape and range; or (1, 0, 0, 3), which compares nothing and gives 0.
        weights: c, (1, H, W, 1) in 0..1; or (1, 0, 0, 1).
        whole: (height, width) of the whole picture, for a part's share.
    """
    height, width = tf.unstack(tf.shape(target)[1:3])
    distance = (pixels[:, :height, :width] - target) / 255.0
    return tf.reduce_sum(weights * tf.square(distance)) / (3.0 * _count(pixels, whole))


def _count(features: tf.Tensor, whole: tf.Tensor | None) -> tf.Tensor:
    """Return the number of positions as float32."""
    return tf.reduce_prod(tf.cast(tf.shape(features)[1:3] if whole is None else whole, tf.float32))
