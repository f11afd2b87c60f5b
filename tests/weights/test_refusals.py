"""What a user relies on: a file that is not VGG-19's weights is refused in one sentence, and nothing in it is run."""

import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.config import RunOptions
from nst.errors import WeightsError
from nst.weights.files import WeightsFile, read_weights
from nst.weights.stored import MAX_FILE_BYTES
from tests.support import weights

RANDOM = weights.random_layers()


def refusal(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        read_weights(WeightsFile.of(RunOptions(weights=str(path))))
    sentence = str(caught.value)
    assert sentence.startswith(f"weights {path}: expected ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("data", [b"", b"x", b"\x89PNG\r\n\x1a\n" + bytes(99), b"PK\x03\x04" + bytes(99), bytes(4096)])
def test_another_kind_of_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "vgg19.h5").write_bytes(data)
    assert "got something else" in refusal(tmp_path / "vgg19.h5")


def test_a_file_that_is_not_there_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "absent.mat")
    assert "a folder or a device" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "a folder or a device" in refusal(tmp_path / "pipe")


def test_a_file_is_not_read_if_it_is_too_large(tmp_path: Path) -> None:
    with open(tmp_path / "large.pth", "wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # without a byte written
    assert "expected at most 1024 MB" in refusal(tmp_path / "large.pth")


def test_a_network_with_fewer_layers_is_refused_by_their_number(tmp_path: Path) -> None:
    weights.matconvnet(tmp_path / "vgg16.mat", dict(list(RANDOM.items())[:13]), old=False)
    assert "expected the 16 convolutions of VGG-19, 3x3 each, got 13 such layers" in refusal(tmp_path / "vgg16.mat")


def test_a_layer_of_another_shape_is_named(tmp_path: Path) -> None:
    kernel, bias = RANDOM["block2_conv1"]
    wrong = {**RANDOM, "block2_conv1": (kernel[..., :64], bias[:64])}
    weights.torch_zip(tmp_path / "wrong.pth", weights.state_dict(wrong))
    sentence = refusal(tmp_path / "wrong.pth")
    assert "expected 128 filters of 3x3x64 and as many biases for conv2_1" in sentence
    assert "got 64 of 3x3x64 with a bias of (64,) in features.5" in sentence


def test_batch_normalisation_is_refused(tmp_path: Path) -> None:
    extra = {f"features.1.{word}": np.ones(64, np.float32) for word in ("weight", "bias", "running_mean")}
    weights.torch_zip(tmp_path / "bn.pth", {**weights.state_dict(RANDOM), **extra})
    assert "without batch normalisation" in refusal(tmp_path / "bn.pth")


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    kernel, bias = RANDOM["block5_conv4"]
    weights.keras_2(tmp_path / "nan.h5", {**RANDOM, "block5_conv4": (kernel, bias * np.nan)}, first_names=True)
    assert "expected finite numbers in conv5_4" in refusal(tmp_path / "nan.h5")


@pytest.mark.parametrize("kind", ["mat", "packed.mat", "h5", "pth", "old.pth", "safetensors", "npz"])
@pytest.mark.parametrize("share", [0.001, 0.6])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    path = tmp_path / f"whole.{kind}"
    _write(path, kind)
    data = path.read_bytes()
    path.write_bytes(data[: max(600, int(share * len(data)))])
    assert "such layers" not in refusal(path)


def _write(path: Path, kind: str) -> None:
    if kind.endswith("mat"):
        packed = kind == "packed.mat"  # which takes long: some layers are enough
        weights.matconvnet(path, dict(list(RANDOM.items())[: 4 if packed else 16]), old=False, do_compression=packed)
    elif kind == "h5":
        weights.keras_2(path, RANDOM, first_names=True)
    elif kind == "safetensors":
        import safetensors.numpy

        safetensors.numpy.save_file(weights.state_dict(RANDOM), path)
    elif kind == "npz":
        arrays: dict[str, Any] = {f"{name}/kernel": kernel for name, (kernel, _) in RANDOM.items()}
        np.savez(path, **arrays)
    else:
        (weights.old_torch if kind == "old.pth" else weights.torch_zip)(path, weights.state_dict(RANDOM))


class Command:
    """What an attacker pickles: unpickling it runs a command."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("old", [True, False])
def test_a_pickle_that_would_run_a_command_is_refused_and_runs_nothing(tmp_path: Path, old: bool) -> None:
    state = OrderedDict(evil=Command(f"touch {tmp_path / 'done'}"))
    path = tmp_path / "evil.pth"
    if old:
        parts: tuple[Any, ...] = (0x1950A86A20F9469CFC6C, 1001, {}, state, [])
        pickles = [pickle.dumps(each, 2) for each in parts]
        path.write_bytes(b"".join(pickles))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(state, 2))
    assert "asks for posix.system (read as a file of PyTorch); save it again by torch.save(" in refusal(path)
    assert not (tmp_path / "done").exists()


def test_a_pickle_cannot_ask_for_memory_that_it_does_not_fill(tmp_path: Path) -> None:
    # An empty dictionary, remembered as number two thousand million: C's unpickler takes 16 GB for that.
    body = b"\x80\x02}r" + (2 * 10**9).to_bytes(4, "little") + b"."
    with zipfile.ZipFile(tmp_path / "memo.pth", "w") as archive:
        archive.writestr("archive/data.pkl", body)
    assert "got 0 such layers" in refusal(tmp_path / "memo.pth")


def test_a_file_of_matlab_7_3_is_told_how_to_be_saved(tmp_path: Path) -> None:
    (tmp_path / "new.mat").write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + b"\x89HDF\r\n\x1a\n")
    assert "save it with -v7" in refusal(tmp_path / "new.mat")


def test_a_header_that_promises_more_than_there_is_is_refused(tmp_path: Path) -> None:
    entries = {
        f"{name}.weight": {"dtype": "F32", "shape": kernel.transpose(3, 2, 0, 1).shape, "data_offsets": [0, 4]}
        for name, (kernel, _) in RANDOM.items()
    }
    entries |= {
        f"{name}.bias": {"dtype": "F32", "shape": bias.shape, "data_offsets": [0, 4]}
        for name, (_, bias) in RANDOM.items()
    }
    weights.safetensors_by_hand(tmp_path / "short.safetensors", entries, b"1234")
    assert "expected 6912 bytes for (64, 3, 3, 3), got 4" in refusal(tmp_path / "short.safetensors")
