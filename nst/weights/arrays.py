"""NumPy archives (.npz) with ``LAYER/kernel`` and ``LAYER/bias``, as the bundled weights are stored."""

import zipfile
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from nst.weights.stored import FormatError, StoredArray, StoredLayers, checked_size


def is_npz(names: list[str]) -> bool:
    """Return whether a zip archive with these members is one of NumPy."""
    return any(name.endswith(".npy") for name in names)


def read_npz(path: Path) -> StoredLayers:
    """Return the arrays of a NumPy archive by layer; objects, which would have to be unpickled, are refused."""
    layers: StoredLayers = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            layer, _, word = info.filename.removesuffix(".npy").rpartition("/")
            with archive.open(info) as member:
                shape, dtype = _header(member)
            if not dtype.hasobject:
                read = partial(_read, path, info.filename)
                layers.setdefault(layer, {})[word] = StoredArray(shape, read)
    return layers


def _header(member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(member)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise FormatError(f"expected version 1 or 2 of NumPy's format, got {version}")
    shape, _, dtype = readers[version](member)
    return shape, dtype


def _read(path: Path, name: str) -> np.ndarray:
    with zipfile.ZipFile(path) as archive, archive.open(name) as member:
        shape, _ = _header(member)
        checked_size(shape, name)
        with archive.open(name) as whole:
            return np.lib.format.read_array(whole, allow_pickle=False)
