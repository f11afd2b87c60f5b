"""What a user relies on: one command paints a folder, does nothing twice, and a broken file ends nothing.

An engine without a network stands in for the real one, but in the last test.
"""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst.cli.main import main
from nst.config import StyleTransferConfig
from nst.engine import transfer
from nst.pictures.codec import encode_jpeg, encode_png, read_picture_file, read_recipe_text
from nst.pictures.gallery import load_gallery
from nst.recipes.recipe import Recipe
from tests.support.fake_engine import Record
from tests.support.files import colourful

pytestmark = pytest.mark.engine

#: Of the fake engine's run: one coarse size and the last one.
STEPS = 4


class Engine:
    """Yields pictures of one grey level; does what `at` says at a record, given as (run from 1, step)."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.at: dict[tuple[int, int], Any] = {}

    def __call__(self, content: Any, styles: Any, config: Any, run: Any, *, initial: Any, **_: Any) -> Iterator[Record]:
        self.runs.append({"content": content, "styles": styles, "config": config, "initial": initial})
        number = len(self.runs)
        last = config.steps if initial is not None else 2 * STEPS
        for step in range(1, last + 1):
            scale = 2 if initial is not None or step > STEPS else 1
            yield Record(step, last, 10 * number + step, scale=scale, config=config)
            self.at.get((number, step), lambda: None)()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    fake = Engine()
    monkeypatch.setattr(transfer, "stylize", fake)
    return fake


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two photos, two paintings of the same names, and a file that is no picture."""
    monkeypatch.chdir(tmp_path)
    for place in ("photos", "paintings"):
        (tmp_path / place).mkdir()
        for level, name in enumerate(("a", "b")):
            pixels = colourful(256, 256) // (1 + level + 2 * (place == "paintings"))
            (tmp_path / place / f"{name}.jpg").write_bytes(encode_jpeg(pixels))
    (tmp_path / "photos" / "notes.txt").write_text("no picture, and not called one")
    return tmp_path


def batch(*words: str) -> int:
    return main(["batch", *words, "--steps", str(STEPS), "--size", "256", "--precision", "float32"])


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def recipe_of(path: Path) -> Recipe:
    text = read_recipe_text(path.read_bytes())
    assert text is not None
    return Recipe.from_json(text)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_photo_is_painted_with_every_painting_under_a_name_that_tells(folder: Path, engine: Engine) -> None:
    assert batch("photos", "paintings", "-o", "made/here") == 0
    assert names(folder / "made/here") == ["a--a.png", "a--b.png", "b--a.png", "b--b.png"]
    recipe = recipe_of(folder / "made/here/b--a.png")
    assert (recipe.content.name, recipe.styles[0].name) == ("b.jpg", "a.jpg")
    np.testing.assert_array_equal(engine.runs[2]["content"], read_picture_file("photos/b.jpg").pixels)


def test_what_is_done_is_left_and_what_changed_is_painted_anew_with_the_old_one_kept(
    folder: Path, engine: Engine
) -> None:
    assert batch("photos", "paintings", "-o", "made") == 0
    before = (folder / "made/a--b.png").read_bytes()
    assert batch("photos", "paintings", "-o", "made") == 0
    assert len(engine.runs) == 4
    (folder / "photos/b.jpg").write_bytes(encode_jpeg(colourful(256, 256)[::-1]))
    assert batch("photos", "paintings", "-o", "made") == 0
    assert len(engine.runs) == 6  # those of the photo that is another now
    assert batch("photos", "paintings", "-o", "made", "--seed", "1") == 0
    assert len(engine.runs) == 10
    assert (folder / "made/earlier/a--b.png").read_bytes() == before
    assert names(folder / "made/earlier") == [
        "a--a.png", "a--b.png", "b--a-2.png", "b--a.png", "b--b-2.png", "b--b.png",
    ]  # fmt: skip


