"""What a user relies on: weights of other programs are known by their contents, and mean here what they mean there.

Each file is written by its format's own library where there is one. The features are compared with a computation in
NumPy that prepares the picture as the other program documents it.
"""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from nst.config import RunOptions
from nst.layers import LAYERS
from nst.weights.bundled import BGR_MEANS, load_weights
from nst.weights.files import Vgg19, WeightsFile, read_weights
from nst.weights.torch_state import read_old_torch, read_torch_zip
from tests.support import reference, weights
from tests.support.files import colourful

RANDOM = weights.random_layers()
MEANS_RGB = np.array([123.68, 116.779, 103.939])


def read(path: Path) -> tuple[str, Vgg19]:
    file = WeightsFile.of(RunOptions(weights=str(path)))
    assert file is not None
    return file.source.kind, read_weights(file)


def first_features(vgg: Vgg19) -> np.ndarray:
    """The first layer's feature maps before the ReLU, as the engine feeds it: blue, green, red less their means."""
    x = colourful()[..., ::-1] - np.array(vgg.means)
    return reference.convolution(x, *vgg.layers[LAYERS[0]])


def check_others(vgg: Vgg19, expected: weights.Layers = RANDOM) -> None:
    """All but the first layer are the same numbers; that one's kernel may be turned and scaled."""
    assert list(vgg.layers) == list(LAYERS)
    for name, (kernel, bias) in vgg.layers.items():
        np.testing.assert_array_equal(bias, expected[name][1], err_msg=name)
        if name != LAYERS[0]:
            np.testing.assert_array_equal(kernel, expected[name][0], err_msg=name)


@pytest.mark.parametrize(("old", "compressed"), [(True, False), (False, False), (False, True)])
def test_a_network_of_matconvnet_is_fed_red_green_blue(tmp_path: Path, old: bool, compressed: bool) -> None:
    weights.matconvnet(tmp_path / "any.name", RANDOM, old=old, do_compression=compressed)
    kind, vgg = read(tmp_path / "any.name")
    assert kind == "matconvnet"
    check_others(vgg)
    expected = reference.convolution(colourful() - MEANS_RGB, *RANDOM[LAYERS[0]])
    np.testing.assert_allclose(first_features(vgg), expected, atol=1e-3)


@pytest.mark.parametrize(("first_names", "top"), [(True, False), (True, True), (False, True)])
def test_a_file_of_keras_is_fed_blue_green_red(tmp_path: Path, first_names: bool, top: bool) -> None:
    weights.keras_2(tmp_path / "vgg19.h5", RANDOM, first_names=first_names, top=top)
    kind, vgg = read(tmp_path / "vgg19.h5")
    assert kind == "keras"
    check_others(vgg)
    assert vgg.means == BGR_MEANS
    np.testing.assert_array_equal(vgg.layers[LAYERS[0]][0], RANDOM[LAYERS[0]][0])


@pytest.mark.engine
@pytest.mark.parametrize("name", ["vgg19.weights.h5", "vgg19.h5"])
def test_what_keras_itself_writes_is_read(tmp_path: Path, name: str) -> None:
    import keras

    model = keras.applications.VGG19(weights=None, include_top=False, input_shape=(32, 32, 3))
    (model.save_weights if "weights" in name else model.save)(tmp_path / name)
    kind, vgg = read(tmp_path / name)
    assert kind == "keras"
    for layer in LAYERS:
        for own, theirs in zip(vgg.layers[layer], model.get_layer(layer).get_weights(), strict=True):
            np.testing.assert_array_equal(own, theirs)


