"""Style as the distance of two normal distributions: the mean and the covariance of a layer's features.

A Gram matrix is a mean product of two channels. With one more channel that is 1 everywhere it holds the means too, and
so the covariance: the moment matrix

    [[F^T F / (H W), m], [m^T, 1]],        F as an (H W, C) matrix, m the mean of each channel.

It is a sum over positions like the Gram matrix, so tiles, regions and blends of paintings treat both alike.

The squared 2-Wasserstein distance of two normal distributions is

    |m - m_S|^2 + tr(K) + tr(K_S) - 2 tr((K_S^1/2 K K_S^1/2)^1/2),        K the covariances,

(Olkin and Pukelsheim 1982; as a style loss Vince Marron 2017, and Katherine Crowson's style-transfer-pytorch). It is
of second degree in the features, the distance of Gram matrices of fourth, so weak channels count for what they are.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from nst.engine import tracing
from nst.plan.estimate import AXES

#: The variance that both covariances get on all axes so that a root can be had, as a share of the target's mean
#: variance. What varies less does not show.
RIDGE = 1e-2
#: The least such variance over the largest moment: rounding can take as much from a covariance that has none.
ROUNDING = 2e-4
#: The root's smallest eigenvalue over its largest that the iteration is made for; smaller ones come out too small.
SMALLEST = 1e-4
#: What the distance is divided by, so that one beta suits it as well as the paper's distance of Gram matrices.
DIVISOR = 300.0
#: Below this a variance counts as none: the derivative of its root would have no bound.
LEAST_VARIANCE = 1e-8


def moment_matrix(features: tf.Tensor, guide: tf.Tensor | float) -> tf.Tensor:
    """Return the sum over positions of guide * F' F'^T, F' the features with a constant channel: (C + 1, C + 1).

    Args:
        features: Feature maps (1, H, W, C).
        guide: (1, H, W, 1) float32; or a scalar, 1 over the number of positions of the whole picture.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def moments(features: tf.Tensor) -> tf.Tensor:
        tracing.check()
        channels = features.shape[-1]
        flat = tf.reshape(tf.cast(features, tf.float32), (-1, channels))
        weights = tf.reshape(guide, (-1, 1))
        positions = tf.cast(tf.shape(flat)[0], tf.float32)
        weighted = flat * weights
        products, sums = tf.matmul(weighted, flat, transpose_a=True), tf.reduce_sum(weighted, axis=0)
        number = tf.reduce_sum(weights) if len(tf.convert_to_tensor(guide).shape) else positions * guide

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            # In the features' own precision, which is what the gradient is handed on in anyway.
            both = tf.cast(upstream + tf.transpose(upstream), features.dtype)
            own = tf.reshape(features, (-1, channels))
            slope = tf.matmul(own, both[:-1, :-1]) + both[-1:, :-1]
            return tf.reshape(slope * tf.cast(weights, features.dtype), tf.shape(features))

        return tf.concat([tf.concat([products, sums[:, None]], 1), tf.concat([sums, [number]], 0)[None]], 0), gradient

    return moments(features)


