"""Where things have moved, on pictures whose motion is known, and where that is believed, by hand."""

import numpy as np
import pytest

from nst.video.flow import alike, optical_flow, reliable, warped
from tests.support.films import textured

SHAPE = (60, 80)


def uniform(right: float, down: float, shape: tuple[int, int] = (6, 8)) -> np.ndarray:
    return np.broadcast_to(np.array([right, down], np.float32), (*shape, 2)).copy()


def test_the_flow_of_a_picture_that_has_moved_is_how_far() -> None:
    wide = textured(1, (70, 90))
    one, other = wide[5:65, 5:85], wide[7:67, 2:82]  # what was at (x, y) is now at (x + 3, y - 2)
    flow = optical_flow(one, other)
    assert flow.shape == (*SHAPE, 2)
    np.testing.assert_allclose(np.median(flow, axis=(0, 1)), [3, -2], atol=0.1)


def test_warping_takes_each_pixel_from_where_the_flow_points() -> None:
    picture = textured(2, SHAPE)
    moved = warped(picture, uniform(2, 1, SHAPE))
    np.testing.assert_array_equal(moved[:-1, :-2], picture[1:, 2:])
    np.testing.assert_array_equal(moved[:-1, -1], picture[1:, -1])  # beyond the border it is the border's


def test_a_picture_warped_back_is_the_one_before() -> None:
    wide = textured(3, (70, 90))
    before, now = wide[5:65, 5:85], wide[6:66, 9:89]
    error = np.abs(warped(before, optical_flow(now, before)).astype(int) - now)[6:-6, 6:-6]
    assert error.mean() < 1.5


def test_flows_that_cancel_are_believed_but_for_what_comes_from_beyond_the_frame() -> None:
    known = reliable(uniform(2, 0), uniform(-2, 0))
    assert known.dtype == np.float32
    np.testing.assert_array_equal(known[:, :2], 0)
    np.testing.assert_array_equal(known[:, 2:], 1)


@pytest.mark.parametrize(("back", "believed"), [(-2.7, True), (-2.8, False)])
def test_flows_are_believed_as_far_as_the_bound_of_the_paper(back: float, believed: bool) -> None:
    # There (2, 0), back (-2.7, 0): 0.7^2 = 0.49 is not above 0.01 (4 + 7.29) + 0.5 = 0.613; 0.8^2 = 0.64 is above.
    assert bool(reliable(uniform(2, 0), uniform(back, 0))[3, 5]) is believed


@pytest.mark.parametrize(("step", "believed"), [(0.08, True), (0.1, False)])
def test_borders_of_what_moves_by_itself_are_not_believed(step: float, believed: bool) -> None:
    back = uniform(0, 0, (8, 12))
    back[:, 6:, 0] = step
    # Central differences halve the step: 0.04^2 = 0.0016 is not above 0.002 + 0.01 * 0.08^2; 0.05^2 = 0.0025 is.
    known = reliable(-back, back)
    assert bool(known[4, 5]) is believed
    assert known[4, 2] == 1


def test_what_comes_into_sight_behind_a_thing_is_not_believed() -> None:
    still = textured(4, SHAPE)
    thing = textured(9, (24, 24))
    before, now = still.copy(), still.copy()
    before[18:42, 20:44], now[18:42, 28:52] = thing, thing
    known = reliable(optical_flow(before, now), optical_flow(now, before))
    assert known[22:38, 21:27].mean() < 0.5  # bared
    assert known[:12].mean() > 0.9  # still
    assert known[24:36, 34:46].mean() > 0.5  # moved as a whole


def test_what_has_other_colours_is_not_alike_and_a_pixel_s_shift_or_noise_is_nothing() -> None:
    wide = textured(5, (60, 90))
    noise = np.random.default_rng(0).integers(-20, 21, (*SHAPE, 3))
    one = wide[:, :80]
    near = np.clip(wide[:, 1:81].astype(int) + noise, 0, 255).astype(np.uint8)
    assert alike(one, near).mean() > 0.98
    near[20:40, 20:40] = 255 - one[20:40, 20:40] // 4
    there = alike(one, near)
    assert (there[24:36, 24:36] == 0).all()
    assert (there[:14] == 1).mean() > 0.98
