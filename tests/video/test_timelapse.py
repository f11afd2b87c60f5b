"""The time-lapse as a film."""

from io import BytesIO

import numpy as np
import pytest

from nst.pictures.timelapse import FRAME_MS, LAST_MS
from nst.video.timelapse import mp4


def test_the_film_ends_with_the_result_for_a_while_and_has_even_sides() -> None:
    av = pytest.importorskip("av")
    frames = [np.full((height, 61, 3), 60 * number, np.uint8) for number, height in enumerate((31, 41, 41))]
    with av.open(BytesIO(mp4(frames))) as film:
        shown = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert shown[0].shape == (40, 60, 3)
    assert len(shown) == 3 + LAST_MS // FRAME_MS
    assert abs(float(shown[0].mean())) < 8
    assert abs(float(shown[-1].mean()) - 120) < 8
