"""Files with weights of one's own: recognised by what is in them, bounded, checked by shapes, and made alike.

Programs differ in what they feed to VGG-19: the order of the colours, their mean, their scale, the order of the axes.
All of that is turned into what the engine feeds to it: blue, green and red in grey levels less a mean.
"""

import hashlib
import os
import stat
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np

from nst.config import RunOptions
from nst.errors import WeightsError
from nst.layers import CHANNELS, LAYERS, PAPER_NAMES, block_of
from nst.pictures.codec import printable_name
from nst.weights.arrays import is_npz, read_npz
from nst.weights.bundled import BGR_MEANS, Layers, load_weights
from nst.weights.keras_hdf5 import SIGNATURE as HDF5
from nst.weights.keras_hdf5 import read_keras
from nst.weights.matconvnet import read_matconvnet
from nst.weights.matlab import HDF5_SIGNATURE as MATLAB_HDF5
from nst.weights.matlab import SIGNATURE as MATLAB
from nst.weights.safetensors import is_safetensors, read_safetensors
from nst.weights.stored import MAX_FILE_BYTES, FormatError, StoredArray, StoredLayers, natural
from nst.weights.torch_state import is_old_torch, is_torch_zip, read_old_torch, read_torch_zip

#: The formats, by what a recipe calls them.
KINDS = ("matconvnet", "keras", "torch", "safetensors", "npz")

#: Means and deviations of red, green and blue by which torchvision's networks were trained, pixels in 0..1.
TORCHVISION_MEANS, TORCHVISION_DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

#: The least cosine between a first layer's filters and those of the bundled network by which both are the same one. It
#: is 1 up to rounding for the network of Oxford, whatever its filters are scaled by, and near 0 for any other.
SAME = 0.99


@dataclass(frozen=True)
class WeightsSource:
    """What a recipe says of the weights that made a picture.

    Attributes:
        kind: One of `KINDS`.
        sha256: Of the file's bytes, 64 lower-case hexadecimal digits.
        normalised: Whether the filters were rescaled to a mean activation of 1.
    """

    kind: str
    sha256: str
    normalised: bool

    def sentence(self) -> str:
        """Return one sentence on what has to be at hand to make the same picture again."""
        how = ", normalised over the gallery" if self.normalised else ""
        return (
            f"Its VGG-19 weights are not those that come with nst but a file of {_SAID[self.kind]} with the sha256 "
            f"{self.sha256[:12]}...{how}; without it the picture cannot be made again."
        )


@dataclass(frozen=True)
class WeightsFile:
    """A file with weights that a run uses in place of the bundled ones.

    Attributes:
        path: As its owner gave it.
        source: What is recorded of it.
    """

    path: str
    source: WeightsSource

    @classmethod
    def of(cls, options: RunOptions) -> Self | None:
        """Return the file that the options of a run name, or None if they name none.

        Raises:
            WeightsError: if it cannot be read, is too large or has no format that is known.
        """
        if not options.weights:
            return None
        status = _checked(options.weights)
        kind, digest = _identified(options.weights, status.st_size, status.st_mtime_ns)
        return cls(options.weights, WeightsSource(kind, digest, options.weights_scale == "normalised"))


@dataclass(frozen=True, eq=False)
class Vgg19:
    """The weights of VGG-19's convolutions, as the engine computes with them.

    Attributes:
        layers: Each convolution's kernel (3, 3, in, out) and bias (out,) by its Keras name; the first takes blue,
            green, red, in grey levels less their means.
        means: Of blue, green and red.
    """

    layers: Layers
    means: tuple[float, float, float] = BGR_MEANS


def read_weights(file: WeightsFile) -> Vgg19:
    """Return the weights in a file as they are stored there, not normalised, float32.

    Raises:
        WeightsError: if the file is damaged, is not that of a VGG-19, or has changed since it was looked at.
    """
    status = _checked(file.path)
    if _identified(file.path, status.st_size, status.st_mtime_ns) != (file.source.kind, file.source.sha256):
        raise _error(file.path, "expected the file that the run began with, got another one; start again")
    return _read(file.path, file.source.kind, file.source.sha256)


