"""Where a scene ends: on gallery photos that the camera moves over, changes of light, and cuts."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.clips import CLIPS
from nst.config import FilmConfig
from nst.video.scenes import difference, look
from tests.support.films import flat

CHANGE = FilmConfig().scene_change


def test_a_frame_is_like_itself_and_black_is_nothing_like_white() -> None:
    assert difference(look(flat(90)), look(flat(90))) == 0
    assert difference(look(flat(0)), look(flat(255))) == pytest.approx(1)


def test_the_difference_of_two_frames_is_the_share_that_is_not_in_both() -> None:
    half = flat(0, (60, 60))
    half[:20] = 255  # three of the nine parts
    assert difference(look(flat(0, (60, 60))), look(half)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("clip", CLIPS)
def test_a_camera_that_moves_or_a_thing_that_passes_is_no_cut(clip: str) -> None:
    looks = [look(frame) for frame in CLIPS[clip](8, 128)]
    assert max(difference(*pair) for pair in pairwise(looks)) < CHANGE / 2


def test_another_place_is_a_cut() -> None:
    first = [look(next(iter(clip(1, 128)))) for clip in CLIPS.values()]
    for one in range(3):
        assert difference(first[one], first[(one + 1) % 3]) > CHANGE


def test_a_change_of_light_is_no_cut() -> None:
    frame = next(iter(CLIPS["passing"](1, 128)))
    brighter = np.clip(frame * 1.15, 0, 255).astype(np.uint8)
    assert difference(look(frame), look(brighter)) < CHANGE
