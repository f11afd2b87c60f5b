"""Regions of the photo: arranged on the result, and refused in one sentence that names them."""

import numpy as np
import pytest

from nst.errors import MaskError
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region

ALL = np.ones((20, 30), np.float32)
LEFT = np.repeat(np.repeat([[1, 0]], 20, 0), 15, 1).astype(np.float32)


def _region(
    mask: np.ndarray, *, name: str = "sky", shares: tuple[float, ...] = (1.0,), strength: float = 1.0
) -> Region:
    return Region(name, PackedMask.of(mask), shares, strength)


def test_shares_are_normalised() -> None:
    assert _region(ALL, shares=(3, 0, 1)).shares == (0.75, 0, 0.25)


def test_later_regions_lie_on_top() -> None:
    layout = Layout.of([_region(ALL), _region(LEFT, name="water")], (), (20, 30), 1)
    np.testing.assert_array_equal(layout.areas[0].mask, 1 - LEFT)
    np.testing.assert_array_equal(layout.areas[1].mask, LEFT)
    assert layout.free() is None


def test_what_is_covered_by_none_or_by_strength_zero_is_not_free() -> None:
    uncovered = Layout.of([_region(LEFT)], (), (20, 30), 1).free()
    left_out = Layout.of([_region(1 - LEFT), _region(LEFT, name="water", strength=0)], (), (20, 30), 1).free()
    np.testing.assert_array_equal(uncovered, LEFT)
    np.testing.assert_array_equal(left_out, 1 - LEFT)


def test_without_regions_everything_is_free() -> None:
    assert Layout.of((), (), (20, 30), 3).free() is None


def test_masks_follow_the_size_of_the_picture() -> None:
    layout = Layout.of([_region(LEFT)], (), (40, 60), 1)
    assert layout.areas[0].mask.shape == (40, 60)
    assert layout.at((10, 15)).areas[0].mask.shape == (10, 15)


@pytest.mark.parametrize("strength", [-1, 101, float("nan")])
def test_strength_out_of_range_is_refused(strength: float) -> None:
    with pytest.raises(MaskError, match="region sky: expected a strength from 0 to 100"):
        _region(ALL, strength=strength)


@pytest.mark.parametrize("shares", [(), (0.0,), (-1.0, 2.0), (float("nan"),)])
def test_region_without_a_painting_is_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(MaskError, match="region sky: expected at least one painting"):
        _region(ALL, shares=shares)


def test_empty_mask_is_refused() -> None:
    with pytest.raises(MaskError, match=r"region sky: .* got an empty one"):
        _region(np.zeros((20, 30), np.float32))


@pytest.mark.parametrize(
    ("regions", "guides", "sentence"),
    [
        ([_region(np.ones((30, 20), np.float32))], (), "region sky: expected a mask in the proportions of its picture"),
        ([_region(LEFT), _region(ALL, name="all")], (), "region sky: expected some of it to be visible"),
        ([_region(ALL, shares=(1, 1))], (), "region sky: expected a weight for each of the 1 paintings, got 2"),
        ([_region(ALL)] * 9, (), "regions: expected at most 8, got 9"),
        ([_region(ALL, strength=0)], (), "regions: expected at least one with a strength above 0"),
        ([], [None, None], "style_guides: expected one or None for each of the 1 paintings, got 2"),
    ],
)
def test_what_cannot_be_arranged_is_refused(
    regions: list[Region], guides: list[PackedMask | None], sentence: str
) -> None:
    with pytest.raises(MaskError, match=sentence):
        Layout.of(regions, guides, (20, 30), 1)


def test_too_many_parts_of_paintings_are_refused() -> None:
    with pytest.raises(MaskError, match="style_guides: expected at most 8"):
        Layout.of((), [PackedMask.of(ALL)] * 9, (20, 30), 9)
