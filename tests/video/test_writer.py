"""Writing films: what comes out is what was painted, when it was shown, with the sound of the film it was made of."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from nst.errors import FilmError
from nst.video.film import open_film
from nst.video.survey import Survey
from nst.video.writer import check_suffix, write_film
from tests.support.films import SHAPE, flat, heard, moving, read, write

TIMES = tuple(Fraction(number, 25) for number in range(25))


def survey(times: tuple[Fraction, ...] = TIMES) -> Survey:
    return Survey(SHAPE, times, (0,))


def written(folder: Path, source: Path, name: str = "out.mp4", start: float = 0.0, times=TIMES) -> Path:
    pictures = iter([flat(40 + 5 * number) for number in range(len(times))])
    write_film(pictures, survey(times), folder / name, folder / f"unfinished-{name}", open_film(source), start, "{}")
    return folder / name


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    return write(tmp_path / "silent.mp4", moving(3))


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv"])
def test_frames_and_their_times_are_those_that_were_painted(tmp_path: Path, silent: Path, name: str) -> None:
    times = tuple(Fraction(number, 1000) for number in (0, 40, 200, 240, 1000))
    frames, found = read(written(tmp_path, silent, name, times=times))
    np.testing.assert_allclose([frame.mean() for frame in frames], [40, 45, 50, 55, 60], atol=2)
    assert [float(time) for time in found] == pytest.approx([0, 0.04, 0.2, 0.24, 1], abs=2e-3)
    assert not (tmp_path / f"unfinished-{name}").exists()


@pytest.mark.parametrize("colour", [(200, 40, 30), (20, 180, 60), (30, 60, 220)])
def test_colours_are_those_that_were_painted_and_the_film_says_which_they_are(
    tmp_path: Path, silent: Path, colour: tuple[int, int, int]
) -> None:
    picture = np.broadcast_to(np.array(colour, np.uint8), (*SHAPE, 3)).copy()
    path = tmp_path / "out.mp4"
    write_film(iter([picture] * 3), survey(TIMES[:3]), path, tmp_path / "film.mp4", open_film(silent), 0, "{}")
    np.testing.assert_allclose(next(open_film(path).frames()).pixels.mean(axis=(0, 1)), colour, atol=4)
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).colorspace == 1  # BT.709


def test_the_comment_is_kept(tmp_path: Path, silent: Path) -> None:
    path = tmp_path / "out.mp4"
    about = '{"film": "häuser ☂"}'
    write_film(iter([flat(9)]), survey(TIMES[:1]), path, tmp_path / "film.mp4", open_film(silent), 0, about)
    with av.open(str(path)) as container:
        assert container.metadata["comment"] == about


@pytest.mark.parametrize(("name", "sound", "kept"), [("a.mp4", "aac", "aac"), ("a.mkv", "pcm_s16le", "aac")])
def test_the_sound_is_kept_or_encoded_anew(tmp_path: Path, name: str, sound: str, kept: str) -> None:
    codec, levels, tracks = heard(written(tmp_path, write(tmp_path / name, moving(25), sound=sound)))
    assert (codec, tracks) == (kept, 1)
    assert levels[:4].max() < 0.02  # silent for half a second, as written
    assert levels[6:9].min() > 0.3


@pytest.mark.parametrize(("name", "sound"), [("a.mp4", "aac"), ("a.mkv", "pcm_s16le")])
def test_the_sound_of_a_part_is_that_of_the_part(tmp_path: Path, name: str, sound: str) -> None:
    source = write(tmp_path / name, moving(25), sound=sound)
    _, levels, _ = heard(written(tmp_path, source, start=0.3, times=TIMES[:15]))
    # It begins 0.3 s later, so the tone is heard after 0.2 s, and ends with the pictures after 0.6 s.
    assert levels[0] < 0.02
    assert levels[3:6].min() > 0.3
    assert len(levels) <= 8


def test_a_film_that_cannot_be_written_is_said_and_leaves_what_was_there(tmp_path: Path, silent: Path) -> None:
    (tmp_path / "out.mp4").mkdir()
    with pytest.raises(FilmError, match="-o: expected a film that can be written, got Is a directory"):
        written(tmp_path, silent)
    assert (tmp_path / "out.mp4").is_dir()


def test_only_names_of_films_are_taken() -> None:
    with pytest.raises(FilmError, match=r"-o: expected a name that ends in .mp4, .mov, .mkv, got 'a.avi'"):
        check_suffix(Path("a.avi"))
    check_suffix(Path("A.MP4"))
