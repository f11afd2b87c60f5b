"""Weights of VGG-19 drawn at random, and files of them as other programs write them."""

import json
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import h5py
import numpy as np
import scipy.io

BLOCKS, CHANNELS = (2, 2, 4, 4, 4), (64, 128, 256, 512, 512)
NAMES = tuple(f"block{block}_conv{conv}" for block, count in enumerate(BLOCKS, 1) for conv in range(1, count + 1))
#: Where torchvision's VGG-19 has its convolutions.
TORCH_INDICES = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)

Layers = Mapping[str, tuple[np.ndarray, np.ndarray]]


@cache
def random_layers() -> Layers:
    """Kernels (3, 3, in, out) and biases of a VGG-19 that nobody has trained."""
    chance = np.random.default_rng(19)
    layers, before = {}, 3
    for name in NAMES:
        own = CHANNELS[int(name[5]) - 1]
        kernel = chance.standard_normal((3, 3, before, own), np.float32) * np.float32((2 / (9 * before)) ** 0.5)
        layers[name] = kernel, chance.standard_normal(own, np.float32)
        before = own
    return layers


def matconvnet(path: Path, layers: Layers, *, old: bool, **options: Any) -> None:
    """Write a SimpleNN of MatConvNet by SciPy, in the older layout or the newer one, with what stands between."""
    cells = []
    for number, (name, (kernel, bias)) in enumerate(layers.items()):
        if number and name.endswith("conv1"):
            cells.append({"type": "pool", "name": f"pool{number}", "pool": [2.0, 2.0], "method": "max"})
        paper = name.replace("block", "conv").replace("_conv", "_")
        weights: Any = np.empty((1, 2), object)
        weights[0, 0], weights[0, 1] = kernel, bias[None] if old else bias[:, None]
        own: dict[str, Any] = {"filters": kernel, "biases": bias[None]} if old else {"weights": weights}
        cells.append({**own, "type": "conv", "name": paper, "pad": [1.0] * 4, "stride": [1.0, 1.0]})
        cells.append({"type": "relu", "name": f"relu{number}"})
    packed: Any = np.empty((1, len(cells)), object)
    packed[0, :] = cells
    means = np.array([123.68, 116.779, 103.939])
    normalisation = {"averageImage": np.tile(means.astype(np.float32), (4, 4, 1)) if old else means[None, None]}
    rest = {"normalization": normalisation} if old else {"meta": {"normalization": normalisation}}
    scipy.io.savemat(path, {"layers": packed, **rest, "classes": {"name": "a cat"}}, **options)


def keras_2(path: Path, layers: Layers, *, first_names: bool, top: bool = False) -> None:
    """Write weights as Keras 2 does; `first_names` are those in the files that Keras published."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in layers]
        for name, (kernel, bias) in layers.items():
            names = (f"{name}_W_1:0", f"{name}_b_1:0") if first_names else (f"{name}/kernel:0", f"{name}/bias:0")
            group = file.create_group(name)
            group.attrs["weight_names"] = [each.encode() for each in names]
            group[names[0]], group[names[1]] = kernel, bias
        file.create_group("block1_pool").attrs["weight_names"] = []
        if top:
            file["fc1/fc1_W_1:0"], file["fc1/fc1_b_1:0"] = np.ones((4, 8), np.float32), np.ones(8, np.float32)


def state_dict(layers: Layers, names: Callable[[int], str] | None = None) -> dict[str, np.ndarray]:
    """Arrays by the names that torchvision has for them, with their axes turned as PyTorch has them."""
    called = names or (lambda number: f"features.{TORCH_INDICES[number]}")
    state = {}
    for number, (kernel, bias) in enumerate(layers.values()):
        state[f"{called(number)}.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
        state[f"{called(number)}.bias"] = bias
    return state


class _Tensor:
    """Pickled as PyTorch pickles a tensor: a call of _rebuild_tensor_v2 with a storage that is kept elsewhere."""

    def __init__(self, key: str, array: np.ndarray, torch: types.ModuleType) -> None:
        self._key, self._array, self._torch = key, array, torch

    def __reduce__(self) -> tuple[Any, ...]:
        strides = tuple(step // self._array.itemsize for step in self._array.strides)
        storage = _Storage(self._key, self._array.size)
        return self._torch._utils._rebuild_tensor_v2, (storage, 0, self._array.shape, strides, False, OrderedDict())


class _Storage:
    def __init__(self, key: str, size: int) -> None:
        self.key, self.size = key, size


def _pickled(state: Mapping[str, np.ndarray], file: Any) -> None:
    """Pickle a state dict as PyTorch does, with stand-ins for its modules."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    storage = type("FloatStorage", (), {"__module__": "torch"})

    def _rebuild_tensor_v2() -> None:
        pass

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch.FloatStorage, torch._utils, utils._rebuild_tensor_v2 = storage, utils, _rebuild_tensor_v2  # type: ignore[attr-defined]
    with mock.patch.dict(sys.modules, {"torch": torch, "torch._utils": utils}):
        pickler = pickle.Pickler(file, protocol=2)
        pickler.persistent_id = lambda each: (  # type: ignore[method-assign]
            ("storage", storage, each.key, "cpu", each.size) if isinstance(each, _Storage) else None
        )
        pickler.dump(
            OrderedDict((name, _Tensor(str(at), each, torch)) for at, (name, each) in enumerate(state.items()))
        )


def torch_zip(path: Path, state: Mapping[str, np.ndarray]) -> None:
    """Write a state dict as PyTorch does since 1.6."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        with archive.open("archive/data.pkl", "w") as file:
            _pickled(state, file)
        archive.writestr("archive/byteorder", "little")
        for at, array in enumerate(state.values()):
            archive.writestr(f"archive/data/{at}", array.astype("<f4").tobytes())
        archive.writestr("archive/version", "3\n")


def old_torch(path: Path, state: Mapping[str, np.ndarray]) -> None:
    """Write a state dict as PyTorch did before 1.6."""
    with open(path, "wb") as file:
        for each in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}):
            pickle.dump(each, file, protocol=2)
        _pickled(state, file)
        pickle.dump([str(at) for at in range(len(state))], file, protocol=2)
        for array in state.values():
            file.write(array.size.to_bytes(8, "little") + array.astype("<f4").tobytes())


def safetensors_by_hand(path: Path, header: Any, data: bytes = b"") -> None:
    """Write a safetensors file with any header."""
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
