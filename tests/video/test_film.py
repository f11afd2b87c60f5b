"""Reading films: real files of several kinds, their times, and a sentence for what is none."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from nst.config import FilmConfig
from nst.errors import FilmError, ImageError, Interrupted
from nst.pictures.codec import encode_png
from nst.video import film as films
from nst.video import survey as surveys
from nst.video.film import chosen, open_film
from nst.video.survey import Survey
from tests.support.films import SHAPE, flat, moving, textured, write

LEVELS = [flat(level) for level in (20, 60, 100, 140, 180, 220)]


def levels(path: Path, config: FilmConfig | None = None) -> list[tuple[int, Fraction]]:
    """The grey level of each frame that is chosen, to the nearest ten, and its time."""
    return [
        (round(float(each.pixels.mean()) / 10) * 10, each.time)
        for each in chosen(open_film(path), config or FilmConfig())
    ]


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov", "clip.mkv", "clip.avi"])
def test_frames_come_in_order_with_their_times(tmp_path: Path, name: str) -> None:
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    found = levels(write(tmp_path / name, LEVELS, codec=codec))
    assert [level for level, _ in found] == [20, 60, 100, 140, 180, 220]
    assert [float(time) for _, time in found] == pytest.approx([number / 25 for number in range(6)], abs=2e-3)


def test_colours_are_those_of_the_film(tmp_path: Path) -> None:
    red = np.broadcast_to(np.array([200, 40, 30], np.uint8), (*SHAPE, 3))
    frame = next(open_film(write(tmp_path / "red.mp4", [red] * 3)).frames())
    np.testing.assert_allclose(frame.pixels.mean(axis=(0, 1)), [200, 40, 30], atol=4)


def test_frames_that_are_shown_for_different_times_keep_them(tmp_path: Path) -> None:
    times = [Fraction(number, 100) for number in (0, 4, 20, 24, 60, 64)]
    found = levels(write(tmp_path / "clip.mp4", LEVELS, times=times))
    assert [float(time) for _, time in found] == pytest.approx(list(map(float, times)), abs=1e-3)


def test_an_animated_gif_is_a_film_and_its_transparent_parts_are_white(tmp_path: Path) -> None:
    images = [Image.new("RGBA", (40, 30), (0, 0, 0, 0)) for _ in range(2)]
    for number, image in enumerate(images):
        image.paste((255, 0, 0, 255), (5, 5, 15 + number, 15))
    images[0].save(tmp_path / "a.gif", save_all=True, append_images=images[1:], duration=200, loop=0, disposal=2)
    frames = list(open_film(tmp_path / "a.gif").frames())
    assert [frame.time - frames[0].time for frame in frames] == [0, Fraction(1, 5)]
    np.testing.assert_array_equal(frames[0].pixels[0, 0], [255, 255, 255])
    np.testing.assert_array_equal(frames[0].pixels[10, 10], [255, 0, 0])


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for number, level in ((10, 60), (9, 20), (11, 100)):
        (tmp_path / f"shot{number}.png").write_bytes(encode_png(flat(level)))
    (tmp_path / "notes.txt").write_text("no picture")
    assert levels(tmp_path) == [(20, 0), (60, Fraction(1, 25)), (100, Fraction(2, 25))]
    assert levels(tmp_path, FilmConfig(fps=10)) == [(20, 0), (60, Fraction(1, 10)), (100, Fraction(1, 5))]


def test_a_part_is_painted_by_start_and_seconds_and_begins_at_0(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", LEVELS)
    assert levels(path, FilmConfig(start=0.08, seconds=0.1)) == [
        (100, 0), (140, Fraction(1, 25)), (180, Fraction(2, 25)),
    ]  # fmt: skip


def test_fewer_frames_a_second_leave_some_out(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", LEVELS)
    assert [level for level, _ in levels(path, FilmConfig(fps=12.5))] == [20, 100, 180]
    assert len(levels(path, FilmConfig(fps=60))) == 6


def test_scenes_and_size_are_found_by_looking_through(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", [*moving(3), *moving(2, seed=5)])
    found = Survey.of(open_film(path), FilmConfig(size=64))
    assert (found.frames, found.scenes, found.shape) == (5, (0, 3), SHAPE)
    assert found.fps == pytest.approx(25, rel=1e-3)
    assert Survey.from_dict(found.to_dict()) == found
    assert Survey.of(open_film(path), FilmConfig(size=64, scene_change=1)).scenes == (0,)


@pytest.mark.parametrize(("side", "expected"), [(64, (46, 62)), (512, (46, 62))])
def test_frames_are_never_larger_than_they_are_and_even(tmp_path: Path, side: int, expected: tuple[int, int]) -> None:
    (tmp_path / "1.png").write_bytes(encode_png(textured(1, (47, 63))))
    assert Survey.of(open_film(tmp_path), FilmConfig(size=side)).shape == expected


def test_looking_through_can_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        Survey.of(open_film(write(tmp_path / "clip.mp4", LEVELS)), FilmConfig(), lambda: True)


# What is none


def test_a_file_that_is_no_film_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a film\n" * 100)
    with pytest.raises(FilmError, match=r"notes.mp4: expected a film that can be read, got a damaged file"):
        list(open_film(tmp_path / "notes.mp4").frames())


def test_a_film_that_is_cut_off_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", moving(20))
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(FilmError, match="expected a film that can be read"):
        list(open_film(path).frames())


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(FilmError, match="got a file without moving pictures"):
        list(open_film(path).frames())


def test_a_path_where_there_is_nothing_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(FilmError, match="got a path where there is none"):
        open_film(tmp_path / "none.mp4")
    with pytest.raises(FilmError, match="expected a folder of pictures, got none in it"):
        list(open_film(tmp_path).frames())


def test_a_folder_with_pictures_of_two_sizes_or_a_broken_one_is_said(tmp_path: Path) -> None:
    for number, shape in enumerate([(48, 64), (40, 64)]):
        (tmp_path / f"{number}.png").write_bytes(encode_png(flat(9, shape)))
    with pytest.raises(FilmError, match=r"expected pictures of one size, 64x48, got 64x40 in '1.png'"):
        list(open_film(tmp_path).frames())
    (tmp_path / "1.png").write_bytes(b"no picture")
    with pytest.raises(ImageError, match="expected a JPEG"):
        list(open_film(tmp_path).frames())


def test_a_film_of_too_many_frames_or_too_large_ones_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "clip.mp4", LEVELS)
    monkeypatch.setattr(surveys, "MAX_FRAMES", 5)
    with pytest.raises(FilmError, match=r"expected at most 5 frames, got more; paint a part by --start and --seconds"):
        Survey.of(open_film(path), FilmConfig())
    monkeypatch.setattr(films, "MAX_PIXELS", 1000)
    with pytest.raises(FilmError, match=r"expected frames of at most 0.001 megapixels, got 64x48"):
        Survey.of(open_film(path), FilmConfig())


def test_a_start_behind_the_end_is_said(tmp_path: Path) -> None:
    with pytest.raises(FilmError, match="expected frames to paint, got none; check --start"):
        Survey.of(open_film(write(tmp_path / "clip.mp4", LEVELS)), FilmConfig(start=9))


def test_a_playlist_opens_no_other_file_by_the_network(tmp_path: Path) -> None:
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n")
    with pytest.raises(FilmError):
        list(open_film(tmp_path / "list.m3u8").frames())
