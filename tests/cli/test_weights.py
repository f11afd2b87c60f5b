"""What a user relies on: ``--weights FILE`` paints with it, the recipe says what it was, and not where."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.cli.main import main
from nst.pictures.codec import read_recipe_text
from nst.recipes.recipe import Recipe
from nst.weights.bundled import load_weights
from tests.support import weights

PAIR, SMALL = ("pagoda", "irises"), ("--size", "64", "--steps", "1", "--style-layers", "conv1_1,conv2_1")


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("private") / "mine.h5"
    layers = {name: (kernel.astype(np.float32), bias) for name, (kernel, bias) in load_weights().items()}
    weights.keras_2(path, layers, first_names=True)
    return path


@pytest.mark.engine
def test_a_picture_names_its_weights_and_an_evaluation_says_if_they_are_missing(
    private: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.png"
    assert main([*PAIR, "-o", str(out), *SMALL, "--weights", str(private)]) == 0
    text = read_recipe_text(out.read_bytes())
    assert str(private.parent) not in text
    assert private.name not in text
    made = Recipe.from_json(text).run
    assert (made.weights.kind, made.weights.normalised) == ("keras", False)
    assert json.loads(text)["run"]["vgg19"]["sha256"] == made.weights.sha256
    assert made.options.weights == ""

    capsys.readouterr()
    evaluate = [*PAIR, "--evaluate", str(out), "--style-layers", "conv1_1,conv2_1"]
    assert main(evaluate) == 0
    said = capsys.readouterr().err
    assert f"a file of Keras with the sha256 {made.weights.sha256[:12]}...; without it" in said
    assert "Here the weights that come with nst are used." in said
    assert main([*evaluate, "--weights", str(private)]) == 0
    assert "weights" not in capsys.readouterr().err


@pytest.mark.engine
def test_a_series_is_painted_anew_with_other_weights_and_done_with_the_same(
    private: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["batch", *PAIR, "-o", str(tmp_path), *SMALL, "--json"]
    mine = ["--weights", str(private)]
    for more, status in (([], "painted"), (mine, "painted"), (mine, "done")):
        assert main([*asked, *more]) == 0
        assert json.loads(capsys.readouterr().out)["status"] == status
    (made,) = tmp_path.glob("*.png")
    text = read_recipe_text(made.read_bytes())
    assert text is not None
    assert Recipe.from_json(text).run.weights.kind == "keras"
    assert (tmp_path / "earlier" / made.name).exists()


@pytest.mark.engine
def test_the_commands_of_a_grid_name_the_weights(
    private: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = ["--weights", str(private), "--weights-scale", "stored"]
    assert main(["grid", *PAIR, "--vary", "seed=1", "--cell", "64", "-o", str(tmp_path), *SMALL, *mine]) == 0
    command = shlex.split(capsys.readouterr().out.splitlines()[1])
    assert command[-4:] == mine


@pytest.mark.engine
def test_a_texture_takes_weights_and_is_written_as_a_tiff(private: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tif"
    assert main(["texture", "irises", "-o", str(out), *SMALL, "--weights", str(private)]) == 0
    picture = Image.open(out)
    assert (picture.format, picture.size) == ("TIFF", (64, 64))


def test_a_file_that_cannot_be_used_is_refused_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "some.mat").write_bytes(b"not at all")
    argv = [*PAIR, "-o", str(tmp_path / "out.png"), *SMALL, "--weights", str(tmp_path / "some.mat")]
    assert main(argv) == 2
    assert "some.mat: expected weights of MatConvNet (.mat), Keras (.h5)" in capsys.readouterr().err
    assert main([*PAIR, "-o", str(tmp_path / "out.png"), *SMALL, "--weights-scale", "normalised"]) == 2
    assert "weights_scale: expected weights of one's own beside it" in capsys.readouterr().err
    for command in (["batch", *PAIR], ["grid", *PAIR, "--vary", "seed=1"], ["texture", "irises"]):
        assert main([*command, "-o", str(tmp_path / "out.png"), *SMALL, "--weights", str(tmp_path / "some.mat")]) == 2
        assert "some.mat: expected weights of MatConvNet" in capsys.readouterr().err
