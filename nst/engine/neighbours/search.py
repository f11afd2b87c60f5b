"""The search for nearest neighbours by centred cosine, in blocks of matrix products."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from nst.engine.device import device_name
from nst.plan.neighbours import ROUNDS, TRIED_PLACES
from nst.progress import UNINTERRUPTED, Interruption

#: Cosines that are there at once.
BLOCK = 2**22
#: Squared length below which features count as none: those of a picture of one colour are all at their mean.
LEAST = 1e-12


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


def assigned(cosines: np.ndarray, shares: Sequence[float], interruption: Interruption = UNINTERRUPTED) -> np.ndarray:
    """Return which painting each place takes its neighbour from, (P,), so that each has nearly its share of the places.

    Each place takes the painting that resembles it most, with a handicap for each painting that brings the shares
    about. They are found on `nst.plan.neighbours.TRIED_PLACES` of the places at most, drawn evenly.

    Args:
        cosines: With the nearest neighbour in each painting, (P, paintings).
        shares: Of the paintings, sum 1; what has none gets no place.
        interruption: What is asked between rounds, and between blocks of places, whether to go on.

    Raises:
        Interrupted: if not.
    """
    wanted = np.asarray(shares, np.float64)
    used = np.flatnonzero(wanted)
    handicaps = _handicaps(_tried(cosines)[:, used].astype(np.float64), wanted[used], interruption)
    painting, step = np.empty(len(cosines), np.intp), max(1, BLOCK // len(used))
    for first in range(0, len(cosines), step):
        interruption.check()
        part = slice(first, first + step)
        painting[part] = used[np.argmax(cosines[part][:, used] + handicaps, axis=1)]
    return painting


def _handicaps(cosines: np.ndarray, wanted: np.ndarray, interruption: Interruption) -> np.ndarray:
    """Return what is added to each painting's cosines (P, paintings) so that it gets the wanted share of the places."""
    handicaps, step = np.zeros(len(wanted)), float(np.ptp(cosines)) + LEAST
    for _ in range(ROUNDS if len(wanted) > 1 else 0):
        interruption.check()
        chosen = np.argmax(cosines + handicaps, axis=1)
        have = np.bincount(chosen, minlength=len(wanted)) / len(cosines)
        handicaps += step * (wanted - have)
        step *= 0.97
    return handicaps


def _tried(cosines: np.ndarray) -> np.ndarray:
    """Return the rows of all places, or of `TRIED_PLACES` drawn from them, the same whenever they are asked for."""
    if len(cosines) <= TRIED_PLACES:
        return cosines
    return cosines[np.random.default_rng(0).integers(0, len(cosines), TRIED_PLACES)]
