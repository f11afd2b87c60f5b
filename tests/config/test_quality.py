"""The named qualities are a rising order of evaluations, each within the config's bounds."""

from nst.config import QUALITIES, STEPS, StyleTransferConfig


def test_every_quality_takes_more_evaluations_than_the_one_before() -> None:
    assert list(STEPS) == ["draft", "standard", "fine"]
    assert list(STEPS.values()) == sorted(set(STEPS.values()))


def test_standard_is_the_default() -> None:
    assert StyleTransferConfig().steps == STEPS["standard"]


def test_every_quality_is_a_valid_setting_and_says_what_it_is_for() -> None:
    for quality in QUALITIES:
        assert StyleTransferConfig(steps=quality.steps).steps == quality.steps
        assert quality.reason
