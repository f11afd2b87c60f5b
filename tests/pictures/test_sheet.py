"""What a user relies on: a contact sheet has every picture at its place, however many there are."""

import numpy as np
import pytest

from nst.errors import ImageError
from nst.pictures.codec import Pixels, resize
from nst.pictures.sheet import MAX_SHEET_PIXELS, SMALLEST, Cell, contact_sheet, fitting_side


def flat(level: int, height: int = 60, width: int = 90) -> Cell:
    pixels = np.full((height, width, 3), level, np.uint8)
    return Cell(f"level {level}", lambda side: resize(pixels, side))


def gone(_: int) -> Pixels:
    raise ImageError("gone")


def test_each_picture_is_at_its_place_below_its_label() -> None:
    sheet = contact_sheet([[Cell(""), flat(10)], [flat(20), flat(30)]], side=90)
    # Gaps of 8 px around cells of 90, each below a label of 20; rows are as high as their pictures, 60.
    assert sheet.shape == (8 + 2 * (20 + 60 + 8), 8 + 2 * (90 + 8), 3)
    for level, top, left in ((10, 28, 106), (20, 116, 8), (30, 116, 106)):
        assert (sheet[top : top + 60, left : left + 90] == level).all()
        label = sheet[top - 20 : top, left : left + 90]
        assert label.min() < 100 < label.max()
    assert (sheet[8:88, 8:98] == 255).all()


def test_a_picture_that_is_gone_leaves_its_place_and_a_row_of_them_none() -> None:
    sheet = contact_sheet([[Cell("gone", gone), flat(10)], [Cell("gone", gone)]], side=90)
    assert sheet.shape == (8 + 88, 8 + 2 * 98, 3)
    assert (sheet[28:88, 8:98] == 255).all()


def test_any_name_can_be_a_label_and_a_long_one_stays_in_its_cell() -> None:
    sheet = contact_sheet([[Cell("木 \n\x00 é" + "w" * 400), flat(10)]], side=90)
    assert (sheet[:, 98:106] == 255).all()


def test_many_pictures_become_smaller_and_too_many_are_refused() -> None:
    assert fitting_side(10, 10, 256) == 256
    side = fitting_side(80, 80, 256)
    assert SMALLEST <= side < 60
    assert 80 * 80 * (side + 28) ** 2 <= MAX_SHEET_PIXELS
    assert fitting_side(1, 700, 256) * 700 < 65_000
    with pytest.raises(ImageError, match="expected fewer pictures than 1000 rows of 1000"):
        fitting_side(1000, 1000, 256)


@pytest.mark.parametrize("rows", [[], [[]], [[Cell("gone", gone)]]])
def test_a_sheet_of_nothing_is_refused(rows: list[list[Cell]]) -> None:
    with pytest.raises(ImageError, match="expected at least one picture, got none"):
        contact_sheet(rows)