def test_a_weight_that_was_found_is_not_found_again_but_for_another_share(folder: Path, engine: Engine) -> None:
    def finding(*words: Any, **more: Any) -> Iterator[Record]:
        found = words[2].with_changes(style_weight=37.0, photo_kept=0.0)
        engine.runs.append({})
        yield Record(1, 1, 10, config=found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfer, "stylize", finding)
        for share, runs in (("0.5", 1), ("0.5", 1), ("0.6", 2)):
            assert batch("photos/a.jpg", "paintings/a.jpg", "-o", "made", "--photo-kept", share) == 0
            assert len(engine.runs) == runs
    assert recipe_of(folder / "made/a--a.png").config.style_weight == 37


def test_a_broken_file_is_said_once_and_ends_nothing(
    folder: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "photos/aa.jpg").write_bytes((folder / "photos/a.jpg").read_bytes()[:900])
    (folder / "photos/ab.png").write_text("no picture")
    assert batch("photos", "paintings", "-o", "made") == 1
    assert names(folder / "made") == ["a--a.png", "a--b.png", "b--a.png", "b--b.png"]
    said = capsys.readouterr().err
    assert said.count("photos/aa.jpg: expected a whole picture") == 1
    assert said.count("photos/ab.png: expected a JPEG, PNG") == 1
    assert "of 8 pictures 4 painted, 4 failed." in said


