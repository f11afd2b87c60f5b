"""How much of the photo a picture keeps, and the search for the style weight that keeps the wanted share of it."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from nst.engine.targets import LEAST_SPREAD, content_maps, spread_of
from nst.engine.vgg import Network
from nst.masks.mask import LEAST, Mask, resized
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
        subject: How far each pixel shows the photo's subject, 0..1, which then counts by itself as well. None for no
            subject.
    """

    def __init__(
        self, network: Network, photo: tf.Tensor, free: Mask | None = None, subject: Mask | None = None
    ) -> None:
        self._network = network
        everything = np.ones(photo.shape[1:3], np.float32) if free is None else free
        self._parts = [everything]
        if subject is not None and np.max(subject * everything) > LEAST:
            self._parts.append(subject * everything)
        self._maps = content_maps(network, photo, WHOLE, UNINTERRUPTED)
        spread = max(float(tf.reduce_mean(spread_of(each))) for each in self._maps)
        #: Whether there is anything to be kept.
        self.is_empty = not spread > LEAST_SPREAD

    def share(self, picture: tf.Tensor) -> float:
        """Return how much of the photo a picture (1, h, w, 3) keeps: 1 for the photo itself, about 0 for another one.

        It is the concordance of both pictures' feature maps, the mean over the layers, and over the whole picture and
        the subject.
        """
        maps = content_maps(self._network, picture, WHOLE, UNINTERRUPTED)
        pairs = list(zip(maps, self._maps, strict=True))
        shares = [concordance(*pair, part) for pair in pairs for part in self._parts]
        return sum(shares) / len(shares)


def concordance(one: tf.Tensor, other: tf.Tensor, part: Mask) -> float:
    """Return 2 <a, b> / (<a, a> + <b, b>) of two feature maps (1, h, w, C), each channel without its mean.

    It is the concordance of Lin 1989, "A concordance correlation coefficient to evaluate reproducibility", but for the
    means, which are the painting's. Unlike the cosine it falls as well where a picture shows the same with less
    contrast, as dark paintings make it.

    Args:
        one, other: Of two pictures.
        part: How much each place counts, 0..1, of any size.
    """
    weights = tf.constant(resized(part, tuple(one.shape[1:3]))[..., None])
    one, other = (_centred(tf.cast(each[0], tf.float32), weights) for each in (one, other))
    shared, *own = (tf.reduce_sum(weights * a * b) for a, b in ((one, other), (one, one), (other, other)))
    return float(tf.math.divide_no_nan(2 * shared, tf.add_n(own)))


def _centred(maps: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    total = tf.reduce_sum(weights * tf.ones_like(maps[..., :1]))
    return maps - tf.reduce_sum(weights * maps, axis=(0, 1)) / total
