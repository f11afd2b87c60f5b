"""A recipe in an address: whole for the one who opens it, harmless whatever it holds."""

import base64
import zlib

import pytest

from nst.config import StyleTransferConfig
from nst.errors import ConfigError
from nst.link import LINK_VERSION, MAX_LINK, from_link, to_link
from nst.recipe import Recipe, Source

RECIPE = Recipe(
    Source.of("Röntgen & Söhne.jpg", b"photo"),
    (Source.of("irises", b"one"), Source.of("boating", b"two")),
    StyleTransferConfig(size=300, style_weight=250, style_layers="conv1_1:2,conv4_3", style_blend_weights=(0.3, 0.7)),
    "1.0",
)


def packed(data: bytes) -> str:
    return f"{LINK_VERSION}.{base64.urlsafe_b64encode(zlib.compress(data)).decode()}"


def test_a_link_holds_the_whole_recipe_in_characters_that_an_address_takes() -> None:
    text = to_link(RECIPE)
    assert from_link(text) == RECIPE
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(text) < 1000


def test_a_link_says_every_setting_so_that_later_defaults_do_not_change_it() -> None:
    json = zlib.decompress(base64.urlsafe_b64decode(to_link(RECIPE).partition(".")[2] + "==")).decode()
    assert all(f'"{name}"' in json for name in StyleTransferConfig().to_dict())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.",
        "1.%%%%",
        "1.äöü",
        to_link(RECIPE)[:-20],
        packed(b"\xff\xfe"),
        packed(b"[]"),
        packed(b'{"recipe": 99}'),
        packed(b"0" * 10**7),
        "1." + "A" * MAX_LINK,
    ],
)
def test_anything_else_is_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        from_link(text)
    assert "\n" not in str(error.value)


def test_another_version_is_named_as_such() -> None:
    with pytest.raises(ConfigError, match="another version of nst"):
        from_link("2" + to_link(RECIPE)[1:])
