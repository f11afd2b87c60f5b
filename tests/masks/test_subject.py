"""The subject is what a person would have cut out; the expected shapes were measured on the pictures."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import MaskError, WeightsError
from nst.masks import subject as module
from nst.masks.subject import WEIGHTS_PATH, WEIGHTS_SHA256, subject
from nst.pictures.codec import Pixels
from nst.pictures.gallery import load_gallery

pytestmark = pytest.mark.slow  # the network that finds it takes about a second a photo

#: Of each photo a point on the subject, and points beside it: (x, y) over width and height.
POINTS = {
    "dahlia": ((0.47, 0.53), [(0.1, 0.5), (0.9, 0.5), (0.5, 0.05)]),
    "astronaut": ((0.45, 0.65), [(0.65, 0.06), (0.95, 0.02)]),
    "coffee": ((0.47, 0.5), [(0.05, 0.2), (0.95, 0.5)]),
    "chelsea": ((0.4, 0.4), [(0.97, 0.5)]),
    "grace-hopper": ((0.5, 0.35), [(0.95, 0.1), (0.05, 0.3)]),
    "pagoda": ((0.33, 0.6), [(0.8, 0.1), (0.95, 0.6)]),
    "camera-operator": ((0.25, 0.6), [(0.9, 0.1), (0.9, 0.9)]),
    "rocket": ((0.5, 0.5), [(0.1, 0.3), (0.8, 0.2)]),
}


def photo(name: str) -> Pixels:
    return next(preset for preset in load_gallery().photos if preset.id == name).read().pixels


def at(mask: np.ndarray, point: tuple[float, float]) -> float:
    height, width = mask.shape
    return float(mask[int(point[1] * height), int(point[0] * width)])


@pytest.mark.parametrize("name", POINTS)
def test_the_subject_is_in_and_what_is_beside_it_is_out(name: str) -> None:
    pixels = photo(name)
    mask = subject(pixels)
    inside, outside = POINTS[name]
    assert mask.dtype == np.float32
    assert mask.shape == pixels.shape[:2]
    assert mask.min() >= 0
    assert mask.max() <= 1
    assert at(mask, inside) > 0.95
    assert max(at(mask, point) for point in outside) < 0.05


def test_a_flower_is_cut_out_whole() -> None:
    mask = subject(photo("dahlia"))
    y, x = np.indices(mask.shape)
    height, width = mask.shape
    flower = np.hypot(x - 0.473 * width, y - 0.53 * height) < 0.175 * width
    assert mask[flower].mean() > 0.95
    assert mask[:, : width // 6].max() < 0.01
    assert mask[: height // 8].max() < 0.01


def test_the_same_photo_gives_the_same_mask() -> None:
    np.testing.assert_array_equal(subject(photo("rocket")), subject(photo("rocket")))


def test_a_large_photo_and_a_small_one_have_the_same_subject() -> None:
    small = Image.fromarray(photo("dahlia"))
    large = np.asarray(small.resize((2 * small.width, 2 * small.height), Image.Resampling.BICUBIC))
    found = np.asarray(Image.fromarray(subject(large)).resize(small.size, Image.Resampling.BILINEAR))
    assert np.abs(found - subject(np.asarray(small))).mean() < 0.01


@pytest.mark.parametrize("level", [0, 90, 255])
def test_a_flat_photo_has_no_subject(level: int) -> None:
    with pytest.raises(MaskError, match="subject: expected something that stands out"):
        subject(np.full((60, 80, 3), level, np.uint8))


def test_a_tiny_photo_is_no_crash() -> None:
    with pytest.raises(MaskError, match="subject: "):
        subject(np.zeros((1, 1, 3), np.uint8))


def test_a_damaged_network_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert hashlib.sha256(WEIGHTS_PATH.read_bytes()).hexdigest() == WEIGHTS_SHA256
    damaged = tmp_path / "u2netp.onnx"
    damaged.write_bytes(b"nothing")
    for path, sentence in ((damaged, "got another file"), (tmp_path / "gone", "No such file")):
        monkeypatch.setattr(module, "WEIGHTS_PATH", path)
        module._weights.cache_clear()
        module._certainty_of.cache_clear()
        with pytest.raises(WeightsError, match=sentence):
            subject(photo("rocket"))
    module._weights.cache_clear()
