"""What a user relies on: whatever ends a painting from the shell, the best picture so far is saved and that is said.

An engine without a network stands in for the real one.
"""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.cli.main import main
from nst.engine import transfer
from nst.errors import Interrupted
from nst.pictures.codec import encode_png, read_picture_file, read_recipe_text, resize
from nst.pictures.gallery import load_gallery
from nst.recipes.recipe import Recipe
from tests.support.fake_engine import Record

Play = Callable[[Callable[[], Iterator[Any]]], None]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Let records stand in for those of the engine."""
    return lambda records: monkeypatch.setattr(transfer, "stylize", lambda *_, **__: records())


def run(out: Path, *more: str) -> int:
    return main(["pagoda", "irises", "-o", str(out), *more])


def evaluations(out: Path) -> int | None:
    text = read_recipe_text(out.read_bytes())
    assert text is not None
    return Recipe.from_json(text).evaluations


def three_steps_and(error: BaseException) -> Callable[[], Iterator[Record]]:
    def records() -> Iterator[Record]:
        yield from (Record(step, 5, level=10 * step) for step in (1, 2, 3))
        raise error

    return records


def test_out_of_memory_saves_the_best_picture_and_is_said(
    play: Play, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play(three_steps_and(MemoryError()))
    out = tmp_path / "out.png"
    assert run(out) == 2
    assert (read_picture_file(out).pixels == 30).all()
    assert evaluations(out) == 3
    *_, saved, error = capsys.readouterr().err.splitlines()
    assert saved.startswith(f"nst: interrupted; the best picture so far is saved {out} after 3 of 5 evaluations")
    assert error == "nst: the computer ran out of memory; try a smaller --size."


def test_a_bug_saves_the_best_picture_and_is_told_in_full(play: Play, tmp_path: Path) -> None:
    play(three_steps_and(RuntimeError("a bug")))
    out = tmp_path / "out.png"
    with pytest.raises(RuntimeError, match="a bug"):
        run(out)
    assert (read_picture_file(out).pixels == 30).all()
    assert evaluations(out) == 3


def test_without_memory_to_finish_the_picture_it_is_said_that_nothing_is_left(
    play: Play, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Unfinished(Record):
        def picture(self) -> np.ndarray:
            raise MemoryError

    play(lambda: iter([Unfinished(1, 5, level=1)]))
    out = tmp_path / "out.png"
    assert run(out, "--quiet") == 2
    assert not out.exists()
    assert "while the picture was being finished, and nothing of it is left" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_a_signal_saves_the_best_picture(number: int, play: Play, tmp_path: Path) -> None:
    def records() -> Iterator[Record]:
        yield Record(1, 5, level=10)
        os.kill(os.getpid(), number)
        yield Record(2, 5, level=20)
        raise AssertionError("went on")

    play(records)
    before = signal.signal(number, signal.default_int_handler)  # as a background job may ignore it
    try:
        assert run(tmp_path / "out.png") == 128 + number
    finally:
        signal.signal(number, before)
    assert (read_picture_file(tmp_path / "out.png").pixels == 20).all()
    assert evaluations(tmp_path / "out.png") == 2


def test_a_signal_ends_judging_a_picture_between_two_tiles(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def evaluate(*_: Any, interrupted: Callable[[], bool], **__: Any) -> None:
        assert not interrupted()
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupted()
        raise Interrupted

    monkeypatch.setattr(transfer, "evaluate", evaluate)
    picture = tmp_path / "picture.png"
    picture.write_bytes(encode_png(resize(load_gallery().find("pagoda", "photo").read().pixels, 96)))
    assert main(["pagoda", "irises", "--evaluate", str(picture)]) == 128 + signal.SIGTERM
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1] == "nst: stopped before J was known."


def test_where_the_folder_has_gone_the_picture_is_saved_elsewhere_and_it_is_said(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, here = tmp_path / "folder", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)

    def records() -> Iterator[Record]:
        yield from (Record(step, 5, level=10 * step) for step in range(1, 6))
        shutil.rmtree(folder)

    play(records)
    assert run(folder / "out.png", "--quiet") == 2
    (saved,) = here.iterdir()
    assert (read_picture_file(saved).pixels == 50).all()
    said = capsys.readouterr().err
    assert "-o: expected a file that can be written, got No such file or directory" in said
    assert f"the picture is saved as {str(saved)!r} instead." in said
