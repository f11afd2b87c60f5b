"""What is marked on a picture: what comes last lies on top, and there is a way back."""

import numpy as np
import pytest

from nst.errors import MaskError
from nst.masks.editing import MOST_BYTES_BACK, MOST_STEPS_BACK, MaskEdits
from nst.masks.mask import Mask, layered
from nst.masks.strokes import Stroke

SHAPE = (40, 60)
LEFT = np.repeat([[1.0] * 30 + [0.0] * 30], 40, 0).astype(np.float32)
RAMP: Mask = np.tile((np.rint(np.linspace(0, 255, 60)) / 255).astype(np.float32), (40, 1))
#: Covers the whole picture from left to right, but for the top and the bottom.
BAR = Stroke(0, 0.1, ((0.0, 0.5), (1.0, 0.5)))
ERASER = Stroke(None, 0.25, ((0.0, 0.5), (1.0, 0.5)))


def test_nothing_is_marked_at_first() -> None:
    assert MaskEdits(SHAPE).masks == {}
    assert MaskEdits(SHAPE).packed == {}


def test_strokes_lie_on_top_of_what_was_found_and_are_part_of_it_later() -> None:
    marks = MaskEdits(SHAPE).marked(1, LEFT).painted((BAR,))
    for each in (marks, marks.marked(2, np.zeros(SHAPE, np.float32))):
        assert each.masks.keys() == {0, 1}
        assert each.masks[0][20, 10] == each.masks[0][20, 50] == 1
        assert each.masks[1][20, 10] == 0
        assert each.masks[1][2, 10] == 1


def test_eraser_takes_away_what_was_found() -> None:
    masks = MaskEdits(SHAPE).marked(0, LEFT).painted((ERASER,)).masks
    assert masks[0][20, 10] == 0
    assert masks[0][2, 10] == 1


def test_mask_is_added_to_a_region_or_put_in_its_place_and_taken_from_others() -> None:
    marks = MaskEdits(SHAPE).marked(0, LEFT).marked(1, RAMP)
    np.testing.assert_allclose(marks.masks[0], LEFT * (1 - RAMP), rtol=1e-6)
    np.testing.assert_allclose(np.max(sum(marks.masks.values())), 1)
    np.testing.assert_allclose(marks.marked(0, 1 - LEFT).masks[0], np.maximum(LEFT * (1 - RAMP), 1 - LEFT), rtol=1e-6)
    np.testing.assert_allclose(marks.marked(0, 1 - LEFT, instead=True).masks[0], 1 - LEFT, rtol=1e-6)


def test_masks_of_another_size_are_resampled() -> None:
    assert MaskEdits(SHAPE).marked(0, np.ones((20, 30), np.float32)).masks[0].shape == SHAPE


def test_packed_masks_give_the_masks_back_when_a_job_lays_them_over_each_other() -> None:
    marks = MaskEdits(SHAPE).marked(0, np.ones(SHAPE, np.float32)).marked(2, RAMP)
    assert list(marks.packed) == [0, 2]
    seen = layered([packed.mask for packed in marks.packed.values()], ["one", "other"])
    for found, expected in zip(seen, marks.masks.values(), strict=True):
        np.testing.assert_allclose(found, expected, atol=1 / 30)


def test_marks_of_masks_show_what_is_visible_of_them() -> None:
    marks = MaskEdits.of([np.ones((20, 30), np.float32), LEFT], ["ground", "sky"])
    assert marks.shape == SHAPE
    np.testing.assert_allclose(marks.masks[0], 1 - LEFT)
    np.testing.assert_allclose(marks.masks[1], LEFT)
    with pytest.raises(MaskError, match="region ground"):
        MaskEdits.of([LEFT, LEFT], ["ground", "sky"])


def test_subject_and_background_share_the_picture() -> None:
    masks = MaskEdits(SHAPE).marked(2, LEFT).split(RAMP).masks
    assert masks.keys() == {0, 1}
    np.testing.assert_allclose(masks[0] + masks[1], 1)


def test_region_that_is_removed_leaves_no_gap() -> None:
    marks = MaskEdits(SHAPE).marked(0, LEFT).marked(2, 1 - LEFT).without(1)
    assert marks.masks.keys() == {0, 1}
    np.testing.assert_array_equal(marks.masks[1], 1 - LEFT)
    assert not marks.past, "nothing brings a region back whose painting is forgotten"


def test_only_the_regions_that_there_are_stay_marked() -> None:
    marks = MaskEdits(SHAPE).marked(0, LEFT).painted((Stroke(1, 0.1, ((0.8, 0.5),)),))
    assert marks.limited(2) is marks
    assert marks.limited(1).masks.keys() == {0}


def test_undo_brings_back_masks_and_strokes() -> None:
    painted = MaskEdits(SHAPE).marked(1, LEFT).painted((BAR,))
    cleared = painted.cleared()
    assert cleared.masks == {}
    back = cleared.undone()
    assert (back.stored, back.strokes) == (painted.stored, painted.strokes)
    start = back.undone()
    assert (start.masks, start.past) == ({}, ())
    assert start.undone() is start


def test_steps_back_are_bounded() -> None:
    marks = MaskEdits(SHAPE)
    for _ in range(MOST_STEPS_BACK + 5):
        marks = marks.marked(0, LEFT)
    assert len(marks.past) == MOST_STEPS_BACK
    assert not any(each.past for each in marks.past)


def test_every_change_but_a_stroke_makes_another_edition() -> None:
    marks = MaskEdits(SHAPE)
    assert marks.painted((BAR,)).edition == marks.edition
    editions = {
        each.edition for each in (marks, marks.marked(0, LEFT), marks.cleared(), marks.marked(0, LEFT).undone())
    }
    assert len(editions) == 4


def test_steps_back_take_little_memory_even_of_masks_that_hardly_compress() -> None:
    chance = np.random.default_rng(0)
    marks = MaskEdits((427, 640))
    for _ in range(20):
        noise = chance.random((427, 640), np.float32)
        marks = marks.marked(0, noise, instead=True)
        assert marks.masks
    assert 1 <= len(marks.past) < MOST_STEPS_BACK, "the oldest are gone"
    assert sum(step.size for step in marks.past) <= MOST_BYTES_BACK
    assert not any("masks" in vars(step) for step in marks.past)


def test_steps_back_count_their_strokes() -> None:
    line = Stroke(0, 0.01, ((0.5, 0.5),) * 10_000)
    marks = MaskEdits(SHAPE)
    for _ in range(5):
        marks = marks.painted((line,)).cleared()
    assert 0 < len(marks.past) < 5


def test_marks_at_rest_hold_nothing_but_what_was_marked() -> None:
    marks = MaskEdits(SHAPE).marked(0, LEFT)
    assert marks.packed
    rest = marks.at_rest()
    assert not {"masks", "packed"} & vars(rest).keys()
    assert (rest.stored, rest.past, rest.edition) == (marks.stored, marks.past, marks.edition)
