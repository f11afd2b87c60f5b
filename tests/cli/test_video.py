"""What a user relies on: one command paints a film, tells the time first, goes on after an end, fails in one line."""

import json
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import fields
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst import __main__ as command
from nst.cli.main import main as nst
from nst.cli.video import parser
from nst.config import FilmConfig, RunOptions
from nst.engine import transfer as engine
from nst.pictures.codec import encode_png
from tests.support.fake_engine import Record
from tests.support.films import flat, moving, read, write

pytestmark = pytest.mark.engine

SMALL = ("--size", "64", "--steps", "5", "--precision", "float32", "--memory", "4000")


def main(argv: Sequence[str]) -> int:
    """Run ``nst video`` and return its exit status."""
    return nst(["video", *argv])


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("clip") / "clip.mp4", moving(4, step=1), sound="aac")


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the frames that an engine without a network has been asked for."""
    asked: list[int] = []

    def stylize(content, *_: Any, config=None, **__: Any) -> Iterator[Any]:
        asked.append(len(asked) + 1)

        class Painted(Record):
            def picture(self) -> np.ndarray:
                return np.full(content.shape, 40, np.uint8)

        yield Painted(1, 1, 40, config=FilmConfig().first_frame())

    monkeypatch.setattr(engine, "stylize", stylize)
    return asked


def failure(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Run a command that fails, and return its one line."""
    assert main(argv) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_nst_video_is_this_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["nst", "video", "none.mp4", "irises", "-o", "out.mp4"])
    assert command.main() == 2
    assert capsys.readouterr().err.startswith("nst: none.mp4: expected a film or a folder of pictures")


def test_every_setting_of_a_film_and_of_a_run_has_an_option() -> None:
    names = [f"--{spec.name.replace('_', '-')}" for spec in (*fields(FilmConfig), *fields(RunOptions))]
    assert set(names) <= set(re.findall(r"--[a-z-]+", parser().format_help()))


def test_a_film_is_painted_and_said(
    painted: list[int], clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.mp4"
    assert main([str(clip), "irises", "-o", str(out), "--json", *SMALL]) == 0
    shown = capsys.readouterr()
    assert f"saved {out} with 4 frames" in shown.err
    assert re.search(
        r"nst: 4 frames of .+, 0 painted before; about \d+:\d\d for those that are left, [\d.]+ GB\.", shown.err
    )
    found = json.loads(shown.out.splitlines()[-1])
    assert (found["output"], found["frames"], found["painted"], found["left"]) == (str(out), 4, 4, 0)
    assert (found["evaluations"], found["interrupted"]) == (4, False)
    assert len(read(out)[0]) == 4


def test_a_preview_paints_two_frames_tells_the_time_and_is_gone_on_from(
    painted: list[int], clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.mp4"
    assert main([str(clip), "irises", "-o", str(out), "--preview", *SMALL]) == 0
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(f"nst: 2 of 4 frames are painted, in {out}.frames; about 0:")
    assert said.endswith("The same command goes on from them.")
    assert not out.exists()
    assert main([str(clip), "irises", "-o", str(out), *SMALL]) == 0
    assert painted == [1, 2, 3, 4]
    assert out.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_film_that_is_stopped_says_how_to_go_on(
    painted: list[int],
    clip: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    out, whole = tmp_path / "out.mp4", engine.stylize

    def stopping(*arguments: Any, **options: Any) -> Iterator[Any]:
        if len(painted) == 2:
            signal.raise_signal(number)  # to this thread: another one might tell it too late
        yield from whole(*arguments, **options)

    monkeypatch.setattr(engine, "stylize", stopping)
    assert main([str(clip), "irises", "-o", str(out), *SMALL]) == 128 + number
    # The stand-in for the engine is not stopped within a frame.
    assert "nst: 3 of 4 frames are painted" in capsys.readouterr().err.splitlines()[-1]


def test_an_estimate_paints_nothing(clip: Path, painted: list[int]) -> None:
    with redirect_stdout(StringIO()) as stdout:
        assert main([str(clip), "irises", "--estimate", "--json", "--quiet", *SMALL]) == 0
    found = json.loads(stdout.getvalue())
    assert (found["frames"], found["scenes"], found["width"], found["height"]) == (4, 1, 64, 48)
    assert found["evaluations"] == 5 + 3 * 1
    assert found["seconds"] > 0
    assert found["memory"] > 1e8
    with redirect_stdout(StringIO()) as stdout:
        assert main([str(clip), "irises", "--estimate", "--quiet", *SMALL]) == 0
    assert "4 frames of 64x48 px in 1 scene, 8 evaluations in float32 on" in stdout.getvalue()
    assert painted == []


# What fails


def test_without_the_library_one_sentence_says_what_to_install(
    clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    line = failure(capsys, str(clip), "irises", "-o", "out.mp4")
    assert line.startswith("nst: video: expected the package av, which reads and writes films, got none")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((), "-o: expected a file to save the result in, got none; add -o OUT.mp4."),
        (("-o", "out.avi"), "-o: expected a name that ends in .mp4, .mov, .mkv, got 'out.avi'."),
        (("-o", "no/where/out.mp4"), "-o: expected a folder that exists, got 'no/where'; make it first."),
        (("-o", "out.mp4", "--fps", "-1"), "fps: expected a number from 0 to 240, got '-1'."),
        (("-o", "out.mp4", "--init", "picture"), "init: expected content, noise or blend for a film's first frame"),
        (("-o", "out.mp4", "--sharpness", "3"), "unrecognized arguments: --sharpness 3"),
    ],
)
def test_what_was_asked_wrongly_is_said_before_the_work(
    clip: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], expected: str
) -> None:
    assert expected in failure(capsys, str(clip), "irises", *more)


def test_a_film_is_not_written_over_itself(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "expected a file other than the inputs" in failure(capsys, str(clip), "irises", "-o", str(clip))


def test_a_broken_film_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(500))
    line = failure(capsys, str(tmp_path / "clip.mp4"), "irises", "-o", str(tmp_path / "out.mp4"))
    assert line.startswith("nst: clip.mp4: expected a film that can be read")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["clip.mp4"]


def test_a_folder_is_a_film(painted: list[int], tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(2):
        (tmp_path / "in" / f"{number}.png").write_bytes(encode_png(flat(100)))
    assert main([str(tmp_path / "in"), "irises", "-o", str(tmp_path / "out.mp4"), "--quiet", *SMALL]) == 0
    assert len(read(tmp_path / "out.mp4")[0]) == 2
