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

#: What the photo's subject counts for in the share of the photo that a picture keeps.
SUBJECT_SHARE = 0.75


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
        self._parts = [(1.0, everything)]
        if subject is not None and np.max(subject * everything) > LEAST:
            self._parts = [(1.0 - SUBJECT_SHARE, everything), (SUBJECT_SHARE, subject * everything)]
        self._maps = content_maps(network, photo, WHOLE, UNINTERRUPTED)
        spread = max(float(tf.reduce_mean(spread_of(each))) for each in self._maps)
        #: Whether there is anything to be kept.
        self.is_empty = not spread > LEAST_SPREAD

    def share(self, picture: tf.Tensor) -> float:
        """Return how much of the photo a picture (1, h, w, 3) keeps: 1 for the photo itself, about 0 for another one.

        It is what the picture's feature maps explain of the photo's, the mean over the layers; where there is a subject
        it counts for `SUBJECT_SHARE` of it, and the whole picture for the rest.
        """
        maps = content_maps(self._network, picture, WHOLE, UNINTERRUPTED)
        pairs = list(zip(maps, self._maps, strict=True))
        shares = [sum(share * explained(*pair, part) for share, part in self._parts) for pair in pairs]
        return sum(shares) / len(shares)


def explained(one: tf.Tensor, other: tf.Tensor, part: Mask) -> float:
    """Return which part of the variance of a photo's feature maps those of a picture explain, 0..1.

    It is the squared correlation of both, channel by channel, 0 where it is negative; a channel counts by its standard
    deviation in the photo. More or less contrast, and other colours, change it little; another texture in a part that
    is smooth in the photo does.

    Args:
        one, other: Feature maps (1, h, w, C) of the picture and of the photo.
        part: How much each place counts, 0..1, of any size.
    """
    weights = tf.constant(resized(part, tuple(one.shape[1:3]))[..., None])
    one, other = (centred(tf.cast(each[0], tf.float32), weights) for each in (one, other))
    pairs = ((one, other), (one, one), (other, other))
    shared, own, photo = (tf.reduce_sum(weights * a * b, axis=(0, 1)) for a, b in pairs)
    correlation = tf.math.divide_no_nan(tf.nn.relu(shared), tf.sqrt(own * photo))
    spread = tf.sqrt(photo)
    return float(tf.math.divide_no_nan(tf.reduce_sum(spread * correlation**2), tf.reduce_sum(spread)))


def centred(maps: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Return feature maps (h, w, C) without each channel's mean, which is weighted by `weights` (h, w, 1)."""
    total = tf.reduce_sum(weights * tf.ones_like(maps[..., :1]))
    return maps - tf.reduce_sum(weights * maps, axis=(0, 1)) / total
