"""What a user relies on: ``--weights FILE`` paints with it, the recipe says what it was, and not where."""

import json
from pathlib import Path

import numpy as np
import pytest

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


def test_a_file_that_cannot_be_used_is_refused_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "some.mat").write_bytes(b"not at all")
    argv = [*PAIR, "-o", str(tmp_path / "out.png"), *SMALL, "--weights", str(tmp_path / "some.mat")]
    assert main(argv) == 2
    assert "some.mat: expected weights of MatConvNet (.mat), Keras (.h5)" in capsys.readouterr().err
    assert main([*PAIR, "-o", str(tmp_path / "out.png"), *SMALL, "--weights-scale", "normalised"]) == 2
    assert "weights_scale: expected weights of one's own beside it" in capsys.readouterr().err