def mean_and_covariance(moments: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the means (..., C) and the covariances (..., C, C) of moment matrices (..., C + 1, C + 1)."""
    mean = moments[..., -1, :-1]
    return mean, moments[..., :-1, :-1] - mean[..., None] * mean[..., None, :]


def principal_axes(moments: tf.Tensor) -> tf.Tensor:
    """Return the leading principal axes of a moment matrix, unit vectors (C, axes) of descending variance."""
    covariance = np.asarray(mean_and_covariance(moments)[1], np.float64)
    _, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return tf.constant(vectors[:, ::-1][:, :AXES], tf.float32)


def losses_of_layers(loss: Callable[..., tf.Tensor], *columns: Sequence[tf.Tensor]) -> tf.Tensor:
    """Return a loss of each of some layers' moment matrices, in their order: (layers,).

    Layers of as many channels are taken together: each layer of each region by itself would be hundreds of operations,
    and a picture of eight regions and sixteen layers a graph that takes longer to trace than to evaluate.

    Args:
        loss: Takes one of each column for several layers of as many channels, with one more axis in front.
        columns: For each layer its moment matrix (C + 1, C + 1), its target's, and whatever else the loss takes.
    """
    alike: dict[tuple[int, ...], list[int]] = {}
    for index, each in enumerate(columns[0]):
        alike.setdefault(tuple(each.shape), []).append(index)
    losses = [loss(*(tf.stack([column[index] for index in places]) for column in columns)) for places in alike.values()]
    order = [index for places in alike.values() for index in places]
    return tf.gather(tf.concat(losses, 0), np.argsort(order))


def wasserstein_loss(moments: tf.Tensor, target: tf.Tensor, axes: tf.Tensor) -> tf.Tensor:
    """Return the squared 2-Wasserstein distance of two normal distributions over the target's second moment: (...).

    0 if mean and covariance are the same; nearly 1 for a layer without any response.

    Args:
        moments, target: (..., C + 1, C + 1) each, see `moment_matrix`.
        axes: Principal axes of the target, (..., C, axes). In the space between them the covariances are compared
            exactly, outside of it by their total variance, which is a lower bound of the distance.
    """
    tracing.check()
    (mean, covariance), (aim, spread) = mean_and_covariance(moments), mean_and_covariance(target)
    # K_S is diagonal in the space of its own axes, and so is its root.
    aimed = tf.maximum(tf.reduce_sum(axes * tf.matmul(spread, axes), -2), 0.0)
    size = tf.stop_gradient(tf.reduce_max(tf.maximum(moments, target), (-2, -1)))
    ridge = tf.maximum(RIDGE * tf.reduce_mean(aimed, -1), ROUNDING * size + LEAST_VARIANCE)
    own = tf.matmul(axes, tf.matmul(covariance, axes), transpose_a=True)
    rest, aimed_rest = (
        tf.sqrt(tf.maximum(tf.linalg.trace(whole) - part, LEAST_VARIANCE))
        for whole, part in ((covariance, tf.linalg.trace(own)), (spread, tf.reduce_sum(aimed, -1)))
    )
    own, aimed = own + ridge[..., None, None] * tf.eye(axes.shape[-1]), aimed + ridge[..., None]
    root = tf.sqrt(aimed)
    inside = tf.linalg.trace(own) + tf.reduce_sum(aimed, -1)
    inside -= 2 * trace_of_root(root[..., None] * own * root[..., None, :])
    distance = tf.reduce_sum(tf.square(mean - aim), -1) + inside + tf.square(rest - aimed_rest)
    return distance / tf.maximum(tf.linalg.trace(target[..., :-1, :-1]), LEAST_VARIANCE)


def trace_of_root(matrix: tf.Tensor) -> tf.Tensor:
    """Return tr(A^1/2) (...) of symmetric matrices (..., n, n) without negative eigenvalues, by Newton and Schulz.

    The coupled iteration Y <- Y T, Z <- T Z with T = (3 I - Z Y) / 2 from Y = A / |A|, Z = I goes to the root and its
    inverse (Higham 2008, equation 6.35); half that inverse is the derivative. The first rounds stretch the small
    eigenvalues as far as the large ones allow (Chen and Chow 2014, "A stable scaling of Newton-Schulz").
    """

    side = matrix.shape[-1]

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def trace(matrix: tf.Tensor) -> tf.Tensor:
        # One after the other, which bounds the graph as taking them together does: TensorFlow multiplies two matrices
        # two to three times as fast on a processor as two stacks of them.
        signature = tf.TensorSpec(()), tf.TensorSpec((side, side))
        traces, slopes = tf.map_fn(
            _trace_and_slope, tf.reshape(matrix, (-1, side, side)), fn_output_signature=signature
        )

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            return upstream[..., None, None] * tf.reshape(slopes, tf.shape(matrix))

        return tf.reshape(traces, tf.shape(matrix)[:-2]), gradient

    return trace(matrix)


def _trace_and_slope(matrix: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return tr(A^1/2) () of a matrix (n, n), and its derivative, half the root's inverse (n, n)."""
    unit = tf.eye(matrix.shape[0])
    matrix = (matrix + tf.transpose(matrix)) / 2
    norm = tf.norm(matrix)
    root, inverse = matrix / norm, unit
    for stretch in _stretches():
        tracing.check()
        turn = stretch * (3 * unit - stretch**2 * tf.matmul(inverse, root)) / 2
        root, inverse = tf.matmul(root, turn), tf.matmul(turn, inverse)
    return tf.sqrt(norm) * tf.linalg.trace(root), inverse / (2 * tf.sqrt(norm))


def _stretches() -> list[float]:
    """Return by how much each round of the iteration may stretch the eigenvalues, until all are 1 in float32."""
    stretches, least = [], SMALLEST
    while least < 1 - 1e-6:
        stretches.append(math.sqrt(3 / (1 + least + least**2)))
        least = stretches[-1] * least * (3 - (stretches[-1] * least) ** 2) / 2
    return stretches
