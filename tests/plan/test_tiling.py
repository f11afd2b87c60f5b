"""What is known of a picture's tiles without cutting it."""

import random

import pytest

from nst.layers import LAYERS
from nst.plan.tiling import TILE, WHOLE, Cut, cut, measure, style_side

_RANDOM = random.Random(5)
SIDES = (64, 100, 256, 300, WHOLE)
CASES = [
    (_RANDOM.randint(2, 700), _RANDOM.randint(2, 700), _RANDOM.choice(LAYERS), _RANDOM.choice(SIDES)) for _ in range(60)
]


@pytest.mark.parametrize(("height", "width", "deepest", "side"), CASES)
def test_tiles_are_measured_as_they_are_cut(height: int, width: int, deepest: str, side: int) -> None:
    areas = [(bottom - top) * (right - left) for top, left, bottom, right in cut(height, width, deepest, side)[:, TILE]]
    assert measure(height, width, deepest, side) == Cut(len(areas), sum(areas), max(areas))


def test_a_poster_in_the_smallest_tiles_is_measured_without_cutting_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.plan.tiling.cut", None)
    assert measure(8192, 8192, "block5_conv1", 1).tiles == 512**2


def test_paintings_are_cut_no_coarser_than_a_bound() -> None:
    assert style_side(WHOLE) == 1024
    assert style_side(256) == 256
