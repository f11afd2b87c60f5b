"""What a user relies on: a texture needs no photo, and a doodle is painted after its map.

An engine without a network stands in for the real one, but in the first test.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst.cli.main import main
from nst.engine import transfer
from nst.engine.transfer import stylize
from nst.pictures.blank import Blank
from nst.pictures.codec import read_picture_file, read_recipe_text, resize
from nst.pictures.gallery import load_gallery
from nst.recipes.recipe import Recipe
from tests.support.fake_engine import Record

pytestmark = pytest.mark.engine

IRISES = load_gallery().find("irises", "painting")
BLUE, GREEN, YELLOW = (40, 90, 220), (30, 120, 40), (240, 200, 40)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """What the engine was asked for."""
    monkeypatch.chdir(tmp_path)
    asked: list[dict[str, Any]] = []

    def stylize(content: Any, styles: Any, config: Any, *_: Any, **more: Any) -> Iterator[Record]:
        asked.append({"content": content, "styles": styles, "config": config, **more})
        yield Record(1, 1, 40, config=config)

    monkeypatch.setattr(transfer, "stylize", stylize)
    return asked


def recipe_of(path: str | Path) -> Recipe:
    text = read_recipe_text(Path(path).read_bytes())
    assert text is not None
    return Recipe.from_json(text)


def test_a_texture_is_repeated_by_its_recipe(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    words = ("--size", "96x64", "--tileable", "--steps", "2", "--seed", "5", "--quiet", "--precision", "float32")
    assert main(["texture", "irises", "-o", str(out), *words]) == 0
    recipe = recipe_of(out)
    assert (recipe.content.name, recipe.styles[0].sha256) == ("blank 96x64", IRISES.sha256)
    assert (recipe.config.content_weight, recipe.config.init, recipe.config.tileable) == (0, "noise", True)
    *_, last = stylize(Blank(64, 96).pixels, [IRISES.read().pixels], recipe.config, recipe.run.options)
    np.testing.assert_array_equal(last.picture(), read_picture_file(out).pixels)


def test_a_texture_is_as_large_as_asked_for_and_otherwise_square(runs: list[dict[str, Any]]) -> None:
    for size, shape in (("96x64", (64, 96, 3)), ("80", (80, 80, 3)), ("70x140", (140, 70, 3))):
        assert main(["texture", "irises", "-o", "out.png", "--size", size, "--quiet"]) == 0
        assert runs[-1]["content"].shape == shape
        assert runs[-1]["config"].size == max(shape)


def test_a_texture_can_be_of_a_part_of_a_painting_and_go_on(runs: list[dict[str, Any]]) -> None:
    height, width, _ = IRISES.read().pixels.shape
    mask = np.zeros((height, width), np.uint8)
    mask[: height // 2] = 255
    Image.fromarray(mask).save("part.png")
    words = ["texture", "irises", "boating", "--style-guide", "irises", "part.png", "-o", "out.png", "--quiet"]
    assert main([*words, "--size", "64"]) == 0
    first, second = runs[0]["style_guides"]
    assert first.mask.mean() == pytest.approx(0.5, abs=0.01)
    assert second is None
    assert main([*words, "--init-picture", "out.png", "--size", "64"]) == 0
    assert runs[1]["config"].init == "picture"


def maps() -> tuple[int, int]:
    """Write style.jpg, blue above yellow with a green square, map.png, blue above green, and noise; return a size."""
    height, width, _ = resize(IRISES.read().pixels, 200).shape
    style = np.full((height, width, 3), BLUE, np.uint8)
    style[height // 2 :] = YELLOW
    style[40:80, 40:80] = GREEN
    Image.fromarray(style).save("style.jpg", quality=80)
    own = np.full((60, 90, 3), (45, 85, 225), np.uint8)
    own[40:] = GREEN
    Image.fromarray(own).save("map.png")
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 90, 3)).astype(np.uint8)).save("noise.png")
    return height, width


def test_each_colour_of_a_doodle_is_painted_like_the_part_of_the_painting_that_has_it(
    runs: list[dict[str, Any]],
) -> None:
    height, width = maps()
    assert main(["doodle", "irises", "style.jpg", "map.png", "-o", "out.png", "--size", "128", "--quiet"]) == 0
    (run,) = runs
    assert run["content"].shape == (85, 128, 3)
    assert (run["config"].content_weight, run["config"].init) == (0, "noise")
    assert len(run["styles"]) == 2
    blue, green = run["style_guides"]
    square = 40 * 40 / (height * width)
    assert blue.mask.mean() == pytest.approx(0.5 - square, abs=0.02)
    assert green.mask.mean() == pytest.approx(square, abs=0.01)
    below, above = run["regions"]
    # What lies below covers all, so that nothing between two colours is left as the blank.
    assert (below.shares, below.mask.mask.min()) == ((1, 0), 1)
    assert (above.shares, above.name) == ((0, 1), "map.png #1e7828")
    assert above.mask.mask.mean() == pytest.approx(1 / 3, abs=0.01)
    recipe = recipe_of("out.png")
    assert [style.name for style in recipe.styles] == ["irises", "irises"]


def test_the_example_in_the_documents_can_be_painted(runs: list[dict[str, Any]]) -> None:
    folder = Path(__file__).parents[2] / "docs" / "doodle"
    words = ["wheat-field-with-cypresses", str(folder / "wheat-field.png"), str(folder / "hill.png")]
    assert main(["doodle", *words, "-o", "out.png", "--size", "128", "--quiet"]) == 0
    (run,) = runs
    assert len(run["regions"]) == len(run["style_guides"]) == 3


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("texture -o o.png", "texture: expected at least one painting, got none"),
        ("texture irises", "-o: expected a file to save the result in, got none"),
        ("texture pagoda -o o.png", "pagoda: expected the name of a painting"),
        ("texture irises -o o.png --size 512x10000", "size: expected a number from 64 to 8192, got '10000'"),
        ("texture irises -o o.png --size 5x", "size: expected a number from 64 to 8192, got '5x'"),
        ("texture irises -o o.png --size 64x4", "content: expected at least 16 px on the short side"),
        ("texture irises -o o.png --content-weight 1", "--content-weight: expected no such option without a photo"),
        ("texture irises -o o.png --colour luminance", "--colour: expected no such option without a photo"),
        ("texture irises -o o.png --photo-kept 0.5", "--photo-kept: expected no such option without a photo"),
        ("texture irises -o o.png --size 200 --tileable", "tileable: expected sides that are multiples of 16 px"),
        ("texture irises -o o.png --size 512 --tileable --tile 128", "tileable: expected a picture that is computed"),
        ("texture irises -o o.png --print A4@150dpi --size 64", "--print: expected no --size beside it"),
        ("texture irises -o o.png --print A0@1200dpi", "expected at most 8192 px on the long side, got 56173"),
        ("doodle irises style.jpg map.png -o o.png --print A0@1200dpi", "expected at most 8192 px on the long side"),
        ("doodle irises style.jpg noise.png -o o.png", "noise.png: expected a map"),
        ("doodle irises style.jpg -o o.png", "doodle: expected a painting, its map and the map of the picture, got 2"),
        ("doodle irises none.png map.png -o o.png", "none.png: expected a picture file"),
        ("doodle irises map.png style.jpg -o o.png", "style.jpg: expected colours that map.png has too"),
        ("doodle irises map.png map.png -o o.png", "expected a mask in the proportions of its picture"),
        ("doodle irises style.jpg map.png -o map.png", "-o: expected a file other than the inputs, got 'map.png'"),
    ],
)
def test_what_is_wrong_is_one_line_before_the_work(
    line: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    maps()
    assert main(line.split()) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert expected in captured.err
    assert not Path("o.png").exists()


def test_a_texture_fills_a_print_s_sheet_as_it_is_written(runs: list[dict[str, Any]]) -> None:
    for words, size in (
        ("--print A6@100dpi", (413, 583)),
        ("--print 6x4in@100dpi", (600, 400)),
        ("--print 6x4in@100dpi --tileable", (608, 400)),
    ):
        assert main(["texture", "irises", "-o", "out.tif", "--quiet", *words.split()]) == 0
        assert runs[-1]["content"].shape[1::-1] == size
        assert (runs[-1]["config"].size, runs[-1]["config"].upscale) == (max(size), False)
        assert Image.open("out.tif").info["dpi"] == pytest.approx((100, 100))


def test_a_doodle_fits_a_print_s_sheet_or_fills_it(runs: list[dict[str, Any]]) -> None:
    maps()
    for paper, size, crop in (("6x6in@100dpi", (600, 400), 0), ("6x6in@100dpi,crop", (900, 600), 1)):
        words = ["doodle", "irises", "style.jpg", "map.png", "-o", "out.png", "--print", paper, "--quiet"]
        assert main([*words, "--bits", "16"]) == 0
        assert runs[-1]["content"].shape[1::-1] == size
        assert (runs[-1]["config"].size, runs[-1]["config"].crop) == (600, crop)
        assert Image.open("out.png").info["dpi"] == pytest.approx((100, 100), abs=0.02)
