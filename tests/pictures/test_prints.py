"""What a user relies on: a print's file has every level that was painted, its inches and the profile of sRGB.

Files are read back by OpenCV and by Pillow, which share no code with what writes them.
"""

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from nst.pictures.codec import read_picture, read_recipe_text
from nst.pictures.prints import FileFormat, encoded, srgb_profile

RECIPE = '{"recipe": 1, "nst": "x", "content": "浮世絵"}'


def ramp(height: int = 37, width: int = 53) -> np.ndarray:
    """Levels with fractions, from 0 to 255, each channel in another direction, and some beyond."""
    y, x = np.mgrid[0:height, 0:width]
    levels = np.stack([x / (width - 1), y / (height - 1), (x + y) / (width + height - 2)], axis=-1) * 255
    levels[0, 0], levels[-1, -1] = -3.0, 300.0
    return levels.astype(np.float32)


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("piece", [100, 10**6])
def test_sixteen_bits_keep_fractions_of_a_level(suffix: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.pictures.prints._PIECE", piece)
    data = encoded(ramp(), FileFormat(suffix, 16), RECIPE)
    read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert read.dtype == np.uint16
    expected = np.clip(ramp().astype(np.float64), 0, 255) / 255 * 65535
    np.testing.assert_allclose(read[..., ::-1], expected, rtol=0, atol=0.5)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_eight_bits_are_rounded(suffix: str) -> None:
    image = opened(encoded(ramp(), FileFormat(suffix, 8), RECIPE))
    np.testing.assert_array_equal(np.asarray(image), np.rint(np.clip(ramp(), 0, 255)).astype(np.uint8))
    assert image.mode == "RGB"


@pytest.mark.parametrize(("suffix", "bits"), [(".png", 8), (".png", 16), (".tif", 8), (".tif", 16), (".jpg", 8)])
def test_a_file_says_its_inches_and_that_it_is_srgb(suffix: str, bits: int) -> None:
    image = opened(encoded(ramp(), FileFormat(suffix, bits, 300.0), RECIPE))
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.02)
    profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_the_recipe_is_inside(suffix: str) -> None:
    data = encoded(ramp(), FileFormat(suffix, 16), RECIPE)
    assert read_recipe_text(data) == RECIPE
    assert read_recipe_text(encoded(ramp(), FileFormat(suffix, 16), None)) is None
    for end in range(0, len(data), 97):  # cut off anywhere
        assert read_recipe_text(data[:end]) in (RECIPE, None)


def test_a_tiff_of_another_program_has_no_recipe() -> None:
    stream = BytesIO()
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(stream, "TIFF", description="A holiday.")
    assert read_recipe_text(stream.getvalue()) is None
    assert read_recipe_text(b"II*\0" + b"\xff" * 400) is None


def test_the_profile_is_the_same_every_time_and_changes_no_colour(tmp_path: Path) -> None:
    srgb_profile.cache_clear()
    first = srgb_profile()
    srgb_profile.cache_clear()
    assert srgb_profile() == first
    colours = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    read = read_picture(encoded(colours, FileFormat(".png"), None)).pixels
    assert np.abs(read.astype(int) - colours).max() <= 1
