"""PyTorch's state dicts, ``torch.save`` of either format, read without PyTorch and without trust.

A pickle can call whatever it names. This one may name only what tensors are made of, and gets stand-ins for that: a
record of where a tensor's numbers lie. Nothing of the file is ever called.

The newer format (PyTorch 1.6) is an uncompressed zip archive: ``NAME/data.pkl`` and one member ``NAME/data/KEY`` for
each storage. In the older one, which torchvision's published files have, five pickles follow each other (a number, a
version, the system, the object, the storages' keys), and then each storage as its length, 8 bytes, and its numbers.
"""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from nst.weights.stored import FormatError, StoredArray, StoredLayers, checked_size

#: PyTorch's storages of floating-point numbers; bfloat16 is the upper half of a float32.
ELEMENT_TYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "BFloat16Storage": "<u2"}

#: The first pickle of the older format is this number.
MAGIC_NUMBER = 0x1950A86A20F9469CFC6C

#: The most bytes of the pickle itself; that of VGG-19 has a few thousand.
MAX_PICKLE = 2**20
#: The most tensors, and the deepest nesting of dictionaries.
MAX_TENSORS, MAX_DEPTH = 10_000, 4


@dataclass(frozen=True)
class _Storage:
    """Where numbers lie: a storage's key, and the name of its type."""

    key: str
    kind: str


@dataclass
class _Tensor:
    """A tensor that was not read yet: its storage, and which of its numbers, in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True)
class _StorageType:
    name: str


@dataclass
class _Storages:
    """How to get the bytes of a storage by its key; filled in when the whole file is known."""

    read: Callable[[str], bytes] = field(default=lambda key: b"")


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *rest: Any) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise FormatError("expected a tensor with a storage, got none")
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _parameter(data: Any, *rest: Any) -> Any:
    return data


_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    **{("torch", name): _StorageType(name) for name in ELEMENT_TYPES},
    **{("torch", name): _StorageType(name) for name in ("LongStorage", "IntStorage", "BoolStorage", "ByteStorage")},
}


# Python's own unpickler and not C's: its memo is a dictionary, so a pickle of some bytes cannot ask for gigabytes.
class _Unpickler(pickle._Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise FormatError(
                f"expected a state dict, tensors only, got a pickle that asks for {module}.{name}; "
                "save it again by torch.save(model.state_dict(), FILE)"
            )
        return _ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> Any:
        kind, storage, key, *_ = pid
        if kind != "storage" or not isinstance(storage, _StorageType):
            raise FormatError("expected tensors with a storage, got another kind of value")
        return _Storage(str(key), storage.name)


def is_torch_zip(names: list[str]) -> bool:
    """Return whether a zip archive with these members is one of PyTorch."""
    return any(name.endswith("/data.pkl") for name in names)


def is_old_torch(head: bytes) -> bool:
    """Return whether a file that begins so has PyTorch's older format."""
    return head.startswith(pickle.dumps(MAGIC_NUMBER, protocol=2))