@lru_cache(maxsize=1)
def _read(path: str, kind: str, sha256: str) -> Vgg19:
    try:
        return _made_alike(kind, *_stored(Path(path), kind))
    except FormatError as error:
        what, _, remedy = str(error).partition("; ")
        raise _error(path, f"{what} (read as a file of {_SAID[kind]}); {remedy or 'choose another file'}") from error
    except MemoryError as error:
        raise _error(path, "expected weights that fit into memory, got more; close other programs") from error
    except Exception as error:  # each library has its own for damaged bytes
        raise _error(
            path, f"expected a whole file of {_SAID[kind]}, got a damaged or cut-off one; get it again"
        ) from error


_SAID = {
    "matconvnet": "MatConvNet",
    "keras": "Keras",
    "torch": "PyTorch",
    "safetensors": "safetensors",
    "npz": "NumPy",
}


def _stored(path: Path, kind: str) -> tuple[StoredLayers, tuple[float, float, float] | None]:
    """Return the arrays of a file by layer, and its mean colour if it has one."""
    if kind == "matconvnet":
        return read_matconvnet(path)
    if kind == "torch":
        return (read_torch_zip if zipfile.is_zipfile(path) else read_old_torch)(path), None
    return {"keras": read_keras, "safetensors": read_safetensors, "npz": read_npz}[kind](path), None


def _made_alike(kind: str, stored: StoredLayers, mean: tuple[float, float, float] | None) -> Vgg19:
    """Return the weights with the axes, the colours and the scale that the engine uses."""
    turned = kind in ("torch", "safetensors")
    layers = _convolutions(stored, (2, 3, 1, 0) if turned else (0, 1, 2, 3))
    first, bias = layers[LAYERS[0]]
    as_oxford = _orientation(first)
    if as_oxford is None and turned:
        scale = np.float32(255) * np.array(TORCHVISION_DEVIATIONS, np.float32)
        layers[LAYERS[0]] = (first / scale[:, None])[:, :, ::-1], bias
        red, green, blue = (255.0 * each for each in TORCHVISION_MEANS)
        return Vgg19(layers, (blue, green, red))
    reverse, transpose = as_oxford or (kind == "matconvnet", False)
    if transpose:
        layers = {name: (kernel.swapaxes(0, 1), each) for name, (kernel, each) in layers.items()}
    if reverse:
        layers[LAYERS[0]] = layers[LAYERS[0]][0][:, :, ::-1], bias
    return Vgg19(layers, BGR_MEANS if mean is None else (mean[2], mean[1], mean[0]))


