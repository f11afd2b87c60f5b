"""Print size on the page: a sheet in place of the pixels, and files that have its dots per inch."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from nst.pictures.codec import encode_png, read_recipe_text
from nst.plan.machine import Machine
from nst.recipes.recipe import Recipe
from nst.ui import resources
from nst.ui import warmup as network
from nst.ui.result.downloads import _tiff
from tests.support.app import finished, job, opened, page, png, until
from tests.support.fake_engine import Engine, Record

# 60 x 40 px of a photo on 15 x 10 cm fill it: 1.5 to 1 both.
PHOTO = png()


def for_print(photo: bytes = PHOTO, sheet: str = "10 × 15 cm", dpi: int = 100, crop: bool = False) -> AppTest:
    at = page()
    at.file_uploader(key="photo_file").upload("mine.png", photo, "image/png").run()
    at.toggle(key="print_on").set_value(True).run()
    at.selectbox(key="print_sheet").set_value(sheet).run()
    at.selectbox(key="print_dpi").set_value(dpi)
    at.toggle(key="print_crop").set_value(crop).run()
    assert not at.exception
    return at


def captions(at: AppTest) -> str:
    return " ".join(caption.value for caption in at.caption)


def test_a_print_is_painted_with_its_pixels_and_its_files_have_its_inches(engine: Engine) -> None:
    at = for_print()
    assert "591 × 394 px" in captions(at)
    at.button(key="stylise").click().run()
    spec = job(at).spec
    assert (spec.recipe.config.size, spec.recipe.config.upscale) == (591, True)
    assert spec.dpi == 100
    engine.release(5)
    until(at, finished)
    assert at.download_button(key="download_tiff")
    result = job(at).result_png
    assert result is not None
    for data in (result, job(at).result_jpeg, _tiff(result, 100)):
        assert Image.open(BytesIO(data)).info["dpi"] == pytest.approx((100, 100), abs=0.02)
    assert Recipe.from_json(str(read_recipe_text(_tiff(result, 100)))) == Recipe.from_json(
        str(read_recipe_text(result))
    )


def test_a_picture_for_the_screen_says_nothing_of_inches(engine: Engine) -> None:
    at = page()
    at.button(key="stylise").click().run()
    engine.release(5)
    until(at, finished)
    assert job(at).spec.dpi is None
    assert "download_tiff" not in [button.key for button in at.download_button]


def test_a_sheet_is_filled_by_cutting_the_photo_and_turned_as_the_photo_is(engine: Engine) -> None:
    upright = encode_png(np.full((90, 60, 3), 128, np.uint8))
    at = for_print(upright, crop=True)
    assert "394 × 591 px" in captions(at)
    at = for_print(encode_png(np.full((50, 100, 3), 128, np.uint8)), crop=True)
    assert "591 × 394 px" in captions(at)
    at.toggle(key="print_crop").set_value(False).run()
    assert "591 × 296 px" in captions(at)


def test_turned_off_the_size_in_pixels_is_as_it_was(engine: Engine) -> None:
    at = page()
    at.number_input(key="size").set_value(96).run()
    at.toggle(key="print_on").set_value(True).run()
    at.run()
    assert not [field for field in at.number_input if field.key == "size"]
    at.toggle(key="print_on").set_value(False).run()
    assert at.number_input(key="size").value == 96
    at.toggle(key="print_on").set_value(True).run()
    at.button(key="reset").click().run()
    assert at.toggle(key="print_on").value is False
    assert at.number_input(key="size").value == 512


def test_the_time_of_a_print_is_said_and_that_it_is_too_long(
    engine: Engine, measured: network.Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured.machine = resources.hosting().machine()
    at = for_print(sheet="A3", dpi=150)
    assert ", about " not in captions(at), "the machine's speed is not known yet"
    measured.machine = Machine("CPU", "float32", 8 * 10**9, rate=1e11)
    assert ", about " in captions(at.run())
    assert "gets at most" not in captions(at)
    monkeypatch.setenv("NST_JOB_SECONDS", "60")
    resources.hosting.clear()
    assert "gets at most" in captions(at.run())


def test_only_prints_that_this_server_can_paint_are_offered(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_PROFILE", "public")
    resources.hosting.clear()
    at = page()
    at.toggle(key="print_on").set_value(True).run()
    assert at.selectbox(key="print_sheet").options == ["10 × 15 cm", "13 × 18 cm", "A6"]
    assert at.selectbox(key="print_dpi").options == ["100"]
    monkeypatch.setenv("NST_MAX_SIZE", "512")
    resources.hosting.clear()
    assert "print_on" not in [toggle.key for toggle in page().toggle]


def test_the_settings_of_a_picture_are_brought_back_in_pixels(engine: Engine) -> None:
    at = for_print()
    at.button(key="stylise").click().run()
    engine.release(5)
    until(at, finished)
    at.button(key="use_settings").click().run()
    assert at.toggle(key="print_on").value is False
    assert at.number_input(key="size").value == 591


def test_a_print_can_have_16_bits_a_channel_as_png_and_tiff(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    between = np.full((6, 8, 3), 100.5, np.float32)
    monkeypatch.setattr(Record, "levels", lambda self: between)
    at = for_print()
    at.toggle(key="print_deep").set_value(True).run()
    at.button(key="stylise").click().run()
    assert job(at).spec.bits == 16
    engine.release(5)
    until(at, finished)
    result = job(at).result_png
    assert result is not None
    for data in (result, _tiff(result, 100)):
        read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        assert read.dtype == np.uint16
        assert (read == round(100.5 * 257)).all()
        assert read_recipe_text(data) is not None
        assert Image.open(BytesIO(data)).info["dpi"] == pytest.approx((100, 100), abs=0.02)
    at.toggle(key="print_deep").set_value(False).run()
    at.button(key="continue").click().run()
    assert job(at).spec.bits == 8


def test_a_texture_and_a_doodle_are_painted_for_the_sheet_too(engine: Engine) -> None:
    at = opened("texture")
    at.toggle(key="print_on").set_value(True).run()
    at.selectbox(key="print_sheet").set_value("10 × 15 cm").run()
    at.selectbox(key="print_dpi").set_value(100).run()
    at.button_group(key="texture_proportions_sheet").set_value("Portrait").run()
    assert "394 × 591 px" in captions(at)
    at.toggle(key="texture_tileable").set_value(True).run()
    assert "400 × 592 px" in captions(at)
    at.button(key="texture_start").click().run()
    spec = job(at).spec
    assert (spec.content.shape, spec.dpi, spec.bits) == ((592, 400, 3), 100, 8)
    engine.release(5)
    until(at, finished)
    assert at.download_button(key="download_tiff")
