"""A click finds in the photo what looks like one point of it."""

import numpy as np
import pytest

from nst.masks.selection import similar

#: A red disc and, apart from it, a red square on grey; half of the grey is a little darker.
SCENE = np.full((80, 120, 3), 128, np.uint8)
SCENE[:, :60] = 120
Y, X = np.indices((80, 120)) + 0.5
DISC = np.hypot(X - 45, Y - 40) < 20
SQUARE = (abs(X - 95) < 8) & (abs(Y - 40) < 8)
SCENE[DISC | SQUARE] = (200, 30, 30)


def agreement(mask: np.ndarray, expected: np.ndarray) -> float:
    """Return intersection over union, soft."""
    return float(np.minimum(mask, expected).sum() / np.maximum(mask, expected).sum())


# Similar to a point


def test_similar_colours_are_found_everywhere() -> None:
    np.testing.assert_array_equal(similar(SCENE, (45 / 120, 0.5)), DISC | SQUARE)
    np.testing.assert_array_equal(similar(SCENE, (0.01, 0.01)), ~(DISC | SQUARE))


def test_tolerance_is_a_distance_in_cielab() -> None:
    """Grey 120 and 128 have L* 50.43 and 53.59 (CIE 15): 3.15 apart."""
    dark = (X < 60) & ~DISC
    assert similar(SCENE, (0.02, 0.1), 2.0)[~dark & ~DISC].max() == 0
    assert similar(SCENE, (0.02, 0.1), 3.2)[5, 100] == 1
    assert similar(SCENE, (0.02, 0.1), 2.5)[5, 100] == pytest.approx((3.75 - 3.155) / 1.25, abs=0.02)


def test_a_known_colour_has_its_published_distance() -> None:
    """sRGB red is L*a*b* 53.24, 80.09, 67.20: 117.3 from black, and 53.24 of it in brightness."""
    photo = np.zeros((20, 40, 3), np.uint8)
    photo[:, 20:, 0] = 255
    assert similar(photo, (0.1, 0.5), 90.0)[0, 30] == pytest.approx(1 - (117.3 - 90) / 45, abs=0.01)
    assert similar(photo, (0.1, 0.5), 53.3, by="brightness")[0, 30] == 1
    assert similar(photo, (0.1, 0.5), 40.0, by="brightness")[0, 30] == pytest.approx(1 - 13.24 / 20, abs=0.01)


def test_brightness_does_not_see_colour() -> None:
    photo = np.full((20, 40, 3), 128, np.uint8)
    photo[:, 20:] = (215, 91, 91)  # L* 53.6 too
    assert similar(photo, (0.1, 0.5), 10.0)[0, 30] == 0
    assert similar(photo, (0.1, 0.5), 10.0, by="brightness")[0, 30] == 1


def test_one_noisy_pixel_does_not_matter() -> None:
    noisy = SCENE.copy()
    noisy[40, 45] = (0, 255, 0)
    assert agreement(similar(noisy, (45.5 / 120, 40.5 / 80)), DISC | SQUARE) > 0.99


@pytest.mark.parametrize("point", [(0, 0), (1, 1), (0, 1), (0.5, 0.5)])
@pytest.mark.parametrize("tolerance", [0.0, 100.0])
def test_every_point_and_tolerance_gives_a_mask(point: tuple[float, float], tolerance: float) -> None:
    mask = similar(SCENE, point, tolerance)
    assert mask.dtype == np.float32
    assert mask.shape == SCENE.shape[:2]
    assert mask.max() == 1