def _orientation(first: np.ndarray) -> tuple[bool, bool] | None:
    """Return whether the first layer of Oxford's network has its colours reversed, and its axes; None for another's.

    Neither can be seen in the shapes, and programs do not agree on either. Only the network that we know tells.
    """
    own = load_weights()[LAYERS[0]][0].astype(np.float64)
    for reverse in (False, True):
        for transpose in (False, True):
            other = first.astype(np.float64)[:, :, :: -1 if reverse else 1]
            other = other.swapaxes(0, 1) if transpose else other
            if _cosines(own, other).mean() > SAME:
                return reverse, transpose
    return None


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the cosine between the filters (3, 3, in, out) of two layers, (out,)."""
    axes = (0, 1, 2)
    norms = np.sqrt((one**2).sum(axes) * (other**2).sum(axes))
    cosines: np.ndarray = (one * other).sum(axes) / np.maximum(norms, 1e-30)
    return cosines


def _convolutions(stored: StoredLayers, axes: tuple[int, int, int, int]) -> Layers:
    """Return the 3x3 convolutions of a file, checked by shape before they are read.

    Args:
        stored: The arrays by layer.
        axes: Where a stored kernel has its height, width, inputs and outputs.
    """
    if any(map(_is_normalisation, stored.values())):
        raise FormatError("expected VGG-19 without batch normalisation, got one with it")
    found = [(name, arrays) for name, arrays in stored.items() if _is_convolution(arrays.get("kernel"), axes)]
    found.sort(key=lambda each: natural(each[0]))
    if len(found) != len(LAYERS):
        raise FormatError(f"expected the {len(LAYERS)} convolutions of VGG-19, 3x3 each, got {len(found)} such layers")
    layers: Layers = {}
    inputs = 3
    for name, (own, arrays) in zip(LAYERS, found, strict=True):
        outputs = CHANNELS[block_of(name) - 1]
        kernel, bias = arrays["kernel"], arrays.get("bias")
        shape = tuple(kernel.shape[axis] for axis in axes)
        if shape != (3, 3, inputs, outputs) or bias is None or bias.shape != (outputs,):
            got = "no bias" if bias is None else f"{shape[3]} of 3x3x{shape[2]} with a bias of {bias.shape}"
            raise FormatError(
                f"expected {outputs} filters of 3x3x{inputs} and as many biases for {PAPER_NAMES[name]}, "
                f"got {got} in {printable_name(own)}"
            )
        layers[name] = _finite(kernel.read().transpose(axes), name), _finite(bias.read(), name)
        inputs = outputs
    return layers


def _is_normalisation(arrays: dict[str, StoredArray]) -> bool:
    """Return whether a layer has numbers for each channel and nothing else, as batch normalisation has."""
    shapes = [array.shape for array in arrays.values()]
    return all(len(shape) < 2 for shape in shapes) and any(shape and shape[0] in CHANNELS for shape in shapes)


def _is_convolution(kernel: StoredArray | None, axes: tuple[int, int, int, int]) -> bool:
    return kernel is not None and len(kernel.shape) == 4 and [kernel.shape[axis] for axis in axes[:2]] == [3, 3]


def _finite(numbers: np.ndarray, name: str) -> np.ndarray:
    values = np.ascontiguousarray(numbers, np.float32)
    if not np.isfinite(values).all():
        raise FormatError(f"expected finite numbers in {PAPER_NAMES[name]}, got others")
    return values


def _checked(path: str) -> os.stat_result:
    """Return what the system says of a file that is there, is no folder or device, and is not too large."""
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path can have this name"
        raise _error(path, f"expected a file with VGG-19's weights, got none that can be read ({reason})") from error
    if not stat.S_ISREG(status.st_mode):
        raise _error(path, "expected a file with VGG-19's weights, got a folder or a device; name a file")
    if status.st_size > MAX_FILE_BYTES:
        raise _error(
            path, f"expected at most {MAX_FILE_BYTES // 2**20} MB, got {status.st_size // 2**20}; is it another file?"
        )
    return status


@lru_cache(maxsize=4)
def _identified(path: str, size: int, changed: int) -> tuple[str, str]:
    """Return a file's kind and its sha256; `size` and `changed` tell a file from the one that was there before."""
    try:
        with open(path, "rb") as file:
            kind = _kind(file.read(512), path)
            file.seek(0)
            return kind, hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _error(path, f"expected a file that can be read, got an error ({error.strerror})") from error


def _kind(head: bytes, path: str) -> str:
    """Return the kind of a file that begins so."""
    if head.startswith(HDF5):
        return "keras"
    if head.startswith(MATLAB):
        return "matconvnet"
    if head.startswith(MATLAB_HDF5):
        raise _error(path, "expected a MATLAB file of version 5, got one of version 7.3; save it with -v7")
    if is_old_torch(head):
        return "torch"
    if is_safetensors(head):
        return "safetensors"
    names = _names_in_zip(path)
    if is_torch_zip(names):
        return "torch"
    if is_npz(names):
        return "npz"
    raise _error(
        path,
        "expected weights of MatConvNet (.mat), Keras (.h5), PyTorch (.pth), safetensors or NumPy (.npz), "
        "got something else; choose another file",
    )


def _names_in_zip(path: str) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def _error(path: str, what: str) -> WeightsError:
    return WeightsError(f"weights {printable_name(path)}: {what}.")
