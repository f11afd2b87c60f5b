"""What a user relies on: one command makes a picture, says what it is worth, and fails in one line.

Real weights and real pictures of the gallery, small and few steps.
"""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import fields, replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nst
from nst.cli.main import COMMANDS, main
from nst.config import STEPS, RunOptions, StyleTransferConfig
from nst.engine.transfer import stylize
from nst.pictures.codec import encode_png, read_picture_file, read_recipe_text, resize
from nst.pictures.gallery import Gallery, load_gallery
from nst.recipes.recipe import Recipe

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
PHOTO, PAINTING = "pagoda", "wheat-field-with-cypresses"
SMALL = ("--size", "64", "--steps", "2")
FIGURES = {
    "J", "content", "style", "tv", "style_weight", "seconds", "evaluations", "precision", "device", "width", "height",
    "nst", "interrupted",
}  # fmt: skip


def figures(*argv: str) -> dict[str, Any]:
    """Run the command line with --json and return the object that it prints last on stdout."""
    with redirect_stdout(StringIO()) as stdout:
        assert main([*argv, "--json", "--quiet"]) == 0
    return json.loads(stdout.getvalue().splitlines()[-1])


def recipe_of(path: Path) -> Recipe:
    text = read_recipe_text(path.read_bytes())
    assert text is not None
    return Recipe.from_json(text)


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A finished picture and the figures printed with it."""
    path = tmp_path_factory.mktemp("painted") / "result.png"
    return path, figures(PHOTO, PAINTING, "-o", str(path), *SMALL)


def test_the_figures_are_complete(painted: tuple[Path, dict[str, Any]]) -> None:
    path, found = painted
    assert found.keys() == FIGURES
    assert (found["width"], found["height"]) == (64, 43)
    assert read_picture_file(path).pixels.shape == (43, 64, 3)
    assert found["evaluations"] == 2
    assert found["precision"] in ("float32", "bfloat16")
    assert found["nst"] == nst.__version__
    assert found["interrupted"] is False
    assert found["seconds"] > 0
    assert found["device"]
    config = recipe_of(path).config
    assert found["style_weight"] == config.style_weight
    last = config.of_pass(by_layer=True)
    total = last.content_weight * found["content"] + last.style_weight * found["style"] + last.tv_weight * found["tv"]
    assert last.style_weight < config.style_weight, "J is that of the last pass"
    assert found["J"] == pytest.approx(total, rel=1e-5)


def test_evaluating_the_saved_picture_gives_the_same_j(painted: tuple[Path, dict[str, Any]]) -> None:
    path, found = painted
    again = figures(PHOTO, PAINTING, "--evaluate", str(path))
    assert again.keys() == FIGURES
    for name in ("J", "content", "style", "tv", "width", "height"):
        assert again[name] == found[name]
    assert (again["evaluations"], again["precision"]) == (0, "float32")


def test_evaluating_without_json_is_one_readable_line(
    painted: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    path, found = painted
    assert main([PHOTO, PAINTING, "--evaluate", str(path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"J {found['J']:.6g}, content ")
    assert out.endswith("at 64x43\n")


def test_an_estimate_is_printed_and_nothing_is_painted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([PHOTO, PAINTING, "--estimate", *SMALL]) == 0
    assert re.fullmatch(
        r"about \d+:\d\d and \d\.\d GB: 2 evaluations in (bfloat16|float32) on .+\n", capsys.readouterr().out
    )
    found = figures(PHOTO, PAINTING, "--estimate", "--size", "2048", "--upscale", "--memory", "4000")
    assert found["memory"] <= 4e9
    assert found["tiles"] > 1
    assert found["seconds"] > 1


def test_a_picture_that_cannot_fit_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.png"
    argv = [PHOTO, PAINTING, "-o", str(out), "--size", "8192", "--upscale", "--memory", "2000"]
    assert main(argv) == 2
    assert re.fullmatch(
        r"nst: memory: expected at least [\d.]+ GB for 8192x\d+ px, got 2\.0 GB; choose .+\.\n", capsys.readouterr().err
    )
    assert not out.exists()


def test_the_recipe_makes_the_same_picture(painted: tuple[Path, dict[str, Any]]) -> None:
    path, found = painted
    recipe = recipe_of(path)
    gallery = load_gallery()
    photo, painting = gallery.find(recipe.content.name, "photo"), gallery.find(recipe.styles[0].name, "painting")
    assert (recipe.content.sha256, recipe.styles[0].sha256) == (photo.sha256, painting.sha256)
    assert (recipe.config.size, recipe.config.steps) == (64, 2)
    assert recipe.run is not None
    assert recipe.run.options.precision == found["precision"]
    assert recipe.run.device == found["device"]
    assert recipe.nst_version == nst.__version__
    for record in stylize(photo.read().pixels, [painting.read().pixels], recipe.config, recipe.run.options):
        last = record
    np.testing.assert_array_equal(last.picture(), read_picture_file(path).pixels)


def test_files_may_have_any_name_and_several_paintings_are_blended(tmp_path: Path) -> None:
    gallery = load_gallery()
    photo, other = tmp_path / "mein Foto.png", tmp_path / "浮世絵.png"
    photo.write_bytes(encode_png(resize(gallery.find(PHOTO, "photo").read().pixels, 80)))
    other.write_bytes(encode_png(resize(gallery.paintings[0].read().pixels, 80)))
    out = tmp_path / "out.PNG"
    argv = [str(photo), str(other), PAINTING, "--style-blend-weights", "0.3,0.7", "-o", str(out)]
    found = figures(*argv, *SMALL, "--style-layers", "conv1_1,conv3_1:0.5", "--no-coarse-to-fine")
    assert found["evaluations"] == 2
    recipe = recipe_of(out)
    assert [source.name for source in (recipe.content, *recipe.styles)] == ["mein Foto.png", "浮世絵.png", PAINTING]
    assert recipe.config.style_blend_weights == (0.3, 0.7)
    assert recipe.config.style_layers == (("block1_conv1", 1.0), ("block3_conv1", 0.5))
    assert recipe.config.coarse_to_fine is False
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([photo.name, other.name, out.name])


def test_a_result_is_continued_from_where_it_was(painted: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    path, _ = painted
    out = tmp_path / "continued.png"
    # One evaluation is that of the start itself, so the start comes back untouched.
    figures(PHOTO, PAINTING, "--init-picture", str(path), "-o", str(out), "--size", "64", "--steps", "1")
    np.testing.assert_array_equal(read_picture_file(out).pixels, read_picture_file(path).pixels)
    recipe = recipe_of(out)
    assert recipe.config.init == "picture"
    assert recipe.initial is not None
    assert recipe.initial.name == "result.png"


def test_a_jpeg_is_saved_too_and_its_j_is_that_of_the_file(tmp_path: Path) -> None:
    out = tmp_path / "out.jpg"
    found = figures(PHOTO, PAINTING, "-o", str(out), *SMALL)
    assert out.read_bytes()[:2] == b"\xff\xd8"
    # Without a recipe inside, the weight that was found has to be given.
    weight = ("--style-weight", str(found["style_weight"]))
    assert figures(PHOTO, PAINTING, "--evaluate", str(out), *weight)["J"] == found["J"]


def test_a_painting_s_own_settings_apply_unless_others_are_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gallery = load_gallery()
    suggesting = replace(
        gallery.find(PAINTING, "painting"), settings={"size": 64, "steps": 1, "tv_weight": 3.0, "pooling": "max"}
    )
    monkeypatch.setattr("nst.cli.main.load_gallery", lambda: Gallery((suggesting,), gallery.photos))
    out = tmp_path / "out.png"
    figures(PHOTO, PAINTING, "-o", str(out), "--tv-weight", "7")
    config = recipe_of(out).config
    assert (config.size, config.steps, config.pooling, config.tv_weight) == (64, 1, "max", 7.0)


def test_a_named_quality_sets_the_steps_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gallery = load_gallery()
    suggesting = replace(gallery.find(PAINTING, "painting"), settings={"size": 64, "steps": 1, "tv_weight": 3.0})
    monkeypatch.setattr("nst.cli.main.load_gallery", lambda: Gallery((suggesting,), gallery.photos))
    out = tmp_path / "out.png"
    assert figures(PHOTO, PAINTING, "-o", str(out), "--quality", "draft")["evaluations"] == STEPS["draft"]
    config = StyleTransferConfig(size=64, steps=STEPS["draft"], tv_weight=3.0)
    assert recipe_of(out).config == config.with_changes(style_weight=recipe_of(out).config.style_weight)


def test_steps_win_over_a_named_quality(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    figures(PHOTO, PAINTING, "-o", str(out), *SMALL, "--quality", "fine")
    assert recipe_of(out).config.steps == 2


def test_a_quality_that_does_not_exist_is_an_error_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([PHOTO, PAINTING, "-o", "out.png", "--quality", "best"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(word in line for word in ("best", "draft", "standard", "fine"))


def test_without_json_nothing_is_printed_on_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.png"
    assert main([PHOTO, PAINTING, "-o", str(out), *SMALL]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert all(line.startswith("nst: ") for line in lines)
    assert re.fullmatch(r"nst: 64x\d+ px: about \d+:\d\d and [\d.]+ GB: \d+ evaluations in \w+ on .+\.", lines[0])
    assert lines[1].startswith("nst: To keep 60% of the photo, the style weight is ")
    assert "1 of 2 evaluations" in lines[2]
    assert f"saved {out}" in lines[-1]


def test_the_list_shows_the_whole_gallery(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    words = capsys.readouterr().out.split()
    gallery = load_gallery()
    assert {preset.id for preset in gallery.photos + gallery.paintings} <= set(words)


def test_every_setting_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for spec in (*fields(StyleTransferConfig), *fields(RunOptions)):
        assert f"--{spec.name.replace('_', '-')}" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_is_named_in_that_of_nst(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([name, "--help"], ["--help"]):
        with pytest.raises(SystemExit) as caught:
            main(words)
        assert caught.value.code == 0
        assert f"nst {name} " in capsys.readouterr().out


def test_options_and_pictures_come_in_any_order(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    figures("-o", str(out), PHOTO, "--size", "64", PAINTING, "--steps", "1")
    assert recipe_of(out).styles[0].name == PAINTING


# What fails


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A folder of pictures that cannot be used."""
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "cut.png").write_bytes(encode_png(load_gallery().photos[0].read().pixels)[:5000])
    (tmp_path / "dot.png").write_bytes(encode_png(np.zeros((1, 1, 3), np.uint8)))
    (tmp_path / "square.png").write_bytes(encode_png(np.zeros((64, 64, 3), np.uint8)))
    (tmp_path / "folder.png").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pagoda irises -o o.png --tile few", "tile: expected a number from 0 to "),
        (
            "pagoda irises -o o.png --precision float16",
            "precision: expected auto or bfloat16 or float32, got 'float16'",
        ),
        ("", "content: expected a photo and at least one painting, got no pictures"),
        ("pagoda", "style: expected a photo and at least one painting, got 1 picture"),
        ("pagoda irises", "-o: expected a file to save the result in"),
        ("pagoda irisse -o o.png", "did you mean irises"),
        ("irises pagoda -o o.png", "irises: expected the name of a photo in the gallery"),
        ("none.jpg irises -o o.png", "none.jpg: expected a picture file or a gallery id"),
        (f"{'long' * 100}.jpg irises -o o.png", "expected a picture file or a gallery id"),
        (f"pagoda irises -o {'long' * 100}.png", "-o: expected"),
        ("pagoda ./none -o o.png", "./none: expected a picture file or a gallery id"),
        ("empty.png irises -o o.png", "empty.png: expected a picture, got an empty file"),
        ("pagoda text.png -o o.png", "text.png: expected a JPEG, PNG"),
        ("cut.png irises -o o.png", "cut.png: expected a whole picture"),
        ("folder.png irises -o o.png", "folder.png: expected a picture file, got a folder"),
        ("dot.png irises -o o.png", "content: expected at least "),
        ("pagoda irises -o o.png --size 10", "size: expected a number from 64 to 8192, got '10'"),
        ("pagoda irises -o o.png --steps many", "steps: expected a number"),
        ("pagoda irises -o o.png --steps 1.5", "steps: expected a whole number"),
        ("pagoda irises -o o.png --tv-weight -1", "tv_weight: expected a number"),
        ("pagoda irises -o o.png --pooling min", "pooling: expected average or max, got 'min'"),
        ("pagoda irises -o o.png --style-layers conv9_1", "style_layers: expected layers from"),
        ("pagoda irises -o o.png --content-weight 0 --style-weight 0", "content_weight and style_weight"),
        ("pagoda irises -o o.png --photo-kept 2", "photo_kept: expected a number from 0 to 1, got '2'"),
        ("pagoda irises -o o.png --photo-kept 0.5 --style-weight 9", "--photo-kept: expected no --style-weight beside"),
        ("pagoda irises boating -o o.png --style-blend-weights 1", "style_blend_weights: expected one weight for each"),
        ("pagoda irises -o o.png --init picture", "init: expected a picture to start from"),
        ("pagoda irises -o o.png --init noise --init-picture square.png", "init: expected a picture to start from"),
        ("pagoda irises -o o.png --init-picture none.png", "none.png: expected a picture file"),
        ("pagoda irises -o o.png --size", "argument --size: expected one argument"),
        ("pagoda irises -o o.png --sise 64", "unrecognized arguments: --sise 64"),
        ("pagoda irises -o o.png --evaluate square.png", "not allowed with argument"),
        ("pagoda irises -o o", "-o: expected a name that ends in .png, .jpg or .tif, got 'o'"),
        ("pagoda irises -o o.gif", "-o: expected a name that ends in .png, .jpg or .tif"),
        ("pagoda irises -o folder.png", "-o: expected a file, got the folder 'folder.png'"),
        ("pagoda irises -o none/o.png", "-o: expected a folder that exists, got 'none'"),
        ("square.png irises -o ./square.png", "-o: expected a file other than the inputs"),
        ("pagoda irises --evaluate square.png", "evaluate: expected a picture in the photo's proportions, 64x43, got "),
        ("pagoda irises --evaluate none.png", "none.png: expected a picture file"),
    ],
)
def test_bad_input_is_one_line_and_exit_status_two(
    line: str, expected: str, bad: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(bad)
    before = {path: path.stat().st_mtime_ns for path in bad.iterdir()}
    assert main(line.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("nst: ")
    assert captured.err.count("\n") == 1
    assert expected in captured.err
    assert before == {path: path.stat().st_mtime_ns for path in bad.iterdir()}


def test_notes_on_the_pictures_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    out = tmp_path / "out.png"
    assert main([str(tmp_path / "two.gif"), PAINTING, "-o", str(out), "--size", "64", "--steps", "1"]) == 0
    assert "it is animated; the first frame is used." in capsys.readouterr().err


# As a process of its own


def command(*argv: str) -> list[str]:
    return [sys.executable, "-m", "nst", *argv]


def test_the_module_runs_and_keeps_its_streams_apart(tmp_path: Path) -> None:
    argv = command(PHOTO, PAINTING, "-o", str(tmp_path / "out.png"), *SMALL, "--json")
    result = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout).keys() == FIGURES
    assert all(line.startswith("nst: ") for line in result.stderr.splitlines()), result.stderr


def test_a_damaged_picture_is_one_line_even_with_tensorflow_loaded(bad: Path) -> None:
    argv = command(str(bad / "cut.png"), PAINTING, "-o", str(bad / "out.png"))
    result = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "cut.png: expected a whole picture" in result.stderr


def test_ctrl_c_saves_the_best_picture_so_far(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    argv = command(PHOTO, PAINTING, "-o", str(out), "--size", "64", "--steps", "5000", "--json")
    process = subprocess.Popen(
        argv,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # However the tests were started: a shell's background job ignores Ctrl-C, and would pass that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    assert "evaluations in" in process.stderr.readline(), "what it will take"
    assert "the style weight is" in process.stderr.readline()
    assert "1 of 5000 evaluations" in process.stderr.readline()
    os.kill(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, stderr
    assert f"interrupted; the best picture so far is saved {out}" in stderr
    found = json.loads(stdout)
    assert found["interrupted"] is True
    assert 0 < found["evaluations"] < 5000
    assert read_picture_file(out).pixels.shape == (43, 64, 3)
    recipe = recipe_of(out)
    assert (recipe.config.steps, recipe.evaluations) == (5000, found["evaluations"])


# Regions


@pytest.fixture
def halves(tmp_path: Path) -> tuple[str, str]:
    """Masks of the left and of the right half of the photo, the second one smaller and with an opacity."""
    left = np.zeros((86, 128), np.uint8)
    left[:, :64] = 255
    names = (str(tmp_path / "left.png"), str(tmp_path / "right.png"))
    Image.fromarray(left).save(names[0])
    grey = np.full((43, 64), 9, np.uint8)
    Image.fromarray(np.stack([grey, 255 - left[::2, ::2]], axis=-1), "LA").save(names[1])
    return names


def test_regions_get_their_own_paintings_and_the_rest_stays(tmp_path: Path, halves: tuple[str, str]) -> None:
    out = tmp_path / "out.png"
    # With two steps each of the two passes has one evaluation, that of the picture it starts from.
    found = figures(PHOTO, "--region", halves[0], PAINTING, "irises:3", "-o", str(out), *SMALL, "--steps", "4")
    photo = resize(load_gallery().find(PHOTO, "photo").read().pixels, 64)
    picture = read_picture_file(out).pixels
    np.testing.assert_array_equal(picture[:, 34:], photo[:, 34:])
    assert np.abs(picture[:, :30].astype(int) - photo[:, :30]).mean() > 0.5
    recipe = recipe_of(out)
    assert [style.name for style in recipe.styles] == [PAINTING, "irises"]
    assert [(region.name, region.shares) for region in recipe.regions] == [(halves[0], (0.25, 0.75))]
    again = figures(PHOTO, "--region", halves[0], PAINTING, "irises:3", "--evaluate", str(out))
    assert again["J"] == found["J"]


def test_recipe_with_regions_makes_the_same_picture(tmp_path: Path, halves: tuple[str, str]) -> None:
    out = tmp_path / "out.png"
    figures(
        PHOTO, PAINTING, "--region", halves[1], "irises", "--region-strength", "2", "--style-guide", "irises",
        halves_of_painting(tmp_path), "--guidance", "inside", "--subject-weight", "3", "--subject-mask", halves[0],
        "-o", str(out), *SMALL,
    )  # fmt: skip
    recipe, gallery = recipe_of(out), load_gallery()
    assert [(region.shares, region.strength) for region in recipe.regions] == [((1, 0), 1), ((0, 1), 2)]
    assert [guide is None for guide in recipe.style_guides] == [True, False]
    assert recipe.subject_mask is not None
    assert recipe.subject_mask.mask[:, 0].min() == 1
    styles = [gallery.find(source.name, "painting").read().pixels for source in recipe.styles]
    *_, last = stylize(
        gallery.find(PHOTO, "photo").read().pixels,
        styles,
        recipe.config,
        **recipe.masks,
    )
    np.testing.assert_array_equal(last.picture(), read_picture_file(out).pixels)


@pytest.mark.parametrize("use", [("--region", "OUT", "irises"), ("irises", "--style-guide", "irises", "OUT")])
def test_a_mask_is_not_overwritten(
    use: tuple[str, ...], tmp_path: Path, halves: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path(halves[0]).read_bytes()
    (tmp_path / "again.png").symlink_to(halves[0])
    words = [halves[0] if word == "OUT" else word for word in use]
    for name in (halves[0], str(tmp_path / "again.png")):
        assert main([PHOTO, *words, "-o", name, *SMALL]) == 2
        assert "-o: expected a file other than the inputs" in capsys.readouterr().err
        assert Path(halves[0]).read_bytes() == before


def halves_of_painting(folder: Path) -> str:
    height, width = load_gallery().find("irises", "painting").read().pixels.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    mask[: height // 2] = 255
    Image.fromarray(mask).save(folder / "part.png")
    return str(folder / "part.png")


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("--region", "LEFT"), "expected a painting after the mask, got none"),
        (("--region", "LEFT", "irises", "--region-strength", "1,2"), "expected one number for each of the 1 regions"),
        (("--region", "LEFT", "irises", "--region-strength", "-1"), "expected a strength from 0 to 100, got -1"),
        (("--region", "LEFT", "irises", "--region", "LEFT", "irises"), "that later regions cover completely"),
        (("--region", "nowhere.png", "irises"), "expected a picture file"),
        (("--region", "SQUARE", "irises"), "expected a mask in the proportions of its picture"),
        (("--region", "EMPTY", "irises"), "got an empty one"),
        (("--region", "LEFT", "irises", "--style-guide", PAINTING, "LEFT"), "expected a painting that is used"),
        (
            ("--region", "LEFT", "irises", "--style-guide", "irises", "LEFT", "--style-guide", "irises", "LEFT"),
            "expected one part of each painting",
        ),
        (("--region", "LEFT", "irises", "--style-guide", "irises", "EMPTY"), "region EMPTY: "),
        (("--region", "LEFT", "irises:-1"), "LEFT: expected at least one painting with a weight above 0"),
        (("--region", "LEFT", "irises", "-o", "LEFT"), "expected a file other than the inputs"),
        (("--region", "LEFT", "irises", "--style-blocks", "1-2"), "LEFT: style_blocks: expected a painting for every"),
        (("--region", "LEFT", *(f"COPY{index}" for index in range(33))), "expected at most 32 paintings, got 33"),
        (("--region", "LEFT", "irises") * 9, "regions: expected at most 8, got 9"),
        (
            ("--region", "DOT", "irises", "--guidance", "inside", "--style-layers", "conv4_1"),
            "DOT: expected a mask that a style layer can see",
        ),
    ],
)
def test_bad_regions_are_one_sentence(
    argv: tuple[str, ...], sentence: str, tmp_path: Path, halves: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    masks = {"SQUARE": np.full((64, 64), 255), "EMPTY": np.zeros((86, 128)), "DOT": np.zeros((86, 128))}
    masks["DOT"][40:46, 60:66] = 255
    copies = {f"COPY{index}": np.full((64, 64), index) for index in range(33)}
    files = {"LEFT": halves[0]}
    for name, levels in {**masks, **copies}.items():
        files[name] = str(tmp_path / f"{name}.png")
        Image.fromarray(levels.astype(np.uint8)).save(files[name])
    out = str(tmp_path / "out.png")
    assert main([PHOTO, "-o", out, *(files.get(word, word) for word in argv), *SMALL]) == 2
    for name, file in files.items():
        sentence = sentence.replace(f"{name}:", f"{file}:")
    printed = capsys.readouterr().err
    assert sentence in printed
    assert printed.count("\n") == 1
    assert not (tmp_path / "out.png").exists()
