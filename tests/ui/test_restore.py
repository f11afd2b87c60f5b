"""Whatever recipe is valid, the page takes it wholly or not at all, and gives back what it was given."""

import dataclasses
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nst import jobs
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout
from nst.pictures.codec import encode_png, read_recipe_text
from nst.pictures.gallery import load_gallery
from nst.recipes.link import for_link, from_link, to_link
from nst.recipes.recipe import Recipe, Source
from nst.ui import resources
from nst.ui.pictures.choice import PAINTINGS
from tests.support.fake_engine import Engine
from tests.support.markdown import shown
from tests.support.recipes import draw_recipe

APP = Path(__file__).parents[2] / "app.py"
PIXELS = np.zeros((4, 4, 3), np.uint8)


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine that waits for ever; the page's runner uses it."""
    resources.runner.clear()
    engine, runner = Engine(gated=True), jobs.JobRunner
    monkeypatch.setattr(jobs, "JobRunner", lambda **_: runner(engine, lambda: None))
    # Large recipes are painted on large machines; what is free on this one is another matter.
    monkeypatch.setattr("nst.plan.machine.free_memory", lambda *_: 10**13)
    yield engine
    engine.release(100)
    resources.runner.clear()


def opened(recipe: Recipe, by: str) -> AppTest:
    """Return the page with a recipe from a link or from a PNG."""
    at = AppTest.from_file(str(APP), default_timeout=90)
    if by == "link":
        at.query_params["recipe"] = to_link(for_link(recipe))
    at.run()
    if by == "png":
        file = encode_png(PIXELS, recipe.to_json())
        at.file_uploader(key="reopen_file").upload("ours.png", file, "image/png").run()
    assert not at.exception
    return at


@pytest.mark.parametrize("seed", range(200))
def test_any_recipe_comes_back_from_a_link_and_from_a_png(seed: int) -> None:
    recipe = draw_recipe(random.Random(seed), load_gallery())
    assert Recipe.from_json(read_recipe_text(encode_png(PIXELS, recipe.to_json())) or "") == recipe
    carried = for_link(recipe)
    assert from_link(to_link(carried)) == carried
    assert carried.config == recipe.config


@pytest.mark.parametrize("seed", range(16))
def test_any_recipe_comes_back_from_the_page(seed: int) -> None:
    gallery = load_gallery()
    recipe = draw_recipe(random.Random(seed), gallery)
    at = opened(recipe, "link" if seed % 2 else "png")
    kept = for_link(recipe) if seed % 2 else recipe
    assert any("are in place" in shown(info.value) for info in at.info), [error.value for error in at.error]
    if recipe.content.sha256 not in {photo.sha256 for photo in gallery.photos}:
        return  # its masks wait for its photo
    if len(recipe.styles) > len(PAINTINGS):
        return  # only its first paintings are here
    at.button(key="stylise").click().run()
    assert not at.exception
    assert not at.error
    again = resources.runner().poll(at.query_params["job"]).spec.recipe
    assert (again.content, again.styles) == (recipe.content, recipe.styles)
    assert as_shown(again) == as_shown(recipe)
    if any(region.name != "The rest" for region in recipe.regions[:1]) or not recipe.regions:
        assert again.config.blend(len(recipe.styles)) == pytest.approx(
            recipe.config.blend(len(recipe.styles)), abs=0.02
        )
    assert again.style_guides == kept.style_guides
    same_regions(again, kept)


def as_shown(recipe: Recipe) -> dict[str, object]:
    """Return the settings that the page takes over as they are."""
    settings = recipe.config.to_dict()
    del settings["style_blend_weights"]
    settings["style_blocks"] = [(blocks[0], blocks[-1]) for blocks in settings["style_blocks"]]  # 3 is 3-3
    if settings["init"] == "picture":
        settings["init"] = "content"
    return settings


def same_regions(one: Recipe, other: Recipe) -> None:
    """Compare what is painted where; of a region that is left as the photo, it does not matter with what."""
    if not other.regions:
        assert one.regions == ()
        return
    shape = other.regions[-1].mask.mask.shape
    one_areas, other_areas = (Layout.of(each.regions, (), shape, len(each.styles)).areas for each in (one, other))
    for found, expected in zip(one_areas, other_areas, strict=True):
        assert found.region.shares == pytest.approx(expected.region.shares, abs=0.02)
        assert found.region.strength == expected.region.strength
        np.testing.assert_allclose(found.mask, expected.mask, atol=1 / 15)


def an_empty_guide() -> Recipe:
    gallery = load_gallery()
    recipe = draw_recipe(random.Random(1), gallery)
    styles = tuple(Source(each.id, each.sha256) for each in gallery.paintings[3:5])
    config = recipe.config.with_changes(steps=77, style_blend_weights=(), style_blocks=())
    guide = PackedMask.of(np.zeros((8, 8), np.float32))
    return dataclasses.replace(recipe, styles=styles, config=config, regions=(), style_guides=(None, guide))


@pytest.mark.parametrize("by", ["link", "png"])
def test_a_recipe_that_cannot_be_shown_changes_nothing(by: str) -> None:
    untouched = AppTest.from_file(str(APP), default_timeout=90).run().session_state
    at = opened(an_empty_guide(), by)
    assert ["expected a part of" in shown(error.value) for error in at.error] == [True]
    for name in ("photo", "painting", "steps", "size", "second_on", "regions", "style_guides", "style_layers"):
        assert (name in at.session_state) == (name in untouched)
        if name in untouched:
            assert at.session_state[name] == untouched[name], name


def test_a_part_marked_before_is_not_used_for_a_recipe_that_has_none_there() -> None:
    recipe = an_empty_guide()
    left = np.zeros((8, 8), np.float32)
    left[:, :4] = 1
    both = dataclasses.replace(recipe, style_guides=(PackedMask.of(left), PackedMask.of(left)))
    at = opened(both, "link")
    only = dataclasses.replace(recipe, style_guides=(None, PackedMask.of(left)))
    at.query_params["recipe"] = to_link(only)
    at.run()
    at.button(key="stylise").click().run()
    assert resources.runner().poll(at.query_params["job"]).spec.recipe.style_guides == only.style_guides
