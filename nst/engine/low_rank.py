"""VGG-19 in fewer operations, nearly: each layer along the principal axes of its responses alone.

A layer's K responses y before its ReLU vary along far fewer axes than K. With r of these axes as the columns of P
(K, r), and the mean m of the responses, y is nearly m + P P^T (y - m) (Zhang, Zou, He and Sun 2016, "Accelerating Very
Deep Convolutional Networks for Classification and Detection"). So a 3x3 convolution from C to K channels becomes one
from C to r and a 1x1 convolution from r to K. No training is needed: the axes are of the responses to pictures of the
gallery (``python -m benchmarks.axes``).
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nst.weights.bundled import load_axes, load_weights


class Factors(NamedTuple):
    """A convolution from `inputs` to K channels in two, all float32.

    Attributes:
        down: The kernel of the first (3, 3, inputs, r).
        up: That of the second (1, 1, r, K).
        bias: Of the second (K,).
    """

    down: np.ndarray
    up: np.ndarray
    bias: np.ndarray


@lru_cache(maxsize=16)
def factors(name: str) -> Factors | None:
    """Return the factors of a layer of the bundled network, None where it has none and is computed as it is.

    Args:
        name: Keras name.

    Raises:
        WeightsError: if a file that comes with the program is missing or damaged.
    """
    if name not in load_axes():
        return None
    mean, axes = (each.astype(np.float32) for each in load_axes()[name])
    kernel, bias = (each.astype(np.float32) for each in load_weights()[name])
    return Factors(kernel @ axes, axes.T[None, None].copy(), mean + axes @ (axes.T @ (bias - mean)))
