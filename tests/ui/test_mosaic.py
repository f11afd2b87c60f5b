"""The photo in every painting: sketches in place of the gallery's thumbnails, without a browser."""

import dataclasses
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nst.config import StyleTransferConfig
from nst.jobs import JobSpec
from nst.jobs.sketches import SOURCE_SIDE, sketch_settings
from nst.pictures.codec import resize
from nst.pictures.gallery import load_gallery
from nst.recipes.link import to_link
from nst.ui.mosaic.shown import names_in_view_first
from tests.support.app import APP, finished, job, page, png, until
from tests.support.fake_engine import Engine, Sketcher

pytestmark = pytest.mark.usefixtures("fresh_resources")

#: Seconds for all sketches, however busy the machine is: 39 pictures are read for them.
PATIENCE = 120.0
PAINTINGS = {preset.id for preset in load_gallery().paintings}


def chosen(photo: str = "raccoon", **state: Any) -> AppTest:
    """The page of a visitor who has chosen a photo."""
    at = AppTest.from_file(str(APP), default_timeout=90)
    at.session_state["photo"] = photo
    at.session_state["photo_by_visitor"] = True
    for name, value in state.items():
        at.session_state[name] = value
    at.run()
    assert not at.exception
    return at


def captions(at: AppTest) -> str:
    return " ".join(element.value for element in at.caption)


def shown(at: AppTest) -> dict[str, str]:
    """The sketches that stand in place of paintings, by the paintings' ids."""
    key = "painting_picker_sketches"
    return at.session_state[key]["shown"] if key in at.session_state else {}


def all_painted(at: AppTest) -> bool:
    return set(shown(at)) >= PAINTINGS


def started(at: AppTest, engine: Engine) -> JobSpec:
    """Press Stylise, and return what was painted when it is."""
    at.button(key="stylise").click().run()
    spec = job(at).spec
    engine.release(5)
    until(at, finished)
    return spec


def switches(at: AppTest) -> list[str]:
    return [toggle.key for toggle in at.toggle]


def test_nothing_is_sketched_before_the_visitor_has_chosen_a_photo(engine: Engine, sketcher: Sketcher):
    at = page()
    assert "mosaic" not in switches(at)
    assert sketcher.begun == []


def test_the_photo_comes_in_every_painting_the_chosen_one_first(engine: Engine, sketcher: Sketcher):
    at = chosen(painting="irises")
    until(at, all_painted, PATIENCE)
    assert next(iter(shown(at))) == "irises"
    assert all(src.startswith("data:image/jpeg;base64,") for src in shown(at).values())
    assert "Stylise goes on from it" in captions(at)


def test_an_own_photo_is_sketched_too(engine: Engine):
    at = page()
    at.file_uploader(key="photo_file").upload("me.png", png(), "image/png").run()
    assert "mosaic" in switches(at)
    until(at, all_painted, PATIENCE)


def test_what_the_browser_says_is_in_view_may_be_anything():
    wishes = ["first", "second", "third"]
    for seen, expected in (
        (["third"], ["first", "third", "second"]),
        ([["third"], {"a": 1}, None, float("nan"), "x" * 10**5, "third", "third"], ["first", "third", "second"]),
        ("third", wishes),
        ({"third": 1}, wishes),
        ([0] * 10**6 + ["third"], wishes),  # what is beyond any picker is not read
    ):
        assert names_in_view_first(wishes, seen) == expected


def test_another_photo_begins_anew(engine: Engine):
    at = until(chosen(), all_painted, PATIENCE)
    before = shown(at)
    at.session_state["photo"] = "coffee"
    until(at.run(), all_painted, PATIENCE)
    assert shown(at)["irises"] != before["irises"]


def test_the_switch_shows_the_paintings_again(engine: Engine, sketcher: Sketcher):
    at = until(chosen(), all_painted, PATIENCE)
    at.toggle(key="mosaic").set_value(False).run()
    assert "sketches" not in captions(at)
    count = len(sketcher.begun)
    at.session_state["photo"] = "coffee"
    at.run()
    assert len(sketcher.begun) == count


