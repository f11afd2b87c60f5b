"""Masks as recipes carry them: small, exact on reading back, and refused when damaged."""

import base64
import zlib

import numpy as np
import pytest

from nst.errors import MaskError
from nst.masks.packed import MAX_BYTES, PackedMask


def test_levels_and_shape_come_back() -> None:
    mask = np.array([[0, 1 / 15, 1], [0.4, 0.49, 0.8]], np.float32)
    packed = PackedMask.of(mask)
    # 0.49 is nearest to 7/15.
    np.testing.assert_allclose(packed.mask, [[0, 1 / 15, 1], [6 / 15, 7 / 15, 12 / 15]], rtol=1e-6)
    assert PackedMask.from_dict(packed.to_dict()) == packed


def test_mask_with_plain_edges_keeps_512_pixels() -> None:
    y, x = np.mgrid[:600, :900]
    disc = (np.hypot(y - 300, x - 400) < 250).astype(np.float32)
    packed = PackedMask.of(disc)
    assert (packed.height, packed.width) == (341, 512)
    assert packed.mask.mean() == pytest.approx(disc.mean(), abs=1e-3)


@pytest.mark.parametrize("shape", [(700, 700), (64, 64), (1, 3000), (200, 1000)])
def test_any_mask_fits(shape: tuple[int, int]) -> None:
    packed = PackedMask.of(np.random.default_rng(0).random(shape).astype(np.float32))
    assert len(packed.data) <= MAX_BYTES
    assert packed.mask.shape == (packed.height, packed.width)


def test_coarser_mask_covers_as_much_in_fewer_pixels() -> None:
    mask = PackedMask.of(np.eye(2, dtype=np.float32).repeat(150, 0).repeat(200, 1))
    coarser = mask.coarser(96)
    assert (coarser.height, coarser.width) == (72, 96)
    assert coarser.mask.mean() == pytest.approx(0.5, abs=0.01)
    assert coarser.coarser(200) is coarser


GOOD = PackedMask.of(np.eye(5, dtype=np.float32)).to_dict()


def _with_levels(levels: bytes) -> dict[str, object]:
    return {**GOOD, "data": base64.b64encode(zlib.compress(levels)).decode()}


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        {**GOOD, "more": 1},
        {**GOOD, "height": 0},
        {**GOOD, "height": 513},
        {**GOOD, "width": 5.0},
        {**GOOD, "width": True},
        {**GOOD, "width": 4},
        {**GOOD, "width": 6},
        {**GOOD, "data": 7},
        {**GOOD, "data": "?"},
        {**GOOD, "data": "é"},
        {**GOOD, "data": GOOD["data"][:-8]},
        {**GOOD, "data": "A" * 10**6},
        _with_levels(b"\x10" * 25),
        _with_levels(b"\0" * 10**7),
    ],
)
def test_anything_else_is_refused(entry: object) -> None:
    with pytest.raises(MaskError, match="mask: expected one as a recipe holds it"):
        PackedMask.from_dict(entry)
