"""What a user relies on: how a picture is computed is said apart from what is painted, and checked as strictly."""

from dataclasses import fields

import pytest

from nst.config import RUN_FIELDS, RunOptions, StyleTransferConfig, without_run
from nst.errors import ConfigError


def test_no_option_of_a_run_is_a_setting_of_the_picture() -> None:
    assert RUN_FIELDS == ("precision", "memory", "tile", "history", "network", "weights", "weights_scale")
    assert not {spec.name for spec in fields(StyleTransferConfig)} & set(RUN_FIELDS)
    with pytest.raises(ConfigError, match="'tile': expected one of the settings size, steps"):
        StyleTransferConfig.from_dict({"tile": 512})


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("precision", "float16", "precision: expected auto or bfloat16 or float32, got 'float16'."),
        ("memory", -1, "memory: expected a number from 0 to 1e+07, got -1."),
        ("tile", 1.5, "tile: expected a whole number, got 1.5."),
        ("history", "0", "history: expected a number from 1 to 50, got '0'."),
        ("weights", 1, "weights: expected the name of a file, got 1."),
        ("weights", "a\0b", "weights: expected the name of a file, got 'a\\x00b'."),
        (
            "weights_scale",
            "normalised",
            "weights_scale: expected weights of one's own beside it, got none; "
            "name their file in weights, or leave it out: the bundled ones are normalised.",
        ),
        (
            "threads",
            2,
            "'threads': expected one of the settings precision, memory, tile, history, network, weights, "
            "weights_scale.",
        ),
    ],
)
def test_wrong_options_are_refused(option: str, value: object, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        RunOptions.from_dict({option: value})
    assert str(caught.value) == problem


def test_options_survive_json_and_may_come_as_text() -> None:
    options = RunOptions.from_dict({"memory": "4000", "precision": "float32"})
    assert options == RunOptions(memory=4000, precision="float32")
    assert RunOptions.from_dict(options.to_dict()) == options
    assert options.with_changes(tile=512).tile == 512


def test_settings_of_former_versions_fall_into_two_parts() -> None:
    settings, run = without_run({"size": 96, "tile": 512, "brush": 1, "precision": "auto"})
    assert settings == {"size": 96, "brush": 1}
    assert run == {"tile": 512, "precision": "auto"}


def test_weights_never_come_from_settings_of_anyone() -> None:
    with pytest.raises(ConfigError, match="'weights': expected one of the settings size, steps"):
        StyleTransferConfig.from_dict(without_run({"size": 96, "weights": "/etc/passwd"})[0])
