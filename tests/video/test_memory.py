"""What the frames before say of a frame: the nearest one that shows a place, and nothing where none does."""

import numpy as np
import pytest

from nst.video import memory
from nst.video.memory import Memory, Painted, expected
from tests.support.films import flat, textured

STILL = textured(1)


def test_at_the_beginning_nothing_is_known() -> None:
    assert Memory().target(STILL) is None


def test_after_a_cut_nothing_is_known() -> None:
    subject = Memory()
    subject.keep(STILL, flat(1))
    subject.forget()
    assert subject.target(STILL) is None


def test_of_a_still_scene_the_last_painted_frame_says_all() -> None:
    subject = Memory()
    for level in (10, 20, 30):
        subject.keep(STILL, flat(level))
    target = subject.target(STILL)
    assert (target.picture == 30).all()
    assert (target.weights == 1).all()


def test_a_target_is_moved_to_where_things_are_now() -> None:
    wide, painted = textured(2, (48, 72)), textured(3, (48, 72))
    target, done = expected(wide[:, 4:68], [Painted(wide[:, :64], painted[:, :64])])
    known = target.weights[8:-8, 8:-8] > 0
    assert known.mean() > 0.8
    np.testing.assert_array_equal(done, target.weights)
    error = np.abs(target.picture[8:-8, 8:-8].astype(int) - painted[8:-8, 12:60])
    assert error[known].mean() < 4


def test_what_the_nearest_frame_hides_is_taken_from_further_back(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of four columns of pixels the last frame knows the first, the one 2 before the first two, the one 4 before three.
    masks = iter(np.repeat(np.array([each], np.float32), 48, 0) for each in ([1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0]))
    masks_wide = (np.repeat(each, 16, 1) for each in masks)
    monkeypatch.setattr(memory, "reliable", lambda there, back: next(masks_wide))
    subject = Memory()
    for level in (50, 40, 30, 20, 10):  # 10 is the last; 20 is 2 before, 40 is 4 before
        subject.keep(STILL, flat(level), settled=True)
    target = subject.target(STILL)
    columns = slice(8, None, 16)
    # What none knows has the colours that the last frame was painted in.
    np.testing.assert_array_equal(target.picture[0, columns, 0], [10, 20, 40, 10])
    np.testing.assert_array_equal(target.weights[0, columns], [1, 1, 1, 0])


def test_what_comes_into_sight_begins_in_the_colours_that_the_frame_before_was_painted_in() -> None:
    wide = textured(4, (48, 72))
    painted = np.clip(0.5 * wide[..., ::-1].astype(float) + 40, 0, 255).astype(np.uint8)
    target, _ = expected(wide[:, 8:], [Painted(wide[:, :64], painted[:, :64])])
    new = target.weights[:, -8:] == 0
    assert new.mean() > 0.9
    assert np.abs(target.picture[:, -8:].astype(int) - painted[:, -8:])[new].mean() < 3


def test_what_has_come_into_sight_is_held_more_firmly_with_every_frame_until_it_has_its_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half = np.repeat(np.array([[1, 0]], np.float32), 48, 0).repeat(32, 1)
    monkeypatch.setattr(memory, "reliable", lambda there, back: half)
    subject = Memory(share=0.25)
    subject.keep(STILL, STILL)
    subject.keep(STILL, STILL)  # in which the right half is new
    monkeypatch.setattr(memory, "reliable", lambda there, back: np.ones_like(half))
    for done in (0.25, 0.5, 0.75, 1, 1):
        target = subject.target(STILL)
        assert target.weights[:, :20] == pytest.approx(1)
        assert target.weights[:, 44:] == pytest.approx(done**3)
        subject.keep(STILL, STILL)


def test_a_film_that_goes_on_knows_what_was_new_and_takes_what_is_long_ago_for_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "reliable", lambda there, back: np.zeros(there.shape[:2], np.float32))
    whole, resumed = Memory(share=0.25), Memory(share=0.25)
    for number in range(4):
        whole.target(STILL)
        whole.keep(STILL, STILL)
        resumed.keep(STILL, STILL, settled=number < 1)
    monkeypatch.setattr(memory, "reliable", lambda there, back: np.ones(there.shape[:2], np.float32))
    for subject in (whole, resumed):
        assert subject.target(STILL).weights == pytest.approx(0.25**3)