def test_the_picture_goes_on_from_its_sketch(engine: Engine):
    at = until(chosen(painting="irises"), all_painted, PATIENCE)
    at.button(key="stylise").click().run()
    spec = job(at).spec
    assert spec.recipe.config.sketch_weight == 500
    assert spec.initial is not None
    # The recipe says all that it takes: whoever repeats the picture paints the sketch first.
    assert spec.recipe.initial is None
    assert sketch_settings(spec.recipe.config) == sketch_settings(StyleTransferConfig())
    engine.release(5)
    until(at, finished)


@pytest.mark.parametrize(
    "state",
    [{"mosaic": False}, {"init": "noise"}, {"size": 128}, {"steps": 5}, {"second_on": True}, {"coarse_to_fine": False}],
    ids=str,
)
def test_a_picture_that_is_no_larger_sketch_is_painted_from_the_photo(engine: Engine, state: dict[str, Any]):
    at = until(chosen(painting="irises"), all_painted, PATIENCE)
    for name, value in state.items():
        at.session_state[name] = value
    at.run()
    at.button(key="stylise").click().run()
    assert job(at).spec.recipe.config.sketch_weight == 0
    assert job(at).spec.initial is None


def test_other_settings_make_other_sketches_and_until_they_come_the_old_ones_stay(engine: Engine, sketcher: Sketcher):
    at = until(chosen(), all_painted, PATIENCE)
    count = len(sketcher.begun)
    at.session_state["style_scale"] = 0.5
    at.run()
    assert all_painted(at)
    until(at, lambda now: len(sketcher.begun) >= count + len(PAINTINGS), PATIENCE)


def test_sketches_wait_for_the_visitor_s_picture(engine: Engine, sketcher: Sketcher):
    at = page()
    at.button(key="stylise").click().run()
    engine.release(1)
    until(at, lambda now: job(now).frame == 1)
    at.session_state["photo"] = "raccoon"
    at.session_state["photo_by_visitor"] = True
    at.run()
    assert "when your picture is finished" in captions(at)
    assert sketcher.begun == []
    engine.release(4)
    until(at, finished)
    until(at, all_painted, PATIENCE)


def test_settings_without_sketches_say_so(engine: Engine, sketcher: Sketcher):
    at = chosen(init="noise")
    assert "no sketches" in captions(at)
    assert sketcher.begun == []


def test_a_recipe_repeats_its_sketch_and_one_without_gets_none(engine: Engine):
    recipe = started(until(chosen(painting="irises"), all_painted, PATIENCE), engine).recipe
    for weight in (321.0, 0.0):
        config = recipe.config.with_changes(sketch_weight=weight)
        again = AppTest.from_file(str(APP), default_timeout=90)
        again.query_params["recipe"] = to_link(dataclasses.replace(recipe, config=config))
        again.session_state["photo_by_visitor"] = True
        until(again.run(), all_painted, PATIENCE)
        spec = started(again, engine)
        assert (spec.recipe.config.sketch_weight, spec.initial) == (weight, None)
        # Another painting is another picture.
        again.session_state["painting"] = "circus-sideshow"
        until(again.run(), all_painted, PATIENCE)
        assert started(again, engine).recipe.config.sketch_weight == 500


def test_those_in_view_come_first_and_what_a_browser_says_is_checked(engine: Engine, sketcher: Sketcher):
    seen = load_gallery().paintings[-1]
    at = chosen(painting="irises", sketches_painting_picker_0={"seen": [seen.id, 7, "no such painting"]})
    until(at, all_painted, PATIENCE)
    order = [painting.tobytes() for painting in sketcher.paintings]
    early = {resize(preset.read().pixels, SOURCE_SIDE).tobytes() for preset in (seen, load_gallery().paintings[-2])}
    places = [index for index, painting in enumerate(order) if painting in early]
    assert places[0] <= 3, "the worker may have begun before the page has said what is in view"
    assert places[1] >= len(PAINTINGS) - 3


def test_an_own_painting_comes_on_every_photo(engine: Engine):
    at = page()
    assert "mosaic_photos" not in switches(at)
    at.file_uploader(key="painting_file").upload("mine.png", png(), "image/png").run()
    photos = {preset.id for preset in load_gallery().photos}
    until(at, lambda now: set(now.session_state["photo_picker_sketches"]["shown"]) == photos, PATIENCE)
    assert "mosaic" not in switches(at), "no photo was chosen"
    at.toggle(key="mosaic_photos").set_value(False).run()
    assert "sketches" not in captions(at)
