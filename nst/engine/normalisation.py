"""VGG-19's filters rescaled as Gatys et al. (2016, section 2) did: each one's mean activation becomes 1.

A ReLU passes a positive factor on, and so does either pooling. So with m the mean activation of each feature map over
pictures and positions, the kernel K and bias b of a layer become K * m_before / m and b / m, and every feature map is
what it was, divided by its own m.

The paper's means are those over ImageNet's pictures; here they are taken over the gallery, which is at hand.
"""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from nst.layers import LAYERS, block_of, channels_of
from nst.pictures.codec import Pixels
from nst.pictures.files import write_whole
from nst.pictures.gallery import Gallery, load_gallery
from nst.weights.files import Vgg19

#: Long side of the gallery's pictures, in pixels.
SIDE = 256
#: A filter whose mean activation is below this share of its layer's is hardly ever active and keeps its scale.
LEAST_SHARE = 1e-6

#: The mean activation of each feature map (out,) by layer.
Means = dict[str, np.ndarray]


def rescaled(weights: Vgg19, means: Means) -> Vgg19:
    """Return weights whose feature maps are those of `weights` divided by `means`."""
    layers, before = {}, np.ones(3)
    for name, (kernel, bias) in weights.layers.items():
        own = means[name].astype(np.float64)
        own = np.where(own > LEAST_SHARE * own.mean(), own, 1.0)
        layers[name] = ((kernel * (before[:, None] / own)).astype(np.float32), (bias / own).astype(np.float32))
        before = own
    return Vgg19(layers, weights.means)


def mean_activations(weights: Vgg19, pictures: Iterable[Pixels], pooling: str = "max") -> Means:
    """Return each feature map's mean over pictures, uint8 RGB (height, width, 3) each, and positions, after the ReLU.

    Args:
        weights: Of the network.
        pictures: Each counts by its pixels.
        pooling: Between the blocks, as the network was trained: ``"max"``.
    """
    totals = {name: np.zeros(channels_of(name)) for name in LAYERS}
    positions = dict.fromkeys(LAYERS, 0)
    for picture in pictures:
        maps = tf.constant(picture[None, ..., ::-1].astype(np.float32) - np.array(weights.means, np.float32))
        for name in LAYERS:
            kernel, bias = weights.layers[name]
            if name.endswith("_conv1") and block_of(name) > 1:
                maps = tf.nn.pool(maps, [2, 2], pooling.upper(), strides=[2, 2], padding="VALID")
            maps = tf.nn.relu(tf.nn.conv2d(maps, tf.cast(kernel, tf.float32), 1, "SAME") + bias)
            totals[name] += maps.numpy().sum((0, 1, 2), dtype=np.float64)
            positions[name] += maps.shape[1] * maps.shape[2]
    return {name: totals[name] / positions[name] for name in LAYERS}


def gallery_means(weights: Vgg19, sha256: str) -> Means:
    """Return the mean activations over the gallery of weights from a file with this checksum, and keep them."""
    gallery = load_gallery()
    place = _place(sha256, gallery)
    means = _kept(place)
    if means is None:
        presets = (*gallery.photos, *gallery.paintings)
        means = mean_activations(weights, (preset.thumbnail(SIDE) for preset in presets))
        _keep(place, means)
    return means


def has_means(sha256: str) -> bool:
    """Return whether the means of weights from a file with this checksum are kept."""
    return _place(sha256, load_gallery()).exists()


def cache_folder() -> Path:
    """Return the folder for what can be computed again: nst in XDG_CACHE_HOME, or in .cache in one's home."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nst"


def _place(sha256: str, gallery: Gallery) -> Path:
    return cache_folder() / f"activations-{sha256[:16]}-{_digest(gallery)}.npz"


def _digest(gallery: Gallery) -> str:
    """Return a name for the pictures that the means are over, and for how."""
    pictures = [preset.sha256 for preset in (*gallery.photos, *gallery.paintings)]
    return hashlib.sha256(" ".join((str(SIDE), *pictures)).encode()).hexdigest()[:16]


def _kept(place: Path) -> Means | None:
    """Return the means in a file, None if there is none or it is damaged."""
    with suppress(Exception):  # whatever is wrong with it: it is computed again
        with np.load(BytesIO(place.read_bytes()), allow_pickle=False) as archive:
            means = {name: archive[name] for name in LAYERS}
        if all(means[name].shape == (channels_of(name),) and np.isfinite(means[name]).all() for name in LAYERS):
            return means
    return None


def _keep(place: Path, means: Means) -> None:
    """Keep the means in a file; where there is no place to write, nothing is kept."""
    stream = BytesIO()
    arrays: dict[str, Any] = means
    np.savez(stream, **arrays)
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(stream.getvalue(), place)
