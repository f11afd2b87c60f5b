"""MatConvNet's networks (SimpleNN), above all ``imagenet-vgg-verydeep-19.mat``, in both layouts that are about.

The older one has ``filters`` and ``biases`` in each layer and ``normalization`` beside ``layers``; the newer one has
both in a cell ``weights`` and the normalisation in ``meta``. Files between the two mix them. What is read goes by the
fields' names, so that all are read alike.
"""

from pathlib import Path
from typing import Any

import numpy as np

from nst.weights.matlab import read_matlab
from nst.weights.stored import FormatError, StoredArray, StoredLayers

_VARIABLES = ("layers", "normalization", "meta", "net")


def read_matconvnet(path: Path) -> tuple[StoredLayers, tuple[float, float, float] | None]:
    """Return the arrays of the layers that have two, and the mean colour of the training pictures, RGB, if it is there.

    Raises:
        FormatError: if the file has no layers.
    """
    network = read_matlab(path, _VARIABLES)
    if isinstance(network.get("net"), dict):
        network = network["net"]
    found = network.get("layers")
    if not isinstance(found, list):
        raise FormatError("expected a variable 'layers' as MatConvNet writes it, got none")
    layers: StoredLayers = {}
    for number, layer in enumerate(found):
        arrays = _arrays(layer)
        if arrays:
            layers[str(number)] = arrays
    return layers, _mean(network)


def _arrays(layer: Any) -> dict[str, StoredArray]:
    """Return the kernel and the bias of a layer; nothing where they are missing, or larger than any convolution's."""
    if not isinstance(layer, dict):
        return {}
    weights = layer.get("weights")
    kernel, bias = (
        weights[:2] if isinstance(weights, list) and len(weights) > 1 else map(layer.get, ("filters", "biases"))
    )
    if not isinstance(kernel, np.ndarray) or not isinstance(bias, np.ndarray):
        return {}
    # MATLAB has no arrays of one axis, and drops the last ones where they are 1.
    kernel, flat = kernel.reshape(kernel.shape + (1,) * (4 - kernel.ndim)), bias.reshape(-1)
    return {"kernel": StoredArray(kernel.shape, lambda: kernel), "bias": StoredArray(flat.shape, lambda: flat)}


def _mean(network: dict[str, Any]) -> tuple[float, float, float] | None:
    """Return the mean over the positions of the mean picture, or of the mean colour, which newer files have."""
    meta = network.get("meta")
    for owner in (network, meta):
        normalisation = owner.get("normalization") if isinstance(owner, dict) else None
        picture = normalisation.get("averageImage") if isinstance(normalisation, dict) else None
        if isinstance(picture, np.ndarray) and picture.size and picture.size % 3 == 0:
            red, green, blue = (float(each) for each in picture.reshape(-1, 3).mean(axis=0, dtype=np.float64))
            return red, green, blue
    return None
