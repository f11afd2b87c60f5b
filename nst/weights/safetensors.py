"""Safetensors files: a length, a header in JSON, and the arrays' bytes (as the format's own documents describe it)."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from nst.weights.stored import FormatError, StoredArray, StoredLayers
from nst.weights.torch_state import ELEMENT_TYPES, as_layers, widened

#: The most bytes of a header; that of VGG-19 has three thousand.
MAX_HEADER = 2**20

_TYPES = {"F16": "HalfStorage", "BF16": "BFloat16Storage", "F32": "FloatStorage", "F64": "DoubleStorage"}


def is_safetensors(head: bytes) -> bool:
    """Return whether a file that begins so has a header's length and then a JSON object."""
    return len(head) >= 9 and 2 <= int.from_bytes(head[:8], "little") <= MAX_HEADER and head[8:9] == b"{"


def read_safetensors(path: Path) -> StoredLayers:
    """Return the arrays of a safetensors file by layer."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise FormatError("expected a JSON object as its header, got another value")
    header.pop("__metadata__", None)
    return as_layers({name: _array(path, 8 + length, entry) for name, entry in header.items()})


def _array(path: Path, start: int, entry: Any) -> StoredArray:
    shape, (begin, end), kind = tuple(map(int, entry["shape"])), entry["data_offsets"], entry["dtype"]

    def read() -> np.ndarray:
        if kind not in _TYPES:
            raise FormatError(f"expected floating-point numbers, got {kind}")
        dtype = np.dtype(ELEMENT_TYPES[_TYPES[kind]])
        if end - begin != math.prod(shape) * dtype.itemsize:
            raise FormatError(f"expected {math.prod(shape) * dtype.itemsize} bytes for {shape}, got {end - begin}")
        with open(path, "rb") as file:
            file.seek(start + begin)
            return widened(np.frombuffer(file.read(end - begin), dtype), _TYPES[kind]).reshape(shape)

    return StoredArray(shape, read)