def torchvision_features() -> np.ndarray:
    """The first layer's maps for torchvision's input: red, green, blue in 0..1, less means, over deviations."""
    x = (colourful() / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    return reference.convolution(x, *RANDOM[LAYERS[0]])


@pytest.mark.parametrize("write", [weights.torch_zip, weights.old_torch])
def test_a_state_dict_of_torchvision_is_fed_as_torchvision_does(tmp_path: Path, write) -> None:
    classifier = {"classifier.0.weight": np.ones((4, 8), np.float32), "classifier.0.bias": np.ones(4, np.float32)}
    write(tmp_path / "vgg19.pth", {**weights.state_dict(RANDOM), **classifier})
    kind, vgg = read(tmp_path / "vgg19.pth")
    assert kind == "torch"
    check_others(vgg)
    np.testing.assert_allclose(first_features(vgg), torchvision_features(), atol=1e-4)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
@pytest.mark.parametrize("zipped", [True, False])
def test_what_pytorch_itself_writes_is_read(tmp_path: Path, zipped: bool) -> None:
    import torch

    state = {name: torch.from_numpy(array.copy()) for name, array in weights.state_dict(RANDOM).items()}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "vgg19.pth", _use_new_zipfile_serialization=zipped)
    kind, vgg = read(tmp_path / "vgg19.pth")
    assert kind == "torch"
    check_others(vgg)
    np.testing.assert_allclose(first_features(vgg), torchvision_features(), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "reader"), [("zip", read_torch_zip), ("old", read_old_torch), ("bf16", read_torch_zip)]
)
def test_files_that_pytorch_2_14_wrote_are_read(name: str, reader) -> None:
    # torch.save({"a.weight": arange(24).reshape(2, 3, 4).transpose(0, 2), "a.bias": tensor([1.5, -2])})
    arrays = reader(Path(__file__).with_name("made_by_pytorch") / f"{name}.pth")["a"]
    np.testing.assert_array_equal(arrays["kernel"].read(), np.arange(24).reshape(2, 3, 4).transpose(2, 1, 0))
    np.testing.assert_array_equal(arrays["bias"].read(), [1.5, -2.0])


def test_safetensors_are_read_with_any_names(tmp_path: Path) -> None:
    names = [each.replace("block", "conv").replace("_conv", "_") for each in LAYERS]
    safetensors.numpy.save_file(weights.state_dict(RANDOM, names.__getitem__), tmp_path / "vgg19.safetensors")
    kind, vgg = read(tmp_path / "vgg19.safetensors")
    assert kind == "safetensors"
    check_others(vgg)
    np.testing.assert_allclose(first_features(vgg), torchvision_features(), atol=1e-4)


def test_our_own_format_is_read(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {
        f"{name}/{word}": each
        for name, pair in RANDOM.items()
        for word, each in zip(("kernel", "bias"), pair, strict=True)
    }
    np.savez(tmp_path / "own.npz", **arrays)
    kind, vgg = read(tmp_path / "own.npz")
    assert kind == "npz"
    check_others(vgg)
    np.testing.assert_array_equal(vgg.layers[LAYERS[0]][0], RANDOM[LAYERS[0]][0])


def scaled_oxford() -> weights.Layers:
    """The bundled network with other scales, as files have it that are normalised in another way, or not at all."""
    chance = np.random.default_rng(3)
    return {
        name: ((kernel * chance.uniform(0.2, 9, (kernel.shape[3],))).astype(np.float32), bias)
        for name, (kernel, bias) in load_weights().items()
    }


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("transpose", [False, True])
def test_the_network_of_oxford_is_turned_as_it_has_to_be_whatever_wrote_it(
    tmp_path: Path, reverse: bool, transpose: bool
) -> None:
    oxford = scaled_oxford()
    turned = {name: (kernel.swapaxes(0, 1) if transpose else kernel, bias) for name, (kernel, bias) in oxford.items()}
    if reverse:
        kernel, bias = turned[LAYERS[0]]
        turned[LAYERS[0]] = kernel[:, :, ::-1], bias
    weights.torch_zip(tmp_path / "caffe.pth", weights.state_dict(turned))
    _, vgg = read(tmp_path / "caffe.pth")
    assert vgg.means == BGR_MEANS
    for name, (kernel, bias) in oxford.items():
        np.testing.assert_array_equal(vgg.layers[name][0], kernel, err_msg=name)
        np.testing.assert_array_equal(vgg.layers[name][1], bias)
