"""The principal axes of the responses of VGG-19's layers, with which `nst.engine.low_rank` computes them sooner.

`python -m benchmarks.axes` looks at photos and paintings of the gallery with the bundled network and writes
`nst/engine/vgg19_axes_fp16.npz`: of each layer but the first, up to the deepest that a style has by default, the mean
of its responses before the ReLU and as many of their principal axes as hold a share of their variance, `SHARES`.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from nst.engine.vgg import BLOCK_STARTS, weights_of
from nst.layers import LAYERS
from nst.pictures.codec import fitted_shape, resize_to
from nst.pictures.gallery import load_gallery
from nst.weights.bundled import AXES_PATH

#: Of each layer's variance, that of the axes together, by the last layer that it holds for. Errors of the first layers
#: reach all others and are seen as a lattice; what lies behind the content layer only leads to the last style layer,
#: which hardly counts, and takes a third of the operations if it is as exact as the rest.
SHARES = {"block2_conv2": 0.999, "block4_conv2": 0.995, "block5_conv1": 0.92}
#: Their number is a multiple of this: the channels that a processor's instructions take at once.
MULTIPLE = 8
DEEPEST = "block5_conv1"
#: How many photos and how many paintings, evenly spread over the gallery, and their long side in pixels.
PICTURES, SIZE = 8, 256


def pictures() -> Iterator[np.ndarray]:
    """Yield the pictures, float32 RGB (height, width, 3) in 0..255."""
    gallery = load_gallery()
    for items in (gallery.photos, gallery.paintings):
        for item in items[:: len(items) // PICTURES][:PICTURES]:
            pixels = item.read().pixels
            yield resize_to(pixels, *fitted_shape(pixels.shape[0], pixels.shape[1], SIZE)).astype(np.float32)


def share_of(name: str) -> float:
    """Return the share of a layer's variance, by its Keras name."""
    return next(share for last, share in SHARES.items() if LAYERS.index(name) <= LAYERS.index(last))


def principal_axes(responses: list[np.ndarray], share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean (K,) of responses (n, K) each, and the axes (K, r) that hold a share of their variance."""
    count = sum(map(len, responses))
    mean = sum(each.sum(axis=0) for each in responses) / count
    covariance = sum((each - mean).T @ (each - mean) for each in responses) / count
    variances, axes = np.linalg.eigh(covariance)
    variances, axes = variances[::-1], axes[:, ::-1]
    enough = 1 + int(np.searchsorted(np.cumsum(variances) / variances.sum(), share))
    axes = axes[:, : min(axes.shape[1], -(-enough // MULTIPLE) * MULTIPLE)]
    # Either sign is right: always the one with the largest entry above zero.
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    return mean, axes * np.sign(largest)


def axes_of_all() -> dict[str, np.ndarray]:
    """Return each layer's mean and axes as they are stored."""
    weights, stored = weights_of(None), {}
    means = np.array(weights.means, np.float32)
    maps = [tf.constant(each[None, ..., ::-1] - means) for each in pictures()]
    for name in LAYERS[: LAYERS.index(DEEPEST) + 1]:
        kernel, bias = (np.asarray(each, np.float32) for each in weights.layers[name])
        if name in BLOCK_STARTS:
            maps = [tf.nn.avg_pool2d(each, 2, 2, "VALID") for each in maps]
        responses = [tf.nn.conv2d(each, kernel, 1, "SAME") + bias for each in maps]
        maps = [tf.nn.relu(each) for each in responses]
        if name != LAYERS[0]:
            seen = [each.numpy().reshape(-1, bias.size).astype(np.float64) for each in responses]
            mean, axes = principal_axes(seen, share_of(name))
            stored[f"{name}/mean"], stored[f"{name}/axes"] = mean.astype(np.float32), axes.astype(np.float16)
            print(f"{name}: {axes.shape[1]} of {bias.size} axes", flush=True)
    return stored


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=AXES_PATH)
    stored: dict[str, Any] = axes_of_all()
    np.savez(parser.parse_args().output, **stored)


if __name__ == "__main__":
    main()
