"""What a user relies on: a photo with 16 bits a channel keeps its levels, and so does its wide gamut.

The files are written by OpenCV or by hand; what is expected comes from NumPy, or from LittleCMS through Pillow.
"""

import struct
import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from nst.pictures.codec import read_picture, resize_to
from nst.pictures.icc import MatrixProfile
from tests.pictures.test_codec import icc_profile, wide_gamut_profile, xyz_tag
from tests.support.files import chunk, colourful, png, saved


def deep_colours(height: int = 20, width: int = 30, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 65536, (height, width, channels)).astype(np.uint16)


def deep_png(colours: np.ndarray, *extra: bytes) -> bytes:
    height, width, channels = colours.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colours)
    return png(width, height, 16, {1: 0, 3: 2, 4: 6}[channels], rows, *extra)


def levels_of(data: bytes) -> np.ndarray:
    levels = read_picture(data, deep=True).levels
    assert levels is not None
    return levels


def encoded(kind: str, colours: np.ndarray) -> bytes:
    return cv2.imencode(kind, colours[..., ::-1])[1].tobytes()


@pytest.mark.parametrize("kind", [".png", ".tif"])
def test_every_level_is_kept(kind: str) -> None:
    colours = deep_colours()
    picture = read_picture(encoded(kind, colours), deep=True)
    np.testing.assert_allclose(picture.levels, colours / 257, rtol=0, atol=1e-5 * 255)
    np.testing.assert_array_equal(picture.pixels, np.rint(colours / 257).astype(np.uint8))
    assert picture.finest is picture.levels


def test_grey_is_kept_too() -> None:
    colours = deep_colours(channels=1)
    np.testing.assert_allclose(levels_of(deep_png(colours)), np.repeat(colours / 257, 3, axis=-1), atol=1e-3)


def test_transparent_parts_are_laid_on_white() -> None:
    colours = deep_colours(channels=4)
    alpha = colours[..., 3:] / 65535
    expected = colours[..., :3] / 257 * alpha + 255 * (1 - alpha)
    np.testing.assert_allclose(levels_of(deep_png(colours)), expected, atol=1e-2)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright(orientation: int) -> None:
    exif = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 274, 3, 1, orientation, 0) + bytes(4)
    data = deep_png(colourful().astype(np.uint16) * 257, chunk(b"eXIf", exif))
    np.testing.assert_allclose(levels_of(data), read_picture(data).pixels, atol=1e-3)


def with_profile(colours: np.ndarray, profile: bytes) -> bytes:
    return deep_png(colours, chunk(b"iCCP", b"some\0\0" + zlib.compress(profile)))


def display_p3_like() -> bytes:
    """A wide gamut with the curve of sRGB as a formula of type 3, as Apple's profiles have it."""
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    curve = b"para\0\0\0\0\0\3\0\0" + struct.pack(">5i", *(round(each * 65536) for each in numbers))
    tags = {b"wtpt": xyz_tag((0.9642, 1.0, 0.8249))}
    primaries = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
    for name, primary in zip((b"r", b"g", b"b"), primaries, strict=True):
        tags[name + b"XYZ"], tags[name + b"TRC"] = xyz_tag(primary), curve
    return icc_profile(b"RGB ", b"XYZ ", tags)


@pytest.mark.parametrize("profile", [wide_gamut_profile(), display_p3_like()], ids=["gamma", "formula"])
def test_a_wide_gamut_is_converted_as_littlecms_does_and_more_finely(profile: bytes) -> None:
    eight = np.random.default_rng(1).integers(0, 256, (24, 24, 3)).astype(np.uint8)
    expected = ImageCms.profileToProfile(
        Image.fromarray(eight), BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    levels = levels_of(with_profile(eight.astype(np.uint16) * 257, profile))
    assert np.abs(levels - np.asarray(expected)).max() < 1.5
    ramp = np.repeat(np.arange(20000, 20000 + 256, dtype=np.uint16)[None, :, None], 3, axis=-1)  # one level of 8 bits
    assert len(np.unique(levels_of(with_profile(ramp, profile))[..., 1])) > 200


def test_a_table_as_curve_is_read_between_its_entries() -> None:
    table = (np.linspace(0, 1, 5) ** 2 * 65535).round().astype(int)
    curve = b"curv\0\0\0\0" + struct.pack(">I5H", 5, *table)
    tags = {name + b"TRC": curve for name in (b"r", b"g", b"b")}
    tags |= {
        name + b"XYZ": xyz_tag(tuple(float(at == axis) for axis in range(3)))
        for at, name in enumerate((b"r", b"g", b"b"))
    }
    profile = MatrixProfile.parsed(icc_profile(b"RGB ", b"XYZ ", tags))
    assert profile is not None
    # Halfway between 0.25 and 0.5 lie the means of their squares.
    np.testing.assert_allclose(profile.curves[0](np.array([0.25, 0.375, 1.0])), [0.0625, 0.15625, 1.0], atol=2e-5)


@pytest.mark.parametrize("damage", [b"", b"x" * 200, wide_gamut_profile()[:300]])
def test_a_profile_that_cannot_be_read_leaves_the_picture_to_8_bits(damage: bytes) -> None:
    data = with_profile(deep_colours(), damage)
    assert (read_picture(data, deep=True).levels is None) == (len(damage) > 0)
    assert read_picture(data, deep=True).pixels.shape == (20, 30, 3)


def test_pictures_of_8_bits_and_readers_that_do_not_ask_get_none() -> None:
    assert read_picture(saved(Image.fromarray(colourful()), "PNG"), deep=True).levels is None
    picture = read_picture(deep_png(deep_colours()))
    assert picture.levels is None
    assert picture.finest is picture.pixels


def test_a_damaged_file_is_refused_or_read_with_8_bits() -> None:
    data = bytearray(encoded(".tif", deep_colours()))
    data[40:80] = bytes(40)
    assert read_picture(bytes(data), deep=True).pixels.shape == (20, 30, 3)


def test_levels_are_resampled_without_being_rounded() -> None:
    levels = (colourful(64, 64) / 7).astype(np.float32)
    small = resize_to(levels, 16, 16)
    assert small.dtype == np.float32
    whole = resize_to(np.rint(levels).astype(np.uint8), 16, 16)
    assert 0 < np.abs(small - whole).max() < 1.5
    assert (small % 1 != 0).any()