def test_an_error_of_one_picture_keeps_its_best_and_the_next_one_comes(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("nst.cli.series.figures_of_saved", lambda *_, **__: {})

    def out_of_memory() -> None:
        raise MemoryError

    engine.at[1, 2] = out_of_memory
    assert batch("photos", "paintings/a.jpg", "-o", "made", "--json") == 1
    captured = capsys.readouterr()
    first, second = (json.loads(line) for line in captured.out.splitlines())
    assert (first["status"], second["status"]) == ("failed", "painted")
    assert "a--a: the computer ran out of memory; try a smaller --size." in captured.err
    assert recipe_of(folder / "made/a--a.png").evaluations == 2


def test_ctrl_c_keeps_the_best_picture_and_the_same_command_goes_on_from_it(
    folder: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.at[2, 6] = lambda: os.kill(os.getpid(), signal.SIGINT)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # as a background job may ignore it
    try:
        assert batch("photos", "paintings", "-o", "made") == 128 + signal.SIGINT
    finally:
        signal.signal(signal.SIGINT, before)
    assert names(folder / "made") == ["a--a.png", "a--b.png"]
    assert "of 4 pictures 1 painted; 3 are left, the same command goes on" in capsys.readouterr().err
    assert recipe_of(folder / "made/a--b.png").evaluations == 7
    kept = read_picture_file(folder / "made/a--b.png").pixels

    assert batch("photos", "paintings", "-o", "made") == 0
    assert len(engine.runs) == 2 + 3
    resumed = engine.runs[2]
    np.testing.assert_array_equal(resumed["initial"], kept)
    # One evaluation was left, of the last pass: the run goes on with that pass alone, which has two at least.
    assert (resumed["config"].init, resumed["config"].steps) == ("picture", 2)
    recipe = recipe_of(folder / "made/a--b.png")
    assert (recipe.evaluations, recipe.run.resumed) == (None, (7, 2))
    assert recipe.config == StyleTransferConfig(size=256, steps=STEPS)
    assert batch("photos", "paintings", "-o", "made") == 0
    assert len(engine.runs) == 5


def test_a_picture_that_was_stopped_at_a_coarse_size_begins_anew(folder: Path, engine: Engine) -> None:
    engine.at[1, 2] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    assert batch("photos/a.jpg", "paintings/a.jpg", "-o", "made") == 128 + signal.SIGTERM
    assert recipe_of(folder / "made/a--a.png").evaluations == 3
    assert batch("photos/a.jpg", "paintings/a.jpg", "-o", "made") == 0
    assert engine.runs[1]["initial"] is None
    assert names(folder / "made") == ["a--a.png"]


def test_even_a_killed_run_leaves_what_it_had_at_the_last_size(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        """Stands in for the end of the process."""

    def killed() -> None:
        raise KilledError

    monkeypatch.setattr("nst.cli.series.KEEPING_SECONDS", 0.0)
    engine.at[1, 6] = killed
    with pytest.raises(KilledError):
        batch("photos/a.jpg", "paintings/a.jpg", "-o", "made")
    assert recipe_of(folder / "made/a--a.png").evaluations == 6
    assert (read_picture_file(folder / "made/a--a.png").pixels == 16).all()
    assert batch("photos/a.jpg", "paintings/a.jpg", "-o", "made") == 0
    assert (engine.runs[1]["initial"] == 16).all()


def test_a_file_that_is_not_of_nst_is_never_replaced(
    folder: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "made").mkdir()
    mine = folder / "made/a--a.png"
    mine.write_bytes(encode_png(colourful()))
    before = mine.read_bytes()
    assert batch("photos", "paintings/a.jpg", "-o", "made") == 1
    assert mine.read_bytes() == before
    assert "made/a--a.png: expected no file or a picture that nst has painted" in capsys.readouterr().err
    assert names(folder / "made") == ["a--a.png", "b--a.png"]


def test_a_full_folder_ends_it_at_once_with_the_picture_saved_elsewhere(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.at[1, 8] = lambda: (folder / "made").rename(folder / "gone")
    assert batch("photos", "paintings", "-o", "made") == 2
    assert len(engine.runs) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert "-o: expected a folder that takes the pictures, got No such file or directory" in said
    (saved,) = folder.glob("a--a-*.png")
    assert str(saved) in said
    assert (read_picture_file(saved).pixels == 18).all()


def test_one_photo_goes_with_the_whole_gallery(
    folder: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batch("photos/a.jpg", "gallery", "-o", "made", "--estimate") == 0
    paintings = load_gallery().paintings
    assert capsys.readouterr().out.startswith(f"{len(paintings)} pictures to paint, about ")
    assert not (folder / "made").exists()
    assert batch("pagoda", "irises", "-o", "made") == 0
    assert names(folder / "made") == ["pagoda--irises.png"]


def test_the_lines_tell_what_became_of_each_picture(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batch("photos/a.jpg", "paintings/a.jpg", "-o", "made") == 0
    capsys.readouterr()
    monkeypatch.setattr("nst.cli.series.figures_of_saved", lambda *_, **__: {"J": 4.0})
    assert batch("photos", "paintings/a.jpg", "-o", "made", "--json") == 0
    assert lines(capsys) == [
        {"picture": "made/a--a.png", "status": "done", "photo": "photos/a.jpg", "paintings": ["paintings/a.jpg"]},
        {
            "picture": "made/b--a.png", "status": "painted", "photo": "photos/b.jpg", "paintings": ["paintings/a.jpg"],
            "J": 4.0,
        },
    ]  # fmt: skip


def test_the_contact_sheet_has_the_paintings_above_and_the_photos_before_their_results(
    folder: Path, engine: Engine
) -> None:
    assert batch("photos", "paintings", "-o", "made", "--sheet") == 0
    sheet = read_picture_file(folder / "made/sheet.jpg").pixels.astype(int)
    painting, photo = (read_picture_file(f"{kind}/a.jpg").pixels for kind in ("paintings", "photos"))
    # Cells of 256 px and gaps of 8, each below a label of 20.
    assert np.abs(sheet[28:284, 272:528] - painting).mean() < 4
    assert np.abs(sheet[312:568, 8:264] - photo).mean() < 4
    assert np.abs(sheet[312:318, 272:280] - 18).mean() < 4


def test_pairs_of_one_name_are_painted_alone(folder: Path, engine: Engine) -> None:
    assert batch("photos", "paintings", "-o", "made", "--pair", "name") == 0
    assert names(folder / "made") == ["a--a.png", "b--b.png"]


def test_the_command_line_wins_over_the_list_and_a_picture_over_those_for_all(folder: Path, engine: Engine) -> None:
    (folder / "list.toml").write_text(
        'steps = 9\ntv_weight = 1\nstyle_scale = 0.7\n[[picture]]\ncontent = "photos/a.jpg"\nstyle = "irises"\n'
        'tv_weight = 2\n[[picture]]\ncontent = "photos/b.jpg"\nstyle = ["irises", "paintings/a.jpg"]\nname = "mine"\n'
    )
    assert batch("list.toml", "-o", "made") == 0
    assert names(folder / "made") == ["a--irises.png", "mine.png"]
    expected = {"steps": STEPS, "size": 256, "style_scale": 0.7}
    irises = load_gallery().find("irises", "painting")
    for run, tv_weight in zip(engine.runs, (2, 1), strict=True):
        assert run["config"] == StyleTransferConfig(**{**irises.settings, **expected, "tv_weight": tv_weight})
    assert [len(run["styles"]) for run in engine.runs] == [1, 2]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("photos paintings", "-o: expected a folder for the results, got none"),
        ("photos -o made", "batch: expected photos and paintings, or one list (.csv or .toml), got 1 names"),
        ("photos paintings more -o made", "got 3 names"),
        ("photos paintings -o photos", "-o: expected a folder other than the inputs, got 'photos'"),
        ("photos nowhere -o made", "nowhere: expected the name of a painting in the gallery"),
        ("photos empty -o made", "empty: expected a folder with pictures"),
        ("photos paintings -o photos/a.jpg", "-o: expected a folder that can be made, got 'photos/a.jpg'"),
        ("photos paintings -o made --size 1", "size: expected a number from 64 to 8192"),
        ("photos paintings -o made --style-blend-weights 1,2", "style_blend_weights: expected one weight for each"),
        ("photos empty2 -o made --pair name", "--pair name: expected photos and paintings of one name"),
        ("photos paintings -o made --sise 3", "unrecognized arguments: --sise 3"),
        ("none.csv -o made", "none.csv: expected a list that can be read, got No such file"),
    ],
)
def test_what_is_wrong_with_the_command_is_one_line_before_the_work(
    line: str, expected: str, folder: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty").mkdir()
    (folder / "empty2").mkdir()
    (folder / "empty2/c.png").write_bytes(encode_png(colourful()))
    assert main(["batch", *line.split()]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("nst: ")
    assert captured.err.count("\n") == 1
    assert expected in captured.err
    assert engine.runs == []
    assert not (folder / "made").exists()


@pytest.mark.slow
def test_the_pictures_of_a_series_are_those_that_single_commands_paint(folder: Path) -> None:
    words = ("--size", "64", "--steps", "2", "--quiet", "--precision", "float32")
    assert main(["batch", "photos", "paintings/a.jpg", "-o", "made", *words]) == 0
    assert main(["photos/b.jpg", "paintings/a.jpg", "-o", "alone.png", *words]) == 0
    np.testing.assert_array_equal(read_picture_file("made/b--a.png").pixels, read_picture_file("alone.png").pixels)
    assert recipe_of(folder / "made/b--a.png") == recipe_of(folder / "alone.png")


def test_each_picture_of_a_batch_gets_the_size_that_its_photo_takes_on_the_sheet(folder: Path, engine: Engine) -> None:
    upright = folder / "photos/b.jpg"
    upright.write_bytes(encode_jpeg(colourful(200, 100)))
    words = ["batch", "photos", "paintings/a.jpg", "-o", "made", "--steps", str(STEPS), "--print", "6x4in@32dpi"]
    assert main(words) == 0
    assert [run["config"].size for run in engine.runs] == [128, 192]
    for name in ("a--a.png", "b--a.png"):
        assert Image.open(folder / "made" / name).info["dpi"] == pytest.approx((32, 32), abs=0.02)
    assert main([*words, "--bits", "16"]) == 0
    assert len(engine.runs) == 2, "what has the same pixels is left"
    (folder / "list.csv").write_text("content,style,size\nphotos/a.jpg,paintings/a.jpg,64\n")
    assert main(["batch", "list.csv", "-o", "other", "--print", "6x4in@32dpi"]) == 2
