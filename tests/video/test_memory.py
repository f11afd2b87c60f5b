"""What the frames before say of a frame: the nearest one that shows a place, and nothing where none does."""

import numpy as np
import pytest

from nst.video import memory
from nst.video.memory import Memory, Painted, temporal_target
from tests.support.films import flat, textured

STILL = textured(1)


def test_at_the_beginning_nothing_is_known() -> None:
    assert Memory().target(STILL) is None


def test_after_a_cut_nothing_is_known() -> None:
    subject = Memory()
    subject.keep(Painted(STILL, flat(1)))
    subject.forget()
    assert subject.target(STILL) is None


def test_of_a_still_scene_the_last_painted_frame_says_all() -> None:
    subject = Memory()
    for level in (10, 20, 30):
        subject.keep(Painted(STILL, flat(level)))
    target = subject.target(STILL)
    assert (target.picture == 30).all()
    assert (target.weights == 1).all()


def test_a_target_is_moved_to_where_things_are_now() -> None:
    wide, painted = textured(2, (48, 72)), textured(3, (48, 72))
    target = temporal_target(wide[:, 4:68], [Painted(wide[:, :64], painted[:, :64])])
    known = target.weights[8:-8, 8:-8] > 0
    assert known.mean() > 0.8
    error = np.abs(target.picture[8:-8, 8:-8].astype(int) - painted[8:-8, 12:60])
    assert error[known].mean() < 4


def test_what_the_nearest_frame_hides_is_taken_from_further_back(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of four columns of pixels the last frame knows the first, the one 2 before the first two, the one 4 before three.
    masks = iter(np.repeat(np.array([each], np.float32), 48, 0) for each in ([1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0]))
    masks_wide = (np.repeat(each, 16, 1) for each in masks)
    monkeypatch.setattr(memory, "reliable", lambda there, back: next(masks_wide))
    subject = Memory()
    for level in (50, 40, 30, 20, 10):  # 10 is the last; 20 is 2 before, 40 is 4 before
        subject.keep(Painted(STILL, flat(level)))
    target = subject.target(STILL)
    columns = slice(8, None, 16)
    # What none knows is the frame's own.
    np.testing.assert_array_equal(target.picture[0, columns, 0], [10, 20, 40, STILL[0, 56, 0]])
    np.testing.assert_array_equal(target.weights[0, columns], [1, 1, 1, 0])
