"""The bounded record of a run, and the animation made of it."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from nst.jobs.thinning import Thinned
from nst.pictures.timelapse import FRAME_MS, LAST_MS, animation, before_and_after, gif


@pytest.mark.parametrize(
    ("count", "kept"),
    [
        (3, [0, 1, 2]),
        (4, [0, 1, 2, 3]),
        (5, [0, 2, 4]),
        (8, [0, 2, 4, 6]),
        (9, [0, 4, 8]),
        (33, [0, 16, 32]),
    ],
)
def test_of_a_long_sequence_evenly_spaced_items_are_kept(count: int, kept: list[int]) -> None:
    record: Thinned[int] = Thinned(4)
    for item in range(count):
        record.add(item)
    assert record.items == kept


def test_the_animation_has_every_frame_at_the_last_one_s_size() -> None:
    frames = [np.full((height, 2 * height, 3), 60 * number, np.uint8) for number, height in enumerate((10, 40, 20))]
    film = Image.open(BytesIO(animation(frames)))
    shown: list[Any] = [
        (frame.size, frame.info["duration"], frame.convert("RGB").getpixel((20, 10))) for frame in frames_of(film)
    ]
    assert [size for size, _, _ in shown] == [(40, 20)] * 3
    assert [duration for _, duration, _ in shown] == [FRAME_MS, FRAME_MS, LAST_MS]
    assert all(abs(colour[0] - 60 * number) < 6 for number, (_, _, colour) in enumerate(shown))
    assert film.info["loop"] == 0


def frames_of(film: Image.Image) -> list[Image.Image]:
    frames = []
    for frame in ImageSequence.Iterator(film):
        frame.load()
        copy = frame.copy()
        copy.info = dict(frame.info)
        frames.append(copy)
    return frames


def test_a_gif_has_the_same_frames() -> None:
    frames = [np.full((20, 40, 3), 60 * number, np.uint8) for number in range(3)]
    film = Image.open(BytesIO(gif(frames)))
    levels: list[Any] = [frame.convert("RGB").getpixel((20, 10)) for frame in frames_of(film)]
    assert film.format == "GIF"
    assert [level[0] for level in levels] == [0, 60, 120]


def test_before_and_after_are_beside_each_other_at_the_result_s_size() -> None:
    photo, result = np.full((50, 100, 3), 10, np.uint8), np.full((20, 40, 3), 200, np.uint8)
    both = before_and_after(photo, result)
    assert both.shape[0] == 20
    assert (both[:, :40] == 10).all()
    assert (both[:, -40:] == 200).all()
    assert (both[:, 40:-40] == 255).all()
