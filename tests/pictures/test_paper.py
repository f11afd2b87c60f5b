"""What a user relies on: a print's size in words becomes the pixels that it takes."""

import pytest

from nst.errors import ConfigError
from nst.pictures.paper import Print


@pytest.mark.parametrize(
    ("text", "photo", "sheet"),
    [
        ("A3@300dpi", (3000, 4000), (3508, 4961)),  # 297 x 420 mm: 11.693 x 16.535 inches
        ("A3@300dpi", (4000, 3000), (4961, 3508)),
        ("30x40cm@200dpi", (100, 100), (2362, 3150)),
        ("40 x 30 cm @ 200 dpi , crop", (100, 150), (2362, 3150)),
        ("4x6in@150dpi", (200, 100), (900, 600)),
        ("105x148mm@254dpi,fit", (1, 2), (1050, 1480)),
        ("letter@100dpi", (2, 1), (1100, 850)),
    ],
)
def test_a_sheet_is_turned_as_the_photo_is(text: str, photo: tuple[int, int], sheet: tuple[int, int]) -> None:
    assert Print.parsed(text).sheet(*photo) == sheet


def test_the_whole_photo_is_as_large_as_fits() -> None:
    # On 600 x 900 px: a square photo has 600, a panorama of 3:1 has 900 x 300.
    assert Print.parsed("4x6in@150dpi").settings(1000, 1000) == {"size": 600}
    assert Print.parsed("4x6in@150dpi").settings(1000, 3000) == {"size": 900}
    assert Print.parsed("4x6in@150dpi").settings(1000, 1200) == {"size": 720}


def test_a_cut_photo_fills_the_sheet() -> None:
    assert Print.parsed("4x6in@150dpi,crop").settings(1000, 1200) == {"size": 900, "crop": 1.5}
    assert Print.parsed("4x6in@150dpi,crop").settings(1200, 1000) == {"size": 900, "crop": 600 / 900}


@pytest.mark.parametrize(
    "text",
    ["", "A3", "A3@300", "B3@300dpi", "30x40@200dpi", "A3@300dpi,squash", "30x-4cm@200dpi", "axbcm@1dpi", "A3@1e3dpi"],
)
def test_what_is_no_print_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ConfigError, match="such as A3@300dpi, 30x40cm@200dpi or A4@150dpi,crop"):
        Print.parsed(text)


@pytest.mark.parametrize("text", ["A3@5dpi", "A3@99999dpi", "0x4cm@100dpi", "9000x4cm@100dpi"])
def test_sheets_that_nobody_prints_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected 10 to 2400 dpi on a sheet of 1 to 5000 mm"):
        Print.parsed(text)


@pytest.mark.parametrize(
    ("text", "shape", "expected"),
    [
        ("4x6in@150dpi", (100, 200), (450, 900)),
        ("4x6in@150dpi", (200, 200), (600, 600)),
        ("4x6in@150dpi,crop", (200, 200), (900, 900)),
        ("4x6in@150dpi,crop", (200, 100), (1200, 600)),
    ],
)
def test_a_drawing_without_pixels_of_its_own_fits_the_sheet_or_fills_it(
    text: str, shape: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert Print.parsed(text).shape_for(*shape) == expected


def test_a_sheet_lies_as_it_is_written_and_those_with_names_are_upright() -> None:
    written = {"A4@100dpi": True, "30x40cm@100dpi": True, "40x30cm@100dpi": False, "4x4in@100dpi": True}
    assert {text: Print.parsed(text).is_upright for text in written} == written


def test_a_print_of_so_many_pixels_has_them_and_its_dots_per_inch() -> None:
    paper = Print.parsed("A4@133dpi,crop").of_pixels(1088, 1552)
    assert (paper.sheet(1, 2), paper.sheet(2, 1)) == ((1088, 1552), (1552, 1088))
    assert (paper.dpi, paper.crop, paper.is_upright) == (133, False, False)
