"""A look asked for by its name."""

import dataclasses
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
    assert asked("--look", "paper")["style_statistics"] == "gram"
    assert asked("--look", "balanced") == {}


def test_a_style_weight_or_a_share_that_is_given_wins_over_the_looks() -> None:
    assert asked("--look", "bold", "--photo-kept", "0.6") == {"photo_kept": "0.6"}
    assert asked("--look", "bold", "--style-weight", "7") == {"style_weight": "7"}


def test_a_style_weight_that_a_painting_or_an_option_names_is_not_found() -> None:
    painting = load_gallery().paintings[0]
    own = dataclasses.replace(painting, settings={"style_weight": 300.0})
    assert config_over({}, painting).photo_kept == StyleTransferConfig().photo_kept
    assert (config_over({}, own).style_weight, config_over({}, own).photo_kept) == (300, 0)
    assert config_over(asked("--style-weight", "7"), painting) == StyleTransferConfig(style_weight=7)
    assert config_over(asked("--photo-kept", "0.6"), own).photo_kept == 0.6


def test_a_look_that_is_none_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pagoda", "irises", "-o", "o.png", "--look", "nice"]) == 2
    assert "--look" in capsys.readouterr().err
