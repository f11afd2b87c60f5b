"""What a user relies on: ``--print`` makes a file with the pixels and inches of the sheet, and says what it takes."""

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from nst.cli.main import main
from nst.pictures.codec import read_recipe_text
from nst.recipes.recipe import Recipe

PAIR, QUICK = ("pagoda", "irises"), ("--steps", "1", "--style-layers", "conv1_1,conv2_1", "--no-coarse-to-fine")


@pytest.mark.engine
def test_a_cut_print_with_16_bits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.tif"
    asked = (*PAIR, *QUICK, "--steps", "4", "--print", "20x20mm@100dpi,crop")
    assert main([*asked, "--bits", "16", "-o", str(out), "--json"]) == 0
    captured = capsys.readouterr()
    said, found = captured.err, json.loads(captured.out)
    assert re.search(r"20x20mm@100dpi,crop: 79x79 px: about \d+:\d\d and [\d.]+ GB: 4 evaluations", said)
    read = cv2.imread(str(out), cv2.IMREAD_UNCHANGED)
    assert read.dtype == np.uint16
    assert read.shape == (79, 79, 3)
    assert (read % 257 != 0).mean() > 0.5  # not 8 bits made longer
    assert Image.open(out).info["dpi"] == pytest.approx((100, 100))
    config = Recipe.from_json(read_recipe_text(out.read_bytes())).config
    assert (config.size, config.crop, config.upscale) == (79, 1.0, False)
    assert main([*asked, "--evaluate", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["J"] == found["J"]


@pytest.mark.engine
def test_a_small_photo_is_upscaled_unless_that_is_forbidden_and_then_keeps_its_inches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "small.png"
    Image.effect_noise((64, 48), 60).convert("RGB").save(photo)
    argv = [str(photo), "irises", *QUICK, "--print", "4x3in@20dpi"]
    for more, size, dpi in ((["--upscale"], (80, 60), 20), ([], (80, 60), 20), (["--no-upscale"], (64, 48), 16)):
        out = tmp_path / "out.png"
        assert main([*argv, *more, "-o", str(out)]) == 0
        image = Image.open(out)
        assert image.size == size
        assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)
        capsys.readouterr()


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        ("--print A3 -o o.png", "print: expected a size and its dots per inch, such as A3@300dpi"),
        ("--print A4@150dpi --size 64 -o o.png", "--print: expected no --size beside it, got both; the print says it."),
        ("--print A4@150dpi --crop 1 -o o.png", "--print: expected no --crop beside it"),
        ("--bits 16 -o o.jpg", "--bits 16: expected a file .png or .tif, got 'o.jpg'; JPEG has 8."),
        ("--bits 12 -o o.png", "argument --bits: invalid choice"),
    ],
)
def test_what_cannot_be_printed_is_refused(argv: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PAIR, *argv.split()]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.engine
def test_a_print_with_too_many_pixels_is_told_how_many_dots_it_can_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PAIR, "--print", "A1@300dpi", "--estimate"]) == 2
    assert "print A1@300dpi: expected at most 8192 px on the long side, got 9933; take at most 247 dpi." in (
        capsys.readouterr().err
    )
