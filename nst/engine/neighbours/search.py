"""The search for nearest neighbours by centred cosine, in blocks of matrix products."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from nst.engine.device import device_name
from nst.progress import UNINTERRUPTED, Interruption

#: Cosines that are there at once.
BLOCK = 2**22
#: Squared length below which features count as none: those of a picture of one colour are all at their mean.
LEAST = 1e-12
#: Rounds in which the shares of several paintings are brought about.
ROUNDS = 200


def directions(features: tf.Tensor, centre: tf.Tensor) -> tf.Tensor:
    """Return the features (N, C) without their centre (C,), each scaled to length 1; 0 where nothing is left."""
    centred = features - centre
    return centred * tf.math.rsqrt(tf.maximum(tf.reduce_sum(tf.square(centred), 1, keepdims=True), LEAST))


def nearest(
    queries: tf.Tensor, candidates: tf.Tensor, interruption: Interruption = UNINTERRUPTED
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each query the candidate of the largest cosine, (P,) int32, and that cosine, (P,) float32.

    The first one of several. The search is exact; its memory is bounded by `BLOCK`.

    Args:
        queries: Directions (P, C), see `directions`.
        candidates: Directions (N, C).
        interruption: What is asked between blocks whether to go on.

    Raises:
        Interrupted: if not.
    """
    count = queries.shape[0]
    step, on_cpu = max(1, BLOCK // candidates.shape[0]), device_name() == "CPU"
    places, cosines = np.empty(count, np.int32), np.empty(count, np.float32)
    for first in range(0, count, step):
        interruption.check()
        products = tf.matmul(queries[first : first + step], candidates, transpose_b=True)
        # NumPy's is twice as quick as TensorFlow's, where nothing has to be copied for it.
        best = products.numpy().argmax(1) if on_cpu else tf.argmax(products, axis=1, output_type=tf.int32)
        places[first : first + step] = best
        cosines[first : first + step] = tf.reduce_max(products, axis=1)
    return places, cosines


def assigned(cosines: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Return which painting each place takes its neighbour from, (P,), so that each has nearly its share of the places.

    Each place takes the painting that resembles it most, with a handicap for each painting that brings the shares
    about.

    Args:
        cosines: With the nearest neighbour in each painting, (P, paintings).
        shares: Of the paintings, sum 1; what has none gets no place.
    """
    wanted = np.asarray(shares, np.float64)
    used = np.flatnonzero(wanted)
    cosines = cosines[:, used].astype(np.float64)
    handicaps, step = np.zeros(len(used)), float(np.ptp(cosines)) + LEAST
    for _ in range(ROUNDS if len(used) > 1 else 0):
        chosen = np.argmax(cosines + handicaps, axis=1)
        have = np.bincount(chosen, minlength=len(used)) / len(cosines)
        handicaps += step * (wanted[used] - have)
        step *= 0.97
    return used[np.argmax(cosines + handicaps, axis=1)]
