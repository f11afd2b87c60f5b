"""A recipe in an address: whole for the one who opens it, harmless whatever it holds."""

import base64
import zlib
from dataclasses import replace

import numpy as np
import pytest

from nst.config import StyleTransferConfig
from nst.errors import ConfigError
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.recipes.link import LINK_VERSION, MAX_LINK, for_link, from_link, to_link
from nst.recipes.recipe import Recipe, Source

RECIPE = Recipe(
    Source.of("Röntgen & Söhne.jpg", b"photo"),
    (Source.of("irises", b"one"), Source.of("boating", b"two")),
    StyleTransferConfig().with_changes(
        size=300, style_weight=250, style_layers="conv1_1:2,conv4_3", style_blend_weights=(0.3, 0.7)
    ),
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


def noise(seed: int) -> PackedMask:
    """A mask that can hardly be compressed, three quarters of it covered."""
    return PackedMask.of((np.random.default_rng(seed).random((96, 96)) < 0.75).astype(np.float32))


def test_fine_masks_are_made_coarser_until_they_fit() -> None:
    regions = tuple(Region(str(seed), noise(seed), (1.0, 0.0), 2.0) for seed in range(3))
    recipe = replace(RECIPE, regions=regions, style_guides=(None, noise(3)))
    assert len(to_link(recipe)) > MAX_LINK
    carried = from_link(to_link(for_link(recipe)))
    for found, asked in zip(carried.regions, regions, strict=True):
        assert replace(found, mask=asked.mask) == asked
        assert found.mask.mask.mean() == pytest.approx(0.75, abs=0.02)
    assert carried.style_guides[0] is None


def test_simple_masks_are_carried_as_they_are_and_too_many_not_at_all() -> None:
    half = PackedMask.of(np.eye(2, dtype=np.float32).repeat(100, 0).repeat(100, 1))
    recipe = replace(RECIPE, regions=(Region("a", half, (1.0, 0.0)), Region("b", half, (0.0, 1.0))))
    assert for_link(recipe) == recipe
    recipe = replace(RECIPE, regions=tuple(Region(str(seed), noise(seed), (1.0, 0.0)) for seed in range(8)))
    assert for_link(recipe) == RECIPE
