"""How much of the photo a picture keeps, and the search for the style weight that keeps the wanted share of it."""

from collections.abc import Callable

import tensorflow as tf

from nst.engine.targets import LEAST_SPREAD, content_maps, spread_of
from nst.engine.vgg import Network
from nst.masks.mask import Mask, resized
from nst.plan.strength import Search
from nst.plan.tiling import WHOLE
from nst.progress import UNINTERRUPTED


def found_weight(search: Search, paint: Callable[[float], tf.Tensor], kept_by: Callable[[tf.Tensor], float]) -> float:
    """Return the beta with which the wanted share of the photo stays, or the nearest that a few short runs find.

    Args:
        search: That has tried nothing yet.
        paint: Returns a small picture painted with a beta, always from the same start: a run that begins where a
            stronger one has ended does not find back to the photo.
        kept_by: Tells how much of the photo a picture keeps.
    """
    while not search.is_over():
        exponent = search.proposal()
        search.tried.append((exponent, kept_by(paint(10.0**exponent))))
    return search.result()


class Keeping:
    """What a photo is recognised by: its feature maps at the content layers, without their means.

    Args:
        network: That the picture is optimised with.
        photo: (1, height, width, 3) float32 in 0..255.
        free: How far each pixel may change, 0..1; only those count that may. None if all may.
    """

    def __init__(self, network: Network, photo: tf.Tensor, free: Mask | None = None) -> None:
        self._network, self._free = network, free
        self._maps = content_maps(network, photo, WHOLE, UNINTERRUPTED)
        spread = max(float(tf.reduce_mean(spread_of(each))) for each in self._maps)
        #: Whether there is anything to be kept.
        self.is_empty = not spread > LEAST_SPREAD

    def share(self, picture: tf.Tensor) -> float:
        """Return how much of the photo a picture (1, h, w, 3) keeps: 1 for the photo itself, about 0 for another one.

        It is the cosine between both pictures' feature maps, each channel without its mean, the mean over the layers.
        """
        maps = content_maps(self._network, picture, WHOLE, UNINTERRUPTED)
        cosines = [_cosine(*pair, self._free) for pair in zip(maps, self._maps, strict=True)]
        return sum(cosines) / len(cosines)


def _cosine(one: tf.Tensor, other: tf.Tensor, free: Mask | None) -> float:
    """Return the cosine of two feature maps (1, h, w, C) without the means of their channels."""
    weights = tf.ones((1, 1, 1)) if free is None else tf.constant(resized(free, tuple(one.shape[1:3]))[..., None])
    one, other = (_centred(tf.cast(each[0], tf.float32), weights) for each in (one, other))
    norms = tf.sqrt(tf.reduce_sum(weights * one * one) * tf.reduce_sum(weights * other * other))
    return float(tf.math.divide_no_nan(tf.reduce_sum(weights * one * other), norms))


def _centred(maps: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    total = tf.reduce_sum(weights * tf.ones_like(maps[..., :1]))
    return maps - tf.reduce_sum(weights * maps, axis=(0, 1)) / total
