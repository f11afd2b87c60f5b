"""The settings of a film are those of its frames, and of nothing twice."""

from dataclasses import fields

import pytest

from nst.config import FilmConfig, StyleTransferConfig
from nst.errors import ConfigError


def test_a_first_frame_is_painted_like_a_picture_by_itself() -> None:
    assert FilmConfig().first_frame() == StyleTransferConfig()
    assert FilmConfig(size=300, tv_weight=2.0).first_frame() == StyleTransferConfig(size=300, tv_weight=2.0)


def test_settings_survive_json() -> None:
    config = FilmConfig(frame_steps=9, start=1.5, style_blend_weights=(1, 2))
    assert FilmConfig.from_dict(config.to_dict()) == config


def test_every_setting_says_what_it_does() -> None:
    assert all(spec.metadata["help"] for spec in fields(FilmConfig))


@pytest.mark.parametrize("name", ["frame_steps", "scene_change", "fps", "start", "seconds"])
def test_a_value_out_of_range_is_said(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: expected a number"):
        FilmConfig().with_changes(**{name: -1})
