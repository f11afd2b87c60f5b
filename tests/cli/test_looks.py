"""A look asked for by its name."""

from typing import Any

import pytest

from nst.cli.main import main
from nst.cli.options import parser
from nst.cli.request import config_over, settings_asked
from nst.config import StyleTransferConfig
from nst.pictures.gallery import load_gallery


def asked(*words: str) -> dict[str, Any]:
    return settings_asked(parser().parse_args(["pagoda", "irises", "-o", "o.png", *words]))


def test_a_look_sets_its_fields_and_what_stands_beside_it_wins() -> None:
    assert asked("--look", "fine") == {"style_scale": 0.5}
    assert asked("--look", "fine", "--style-scale", "2") == {"style_scale": "2"}
    assert asked("--look", "clear")["style_layers"]["block5_conv1"] == 0.1
    assert asked("--look", "paper") == {}


def test_a_weight_that_is_found_wins_over_the_looks() -> None:
    assert asked("--look", "bold", "--photo-kept", "0.5") == {"photo_kept": "0.5"}


def test_a_painting_s_own_weight_is_for_gram_matrices() -> None:
    painting = next(each for each in load_gallery().paintings if "style_weight" in each.settings)
    assert config_over({}, painting).style_weight == painting.settings["style_weight"]
    assert config_over(asked("--look", "clear"), painting).style_weight == StyleTransferConfig().style_weight


def test_a_look_that_is_none_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pagoda", "irises", "-o", "o.png", "--look", "nice"]) == 2
    assert "--look" in capsys.readouterr().err