def read_torch_zip(path: Path) -> StoredLayers:
    """Return the tensors of a file in the newer format by layer."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info.file_size for info in archive.infolist()}
        root = next(name for name in members if name.endswith("/data.pkl")).removesuffix("data.pkl")
        if members[f"{root}data.pkl"] > MAX_PICKLE:
            raise FormatError(f"expected a pickle of at most {MAX_PICKLE} bytes, got {members[f'{root}data.pkl']}")
        if f"{root}byteorder" in members and archive.read(f"{root}byteorder") != b"little":
            raise FormatError("expected numbers in the little-endian order, got another")
        with archive.open(f"{root}data.pkl") as file:
            state = _Unpickler(file).load()

    def read(storage: str, most: int) -> bytes:
        with zipfile.ZipFile(path) as archive, archive.open(f"{root}data/{storage}") as member:
            return member.read(most)

    return _layers(state, read)


def read_old_torch(path: Path) -> StoredLayers:
    """Return the tensors of a file in the older format by layer."""
    with open(path, "rb") as file:
        bounded = _Bounded(file, MAX_PICKLE)
        _, version, _, state, keys = (_Unpickler(bounded).load() for _ in range(5))
        if version != 1001 or not isinstance(keys, list):
            raise FormatError(f"expected version 1001 of PyTorch's format, got {version!r}")
        sizes = {each.storage.key: each.storage.kind for each in _flat(state).values()}
        places: dict[str, tuple[int, int]] = {}
        for key in keys:
            if str(key) not in sizes:
                raise FormatError("expected only storages of tensors, got another one")
            count = int.from_bytes(file.read(8), "little")
            places[str(key)] = file.tell(), count * _bytes_of(sizes[str(key)])
            file.seek(places[str(key)][1], 1)

    def read(storage: str, most: int) -> bytes:
        start, length = places[storage]
        with open(path, "rb") as file:
            file.seek(start)
            return file.read(min(length, most))

    return _layers(state, read)


class _Bounded:
    """A file of which no more than so many bytes can be read."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._left = file, most

    def read(self, count: int = -1) -> bytes:
        return self._took(self._file.read(self._allowed(count)))

    def readline(self) -> bytes:
        return self._took(self._file.readline(self._left + 1))

    def readinto(self, buffer: bytearray) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _allowed(self, count: int) -> int:
        return self._left + 1 if count < 0 else min(count, self._left + 1)

    def _took(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise FormatError(f"expected a pickle of at most {MAX_PICKLE} bytes, got more")
        return data


def _bytes_of(kind: str) -> int:
    others = {"LongStorage": 8, "IntStorage": 4, "BoolStorage": 1, "ByteStorage": 1}
    return others[kind] if kind in others else np.dtype(ELEMENT_TYPES[kind]).itemsize


def _layers(state: Any, read: Callable[[str, int], bytes]) -> StoredLayers:
    return as_layers(
        {name: StoredArray(each.shape, partial(_numbers, each, read)) for name, each in _flat(state).items()}
    )


def _flat(state: Any, depth: int = 0) -> dict[str, _Tensor]:
    """Return the tensors of a state dict, or of dictionaries of them, by their names joined by dots."""
    if not isinstance(state, Mapping):
        raise FormatError(f"expected a state dict, got a {type(state).__name__}")
    tensors: dict[str, _Tensor] = {}
    for name, value in state.items():
        if isinstance(value, _Tensor):
            tensors[str(name)] = value
        elif isinstance(value, Mapping) and depth < MAX_DEPTH:
            tensors.update({f"{name}.{each}": tensor for each, tensor in _flat(value, depth + 1).items()})
        if len(tensors) > MAX_TENSORS:
            raise FormatError(f"expected at most {MAX_TENSORS} tensors, got more")
    return tensors


def _numbers(tensor: _Tensor, read: Callable[[str, int], bytes]) -> np.ndarray:
    """Return a tensor's numbers; those of its storage that it does not use are left out."""
    kind = tensor.storage.kind
    if kind not in ELEMENT_TYPES:
        raise FormatError(f"expected floating-point numbers, got a {kind}")
    size, dtype = checked_size(tensor.shape, "a tensor"), np.dtype(ELEMENT_TYPES[kind])
    if tensor.offset < 0 or len(tensor.strides) != len(tensor.shape) or min(tensor.strides, default=0) < 0:
        raise FormatError("expected a tensor within its storage, got another")
    last = tensor.offset + sum((length - 1) * step for length, step in zip(tensor.shape, tensor.strides, strict=True))
    if size and last >= 64 * size + tensor.offset:
        raise FormatError("expected a dense tensor, got one with gaps")
    data = read(tensor.storage.key, (last + 1) * dtype.itemsize)
    numbers = np.frombuffer(data, dtype, len(data) // dtype.itemsize)
    if size and len(numbers) <= last:
        raise FormatError("expected a tensor within its storage, got a storage that is cut off")
    strides = tuple(step * dtype.itemsize for step in tensor.strides)
    view = np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, strides, writeable=False)
    return widened(view, kind)


def widened(numbers: np.ndarray, kind: str) -> np.ndarray:
    """Return numbers as NumPy has them: those of a BFloat16Storage as float32."""
    if kind != "BFloat16Storage":
        return numbers
    return (numbers.astype(np.uint32) << 16).view(np.float32)


def as_layers(arrays: Mapping[str, StoredArray]) -> StoredLayers:
    """Return arrays called LAYER.weight and LAYER.bias by layer; whatever else a layer has keeps its own word."""
    layers: StoredLayers = {}
    for name, array in arrays.items():
        layer, _, word = name.rpartition(".")
        layers.setdefault(layer, {})["kernel" if word == "weight" else word] = array
    return layers
