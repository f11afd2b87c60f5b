"""Keras' HDF5 files: weights alone, with or without the fully connected layers, whole models, Keras 2's and 3's.

Everywhere a convolution's kernel (height, width, in, out) and its bias lie side by side in one group; what they and the
group are called has changed over the years. The groups' natural order is that of the layers.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nst.weights.stored import StoredArray, StoredLayers

SIGNATURE = b"\x89HDF\r\n\x1a\n"


def read_keras(path: Path) -> StoredLayers:
    """Return the arrays of an HDF5 file by group; links to other files are not followed."""
    import h5py

    layers: StoredLayers = {}

    def visit(name: str, item: Any) -> None:
        if not isinstance(item, h5py.Dataset) or item.external or item.is_virtual or item.dtype.kind != "f":
            return
        group, _, own = name.rpartition("/")
        if group.startswith("optimizer"):
            return
        # The layer's two arrays are told apart by their axes; a normalisation's are called by their names.
        word = {4: "kernel", 1: "bias"}.get(len(item.shape), own)
        word = own.removesuffix(":0") if word in layers.get(group, {}) else word
        layers.setdefault(group, {})[word] = StoredArray(item.shape, partial(_read, path, name))

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    return layers


def _read(path: Path, name: str) -> np.ndarray:
    import h5py

    with h5py.File(path, "r") as file:
        return np.asarray(file[name][()])
