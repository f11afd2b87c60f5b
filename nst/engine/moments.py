"""Style as the Gram matrix of a layer's features with the mean and the standard deviation of each channel beside it.

A Gram matrix alone does not tell a channel that is on everywhere from one that is twice as strong in a quarter of the
places: both have the same mean square. Means and standard deviations tell them apart, channel by channel, and are
statistics of style by themselves (Li, Wang, Liu and Hou 2017, "Demystifying Neural Style Transfer", section 4.2; Huang
and Belongie 2017). Galerne, Raad, Lezama and Morel 2024 ("Scaling Painting Style Transfer") add them to the Gram
matrix too.

All three are functions of the moment matrix of `nst.engine.statistics`, a sum over positions, so tiles, regions and
blends of paintings are exact with them too.
"""

import tensorflow as tf

from nst.engine.statistics import LEAST_VARIANCE, RIDGE

#: What the distance is divided by, so that one beta suits it as well as the others.
MOMENTS_DIVISOR = 300.0


def moments_loss(moments: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Return how far Gram matrix, means and standard deviations are from the target's, relatively: (...).

    It is 1/2 |G - G_S|^2 / |G_S|^2 + 1/2 (|m - m_S|^2 + |s - s_S|^2) / tr(G_S), with G the Gram matrix, m the means and
    s the standard deviations: 0 if all are the same, and nearly 1 for a layer without any response, whatever the layer
    and the painting. tr(G_S) is |m_S|^2 + |s_S|^2.

    Args:
        moments, target: (..., C + 1, C + 1) each, see `nst.engine.statistics.moment_matrix`.
    """
    gram, aim = moments[..., :-1, :-1], target[..., :-1, :-1]
    products = tf.reduce_sum(tf.square(gram - aim), (-2, -1))
    products /= tf.maximum(tf.reduce_sum(tf.square(aim), (-2, -1)), LEAST_VARIANCE**2)
    mean, mean_aim = moments[..., -1, :-1], target[..., -1, :-1]
    variance, variance_aim = (
        tf.maximum(tf.linalg.diag_part(each) - tf.square(means), 0.0) for each, means in ((gram, mean), (aim, mean_aim))
    )
    # Before the root, whose derivative has no bound at 0.
    ridge = RIDGE * tf.reduce_mean(variance_aim, -1, keepdims=True) + LEAST_VARIANCE
    deviations = tf.sqrt(variance + ridge) - tf.sqrt(variance_aim + ridge)
    channels = tf.reduce_sum(tf.square(mean - mean_aim) + tf.square(deviations), -1)
    return (products + channels / tf.maximum(tf.linalg.trace(aim), LEAST_VARIANCE)) / 2.0
