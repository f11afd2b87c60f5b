"""The weights that come with the project: VGG-19's sixteen convolutions as Gatys et al. (2016) normalised them."""

import hashlib
import io
from functools import lru_cache
from pathlib import Path

import numpy as np

from nst.errors import WeightsError
from nst.layers import LAYERS

WEIGHTS_PATH = Path(__file__).parents[1] / "engine" / "vgg19_normalised_fp16.npz"
WEIGHTS_SHA256 = "13df98c3a8c6c42ffb84b48cc273f84842548f055eef58ba55efed0c89b198aa"

#: The principal axes of its layers' responses, written by ``python -m benchmarks.axes``.
AXES_PATH = WEIGHTS_PATH.with_name("vgg19_axes_fp16.npz")
AXES_SHA256 = "86bfa2ca09f9ae350c5041b6f5a7fcb609161c9cafdcc410c1589a613df9982a"

#: Channel means of the pictures that VGG-19 was trained on, blue, green, red, in grey levels.
BGR_MEANS = (103.939, 116.779, 123.68)

#: Each convolution's kernel (3, 3, in, out) and bias (out,) by its Keras name; the first takes blue, green, red.
Layers = dict[str, tuple[np.ndarray, np.ndarray]]


@lru_cache(maxsize=1)
def load_weights(path: Path = WEIGHTS_PATH) -> Layers:
    """Return the bundled weights, kernels as float16 and biases as float32.

    Raises:
        WeightsError: if the file is missing, or its sha256 is not that of the file we ship.
    """
    with np.load(io.BytesIO(_checked(path, WEIGHTS_SHA256))) as archive:
        return {name: (archive[f"{name}/kernel"], archive[f"{name}/bias"]) for name in LAYERS}


@lru_cache(maxsize=1)
def load_axes(path: Path = AXES_PATH) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the means (K,), float32, and the principal axes (K, r), float16, of the layers that have any.

    They are those of the responses before the ReLU of the bundled network, by the layers' Keras names.

    Raises:
        WeightsError: as `load_weights`.
    """
    with np.load(io.BytesIO(_checked(path, AXES_SHA256))) as archive:
        names = [name for name in LAYERS if f"{name}/axes" in archive]
        return {name: (archive[f"{name}/mean"], archive[f"{name}/axes"]) for name in names}


def _checked(path: Path, sha256: str) -> bytes:
    """Return the bytes of a file that we ship."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"VGG-19 weights: expected the file {path}, got {error.strerror or error}; restore it from the repository."
        ) from None
    digest = hashlib.sha256(data).hexdigest()
    if digest != sha256:
        raise WeightsError(
            f"VGG-19 weights: expected {path} with sha256 {sha256[:12]}..., got {digest[:12]}... "
            f"({len(data)} bytes); the file is damaged, restore it from the repository."
        )
    return data
