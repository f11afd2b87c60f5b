"""What the benchmark of films computes, by hand."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.clips import CLIPS
from benchmarks.video import flicker
from tests.support.films import flat, textured

pytestmark = pytest.mark.engine


def test_flicker_of_a_still_clip_is_how_far_its_painted_frames_are_apart() -> None:
    painted = [flat(10), flat(13), flat(12)]
    # Steps of 3 and 1: the means of 3 and 1, and of 9 and 1.
    assert flicker([textured(1)] * 3, painted) == pytest.approx({"grey_levels": 2, "squares": 5})


def test_a_painting_that_moves_with_the_clip_does_not_flicker() -> None:
    wide, brush = textured(1, (48, 72)), textured(2, (48, 72))
    clip, painted = ([each[:, at : at + 64] for at in (0, 4)] for each in (wide, brush))
    moved = flicker(clip, painted)["grey_levels"]
    assert moved < 0.2 * flicker(clip, [brush[:, :64], brush[:, :64]])["grey_levels"]


@pytest.mark.parametrize("name", CLIPS)
def test_clips_move_and_keep_their_size(name: str) -> None:
    frames = list(CLIPS[name](3, 96))
    assert {frame.shape for frame in frames} == {(54, 96, 3)}
    assert all(np.abs(one.astype(int) - other).mean() > 0.2 for one, other in pairwise(frames))
