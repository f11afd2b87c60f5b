"""The named looks."""

import pytest

from nst.config import LOOKS, Look, StyleTransferConfig, look_settings


def test_the_first_look_is_the_defaults_and_the_names_differ() -> None:
    assert StyleTransferConfig.from_dict(look_settings(LOOKS[0])) == StyleTransferConfig()
    assert len({look.name for look in LOOKS}) == len({look.title for look in LOOKS}) == len(LOOKS)


@pytest.mark.parametrize("look", LOOKS[1:], ids=lambda look: look.name)
def test_a_look_changes_what_it_sets_and_nothing_else(look: Look) -> None:
    config, defaults = StyleTransferConfig.from_dict(look_settings(look)).to_dict(), StyleTransferConfig().to_dict()
    changed = {name for name in config if config[name] != defaults[name]}
    assert changed == set(look.settings)
    assert {name: config[name] for name in changed} == look.settings


def test_every_look_sets_back_what_any_other_has_set() -> None:
    assert len({frozenset(look_settings(look)) for look in LOOKS}) == 1
