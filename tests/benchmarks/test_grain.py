"""How grain is measured."""

import numpy as np
import pytest

from benchmarks import grain
from benchmarks.blocks import octaves

pytestmark = pytest.mark.engine


def _grey(values: np.ndarray) -> np.ndarray:
    return values.astype(np.uint8)[..., None].repeat(3, axis=2)


def test_a_checkerboard_is_of_the_finest_octave_and_soft_stripes_of_the_next() -> None:
    rows, columns = np.indices((48, 48))
    assert octaves(_grey(np.full((48, 48), 128))) == (0, 0)
    fine, coarser = octaves(_grey(np.where((rows + columns) % 2, 138, 118)))
    assert fine == pytest.approx(10, rel=0.01)
    assert coarser < 0.1
    fine, coarser = octaves(_grey(128 + 50 * np.sin(columns / 2)))
    assert coarser > fine > 0


def test_a_picture_with_specks_in_its_sky_has_more_grain_where_it_is_calm() -> None:
    chance = np.random.default_rng(0)
    photo = np.full((64, 64), 120)
    photo[32:] = chance.integers(0, 256, (32, 64))
    specks = photo.copy()
    specks[:20] += chance.integers(-40, 40, (20, 64))
    painting = _grey(chance.integers(0, 256, (64, 64)))
    clean, speckled = (grain.compared(_grey(each), _grey(photo), painting) for each in (photo, specks))
    assert clean["calm"]["finest"] < 0.1 < speckled["calm"]["finest"]
    assert grain.calm(_grey(photo))[:20].all()
    assert not grain.calm(_grey(photo))[44:].any()
