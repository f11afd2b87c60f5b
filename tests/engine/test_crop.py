"""What a user relies on: a photo that is cut is painted as if the part had been cut out before, its regions too."""

import numpy as np

from nst.config import PAPER, RunOptions, StyleTransferConfig
from nst.engine.transfer import evaluate, stylize
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from tests.support.files import colourful

CONFIG = PAPER.with_changes(
    size=64,
    steps=2,
    style_layers=(("block1_conv1", 1.0), ("block2_conv1", 1.0)),
    content_layers=(("block2_conv2", 1.0),),
)
OPTIONS = RunOptions(precision="float32")
PHOTO, PAINTING = colourful(48, 96), colourful(64, 64)[::-1]


def painted(photo: np.ndarray, config: StyleTransferConfig, **more) -> np.ndarray:
    *_, last = stylize(photo, [PAINTING], config, OPTIONS, preview_seconds=None, **more)
    return last.picture()


def test_the_middle_of_the_photo_is_painted() -> None:
    square = CONFIG.with_changes(crop=1.0, size=48 + 16)  # 48 px is all that there is
    picture = painted(PHOTO, square)
    assert picture.shape == (48, 48, 3)
    np.testing.assert_array_equal(picture, painted(PHOTO[:, 24:72], CONFIG))
    value = evaluate(PHOTO, [PAINTING], square, picture, OPTIONS).total
    assert value == evaluate(PHOTO[:, 24:72], [PAINTING], CONFIG, picture, OPTIONS).total


def test_a_tall_part_of_a_wide_photo() -> None:
    picture = painted(PHOTO, CONFIG.with_changes(crop=2 / 3))
    np.testing.assert_array_equal(picture, painted(PHOTO[:, 32:64], CONFIG))


def test_regions_stay_on_what_they_were_painted_on() -> None:
    mask = np.zeros((48, 96), np.float32)
    mask[:, :48] = 1
    whole = Region("left", PackedMask.of(mask), (1.0,))
    part = Region("left", PackedMask.of(mask[:, 24:72]), (1.0,))
    picture = painted(PHOTO, CONFIG.with_changes(crop=1.0), regions=[whole])
    np.testing.assert_array_equal(picture, painted(PHOTO[:, 24:72], CONFIG, regions=[part]))
    np.testing.assert_array_equal(picture[:, 25:], PHOTO[:, 49:72])  # the other half stays as the photo


def test_a_photo_of_16_bits_keeps_its_levels_where_nothing_is_painted() -> None:
    photo = (colourful(48, 64) / 3).astype(np.float32)
    mask = np.zeros((48, 64), np.float32)
    mask[:, :32] = 1
    region = Region("left", PackedMask.of(mask), (1.0,))
    *_, last = stylize(photo, [PAINTING], CONFIG, OPTIONS, regions=[region], preview_seconds=None)
    np.testing.assert_allclose(last.levels()[:, 33:], photo[:, 33:], rtol=0, atol=1e-4)
    assert np.abs(last.levels()[:, :31] - photo[:, :31]).max() > 1
    np.testing.assert_array_equal(last.picture(), np.rint(last.levels()).astype(np.uint8))
