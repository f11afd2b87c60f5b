"""Textures and doodles on the page: pictures that are painted without a photo."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nst.config import WITHOUT_PHOTO
from nst.errors import MaskError
from nst.masks.editing import MaskEdits
from nst.pictures.blank import Blank
from nst.pictures.codec import encode_png, read_picture
from nst.pictures.gallery import load_gallery
from nst.recipes.blank import is_without_photo
from nst.recipes.link import to_link
from nst.ui import resources
from nst.ui.more.doodle import parts
from nst.ui.more.sheet import blank_of, choice_of
from tests.support.app import buttons, finished, job, opened, sentences, until
from tests.support.fake_engine import Engine
from tests.support.markdown import shown

NAMES = ["Colour 1", "Colour 2"]
LEFT, RIGHT = np.zeros((2, 20, 40), np.float32)
LEFT[:, :20], RIGHT[:, 20:] = 1, 1


def marked(*masks: np.ndarray) -> MaskEdits:
    edits = MaskEdits((20, 40))
    for index, mask in enumerate(masks):
        edits = edits.marked(index, mask)
    return edits


def test_a_texture_is_painted_from_noise_and_shown_alone(engine: Engine) -> None:
    at = opened("texture")
    at.button_group(key="texture_proportions").set_value("Landscape").run()
    at.toggle(key="texture_tileable").set_value(True).run()
    at.number_input(key="size").set_value(100).run()
    at.button(key="texture_start").click().run()
    recipe = job(at).spec.recipe
    assert is_without_photo(recipe)
    assert recipe.content.name == "blank 96x64", "sides that wrap around are multiples of 16"
    assert recipe.config.tileable
    assert {name: getattr(recipe.config, name) for name in WITHOUT_PHOTO} == WITHOUT_PHOTO
    assert recipe.styles[0].name == at.session_state["painting"]
    engine.release(5)
    until(at, finished)
    assert {"use_settings", "copy_link"}.isdisjoint(buttons(at))
    assert any("Texture after" in shown(text.value) for text in at.markdown)
    at.toggle(key="pattern").set_value(True).run()
    assert not at.exception
    at.button(key="continue").click().run()
    assert job(at).spec.recipe.config.content_weight == 0
    assert job(at).spec.recipe.config.init == "picture"
    assert job(at).spec.recipe.config.tileable


def test_a_sheet_takes_no_more_memory_on_the_page_than_it_shows() -> None:
    """A link may ask for any size; whether this server allows it is looked at afterwards."""
    choice = choice_of(Blank(4096, 8192))
    assert choice.shape == (4096, 8192)
    assert read_picture(choice.preview()).pixels.shape == (320, 640, 3)


def test_the_settings_of_a_texture_cannot_be_those_of_a_photo_and_that_is_said(engine: Engine) -> None:
    at = opened("texture")
    at.button(key="texture_start").click().run()
    recipe = job(at).spec.recipe
    guest = opened("texture")
    guest.query_params["recipe"] = to_link(recipe)
    guest.run()
    assert "texture or a doodle" in sentences(guest)[0]


def test_a_texture_beyond_the_limits_is_refused_before_it_starts(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NST_MAX_SIZE", "128")
    resources.hosting.clear()
    at = opened("texture")
    assert any(sentence.startswith("size: expected at most 128") for sentence in sentences(at))
    assert "texture_start" not in buttons(at)


def test_each_colour_of_a_doodle_has_its_part_of_the_painting_and_the_rest_the_rest() -> None:
    regions, guides = parts(marked(LEFT), marked(RIGHT), NAMES)
    assert [region.name for region in regions] == ["for the rest", "Colour 1"]
    assert [region.shares for region in regions] == [(1.0, 0.0), (0.0, 1.0)]
    np.testing.assert_array_equal(regions[1].mask.mask, LEFT)
    rest, own = guides
    assert rest is not None
    assert own is not None
    np.testing.assert_array_equal(own.mask, RIGHT)
    np.testing.assert_array_equal(rest.mask, LEFT)


def test_a_drawing_that_covers_all_has_no_rest_and_a_painting_that_is_marked_all_over_gives_all_of_it_to_the_rest() -> (
    None
):
    regions, _ = parts(marked(LEFT, RIGHT), marked(LEFT, RIGHT), NAMES)
    assert [region.name for region in regions] == NAMES
    regions, guides = parts(marked(LEFT), marked(LEFT, RIGHT), NAMES)
    assert [region.name for region in regions] == ["for the rest", "Colour 1"]
    assert guides[0] is None


@pytest.mark.parametrize(
    ("drawing", "model", "sentence"),
    [
        ((), (LEFT,), "doodle: expected a drawing, got an empty sheet"),
        ((LEFT, RIGHT), (LEFT,), "doodle: expected Colour 2 in the painting too"),
    ],
)
def test_what_is_no_doodle_is_said(
    drawing: tuple[np.ndarray, ...], model: tuple[np.ndarray, ...], sentence: str
) -> None:
    with pytest.raises(MaskError, match=sentence):
        parts(marked(*drawing), marked(*model), NAMES)


def test_a_doodle_is_painted_after_what_is_drawn(engine: Engine) -> None:
    at = opened("doodle")
    assert at.button(key="doodle_start").disabled
    painting = next(preset for preset in load_gallery().paintings if preset.id == at.session_state["painting"])
    for role, mask in (("doodle", LEFT), ("doodle_model", RIGHT)):
        ((sha256, edits),) = at.session_state[f"{role}_edits"].items()
        at.session_state[f"{role}_edits"] = {sha256: edits.marked(0, mask)}
    at.run()
    at.button(key="doodle_start").click().run()
    spec = job(at).spec
    assert is_without_photo(spec.recipe)
    assert [source.sha256 for source in spec.recipe.styles] == [painting.sha256] * 2
    assert len(spec.recipe.regions) == len(spec.recipe.style_guides) == 2
    assert "doodle_start" not in buttons(at), "the canvases are off the page while it is painted"
    engine.release(5)
    until(at, finished)
    assert any("Doodle after" in shown(text.value) for text in at.markdown)


def test_blank_pictures_have_their_long_side() -> None:
    assert (blank_of(100, 1.5).width, blank_of(100, 1.5).height) == (100, 67)
    assert (blank_of(100, 2 / 3).width, blank_of(100, 2 / 3).height) == (67, 100)
    assert (blank_of(5, 1.0, 16).width, blank_of(5, 1.0, 16).height) == (16, 16)


def map_files(at: AppTest, model: bytes, drawing: bytes) -> AppTest:
    at.button_group(key="doodle_how").set_value("Files").run()
    at.file_uploader(key="doodle_model_map").upload("painting.png", model, "image/png").run()
    at.file_uploader(key="doodle_map").upload("[mine](http://x).png", drawing, "image/png").run()
    assert not at.exception
    return at


def halves(height: int, width: int, *colours: tuple[int, int, int]) -> bytes:
    pixels = np.full((height, width, 3), colours[0], np.uint8)
    pixels[: height // 4] = colours[-1]
    return encode_png(pixels)


def test_a_doodle_is_painted_after_maps_from_files(engine: Engine) -> None:
    at = opened("doodle")
    painting = next(preset for preset in load_gallery().paintings if preset.id == at.session_state["painting"])
    height, width, _ = painting.read().pixels.shape
    assert at.button(key="doodle_start").disabled is True
    map_files(at, halves(height, width, (0, 0, 200), (200, 0, 0)), halves(40, 80, (200, 0, 0), (0, 0, 200)))
    at.number_input(key="size").set_value(96).run()
    at.button(key="doodle_start").click().run()
    spec = job(at).spec
    assert spec.content.shape == (48, 96, 3), "in the proportions of its map"
    assert [source.sha256 for source in spec.recipe.styles] == [painting.sha256] * 2
    assert [region.name for region in spec.recipe.regions] == ["#c80000", "#0000c8"]
    red, blue = spec.recipe.style_guides
    assert red is not None
    assert blue is not None
    assert red.mask.mean() == pytest.approx(0.25, abs=0.01)
    assert blue.mask.mean() == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize(
    ("model", "drawing", "sentence"),
    [
        (halves(50, 50, (0, 0, 0)), b"no picture", "[mine](http://x).png: expected a JPEG, PNG"),
        (halves(50, 50, (0, 0, 0)), halves(50, 50, (250, 0, 0)), "expected colours that painting.png has too"),
        (halves(9, 900, (0, 0, 0)), halves(50, 50, (0, 0, 0)), "expected a map in the proportions of the painting"),
    ],
)
def test_maps_that_do_not_belong_together_are_said(engine: Engine, model: bytes, drawing: bytes, sentence: str) -> None:
    at = map_files(opened("doodle"), model, drawing)
    said = [*sentences(at), *(shown(caption.value) for caption in at.caption)]
    assert any(sentence in each for each in said), said
    assert at.button(key="doodle_start").disabled
