"""JPEG's blocks: found where they are, smoothed there, and pictures without them left as they are."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from nst.pictures.blocks import BLOCKY, SMOOTH, blockiness, deblocked
from nst.pictures.codec import Pixels, resize_to
from nst.pictures.gallery import load_gallery

GALLERY = load_gallery()
PAINTINGS = ("haystacks-autumn", "view-of-toledo", "kitano-tenjin-legends", "wheat-field-with-cypresses")


def painting(name: str) -> Pixels:
    """A painting of the gallery without the traces of its own file."""
    pixels = GALLERY.find(name, "painting").read().pixels
    height, width = pixels.shape[:2]
    return resize_to(pixels, height * 4 // 5, width * 4 // 5)


def saved(pixels: Pixels, quality: int) -> Pixels:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def error(one: Pixels, other: Pixels) -> float:
    return float(np.square(one.astype(float) - other).mean())


@pytest.mark.parametrize("quality", [15, 30])
@pytest.mark.parametrize("name", PAINTINGS)
def test_blocks_are_smoothed_and_the_picture_comes_nearer_to_what_it_was(name: str, quality: int) -> None:
    clean = painting(name)
    blocky = saved(clean, quality)
    smooth = deblocked(blocky, 512)
    assert blockiness(blocky) > BLOCKY
    assert blockiness(smooth) < SMOOTH
    assert error(smooth, clean) < error(blocky, clean)
    assert deblocked(smooth, 512) is smooth


def test_every_painting_of_the_gallery_is_left_as_it_is() -> None:
    for preset in GALLERY.paintings:
        pixels = preset.read().pixels
        assert deblocked(pixels, 512) is pixels, preset.id


def test_blocks_are_found_wherever_the_first_one_begins() -> None:
    part = saved(painting("view-of-toledo"), 20)[3:-2, 5:-1]
    assert blockiness(part) > BLOCKY
    assert blockiness(deblocked(part, 512)) < SMOOTH


def test_squares_that_are_drawn_are_left() -> None:
    """A photo shown in squares of 8 pixels, as some painters have it."""
    drawn = np.repeat(np.repeat(painting("irises")[::8, ::8], 8, axis=0), 8, axis=1)
    assert deblocked(drawn, 512) is drawn


def test_a_picture_that_is_reduced_a_lot_is_left() -> None:
    blocky = saved(painting("view-of-toledo"), 15)
    assert deblocked(blocky, max(blocky.shape) // 2 - 1) is blocky
    assert deblocked(blocky, -(-max(blocky.shape) // 2)) is not blocky


@pytest.mark.parametrize("shape", [(1, 1), (8, 500), (31, 31), (40, 33)])
def test_small_and_flat_pictures_are_left(shape: tuple[int, int]) -> None:
    for pixels in (np.full((*shape, 3), 90, np.uint8), np.zeros((*shape, 3), np.uint8)):
        assert deblocked(pixels, 512) is pixels


def test_a_picture_with_sixteen_bits_is_left() -> None:
    levels = saved(painting("view-of-toledo"), 15).astype(np.float32)
    assert deblocked(levels, 512) is levels
