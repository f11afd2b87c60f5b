"""The page's logic by Streamlit's own AppTest, with an engine that a test can stop at any step."""

import base64
import dataclasses
import re
import subprocess
import sys
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from nst import jobs
from nst.config import LOOKS, RUN_FIELDS, STEPS, StyleTransferConfig
from nst.jobs.limits import Limits
from nst.masks.editing import MaskEdits
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region
from nst.masks.strokes import Stroke
from nst.pictures.codec import encode_png, read_picture, read_recipe_text
from nst.pictures.gallery import Gallery, load_gallery
from nst.plan.machine import Machine
from nst.recipes.link import for_link, to_link
from nst.recipes.recipe import Recipe, Source
from nst.server.decoder import Decoder
from nst.server.slots import Asker
from nst.ui import resources
from nst.ui.about.illustrations import EXAMPLE, GUIDE, PAINTED_SIDE, WALL, picture
from nst.ui.settings import state
from tests.support.app import APP, buttons, cancelled, finished, job, page, png, sentences, until
from tests.support.fake_engine import Engine
from tests.support.markdown import shown

pytestmark = pytest.mark.usefixtures("fresh_resources")


def pair(at: AppTest) -> str:
    """Return the line below the chosen pictures."""
    return next(element.proto.body for element in at.get("html") if "nst-pair" in element.proto.body)


def progress_texts(at: AppTest) -> list[str]:
    return [element.proto.text for element in at.get("progress")]


def test_the_page_is_complete_before_tensorflow_is_loaded():
    code = f"""
import sys
from PIL import Image
from streamlit.testing.v1 import AppTest
from nst import jobs
runner = jobs.JobRunner
jobs.JobRunner = lambda **_: runner(warm_up=lambda: None)
at = AppTest.from_file({str(APP)!r}, default_timeout=90).run()
assert not at.exception and at.button(key="stylise"), at.exception
print({{"tensorflow", "keras"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=APP.parent)
    assert done.stdout.strip() == "set()"


def test_the_first_sight_has_a_photo_and_a_painting_chosen(engine):
    at = page()
    gallery = load_gallery()
    assert at.session_state["photo"] == gallery.photos[0].id
    assert at.session_state["painting"] == EXAMPLE.painting, "the first press paints what the example shows"
    assert not at.error
    assert not at.button(key="stylise").disabled


def large(at: AppTest) -> str:
    """The pictures that are chosen, as the main column shows them."""
    return " ".join(element.proto.body for element in at.get("html") if 'class="nst-chosen"' in element.proto.body)


def test_what_is_chosen_is_seen_large_in_place_of_the_example(engine):
    at = page()
    assert not large(at), "the example shows what was chosen at first"
    photo = load_gallery().photos[2]
    at.session_state["photo"] = photo.id
    at.run()
    assert photo.description in large(at)
    at.file_uploader(key="photo_file").upload("mine.png", png(), "image/png").run()
    assert "mine.png" in large(at)
    assert photo.description not in large(at)


def test_another_choice_takes_the_place_of_the_result_which_stays_within_reach(engine):
    at = page()
    first = painted(at, engine)
    assert not large(at)
    at.session_state["painting"] = load_gallery().paintings[3].id
    at.run()
    assert large(at)
    assert "continue" not in buttons(at)
    assert [entry.job_id for entry in at.session_state["results"]] == [first.id]
    at.query_params["job"] = first.id  # as a click on the strip does
    at.run()
    assert not large(at)
    assert "continue" in buttons(at)
    at.number_input(key="steps").set_value(30).run()
    assert "continue" in buttons(at), "settings are no other choice"


def test_a_choice_made_while_a_picture_is_painted_does_not_hide_it(engine):
    at = page()
    at.button(key="stylise").click().run()
    at.session_state["photo"] = load_gallery().photos[1].id
    at.run()
    engine.release(5)
    until(at, finished)
    at.run()
    assert "continue" in buttons(at)


def test_stylise_shows_progress_and_ends_with_both_downloads(engine):
    at = page()
    painting = load_gallery().paintings[2]
    at.session_state["painting"] = painting.id
    at.run()
    at.number_input(key="size").set_value(96)
    at.button(key="stylise").click().run()
    assert at.button(key="stylise").disabled
    engine.release(2)
    until(at, lambda now: job(now).frame == 2)
    assert "cancel" in buttons(at)
    assert not at.download_button
    engine.release(3)
    until(at, finished)
    assert "cancel" not in buttons(at)
    assert not at.button(key="stylise").disabled
    recipe = Recipe.from_json(read_recipe_text(job(at).result_png))
    assert recipe.styles[0].name == painting.id
    assert recipe.styles[0].sha256 == painting.sha256
    assert recipe.config.size == 96


def test_cancel_keeps_the_picture(engine):
    at = page()
    at.button(key="stylise").click().run()
    cancelled(at, engine)
    assert job(at).state is jobs.JobState.CANCELLED
    assert np.all(read_picture(job(at).result_png).pixels == 30)


def test_changing_controls_does_not_disturb_a_running_job(engine):
    at = page()
    at.button(key="stylise").click().run()
    engine.release(1)
    before = until(at, lambda now: job(now).frame == 1).query_params["job"]
    at.number_input(key="steps").set_value(500).run()
    at.session_state["painting"] = load_gallery().paintings[3].id
    at.run()
    assert at.query_params["job"] == before
    assert job(at).state is jobs.JobState.RUNNING
    engine.release(4)
    until(at, finished)
    assert job(at).spec.recipe.config.steps == StyleTransferConfig().steps


def test_a_reload_finds_the_job_of_its_address_again(engine):
    at = page()
    at.button(key="stylise").click().run()
    again = AppTest.from_file(str(APP), default_timeout=90)
    again.query_params["job"] = job(at).id
    again.run()
    assert again.button(key="cancel").disabled, "who has only the address may look"
    # What the tab has kept and frontend/visitor.js gives back; the browser's tests do it with the real thing.
    again.session_state["visitor"] = at.session_state["visitor"]
    again.run()
    assert not again.button(key="cancel").disabled
    engine.release(5)
    until(again, finished)


def test_an_address_of_a_forgotten_job_says_so(engine):
    at = AppTest.from_file(str(APP), default_timeout=90)
    at.query_params["job"] = "forgotten"
    at.run()
    assert not at.exception
    assert len(at.info) == 1
    assert "job" not in at.query_params


def test_an_address_of_another_server_s_job_is_kept_until_that_server_is_back(engine) -> None:
    at = AppTest.from_file(str(APP), default_timeout=90)
    at.query_params["job"] = "8502.secret"
    at.run()
    assert not at.exception
    assert "is starting anew" in at.info[0].value
    assert at.query_params["job"] == "8502.secret"


def test_two_visitors_have_their_own_jobs(engine):
    one, two = page(), page()
    one.button(key="stylise").click().run()
    two.button(key="stylise").click().run()
    assert job(one).id != job(two).id
    engine.release(1)
    until(one, lambda now: job(now).frame == 1)
    two.run()
    assert job(two).position == 1
    engine.release(9)
    until(one, finished)
    until(two, finished)


def test_a_visitor_removes_their_own_picture_and_nobody_else_does(engine):
    own, stranger = page(), page()
    shown_before = []
    for _ in range(2):
        own.button(key="stylise").click().run()
        engine.release(5)
        until(own, finished)
        shown_before.append(own.query_params["job"])
    stranger.query_params["job"] = own.query_params["job"]
    stranger.run()
    assert "continue" in buttons(stranger)
    assert "remove" not in buttons(stranger)
    own.button(key="remove").click().run()
    assert own.query_params["job"] == shown_before[0]
    own.button(key="remove").click().run()
    assert "job" not in own.query_params
    assert "remove" not in buttons(own)
    assert not own.exception
    assert not resources.runner().known(shown_before)


def test_continue_starts_from_the_picture_with_the_settings_of_now(engine):
    at = page()
    at.button(key="stylise").click().run()
    engine.release(5)
    until(at, finished)
    first = job(at)
    at.number_input(key="steps").set_value(20)
    at.session_state["photo"] = load_gallery().photos[1].id
    at.run()
    at.query_params["job"] = first.id
    at.run()
    at.button(key="continue").click().run()
    second = job(at)
    assert second.id != first.id
    assert second.spec.recipe.config.init == "picture"
    assert second.spec.recipe.config.steps == 20
    assert second.spec.recipe.content == first.spec.recipe.content
    assert np.array_equal(second.spec.initial, read_picture(first.result_png).pixels)
    engine.release(5)
    until(at, finished)


def test_a_job_that_fails_shows_its_sentence_and_the_next_one_can_start(monkeypatch):
    def engine(*_, **__):
        raise MemoryError

    runner = jobs.JobRunner
    monkeypatch.setattr(jobs, "JobRunner", lambda **_: runner(engine, lambda: None))
    at = page()
    at.button(key="stylise").click().run()
    until(at, lambda now: len(now.error) == 1)
    assert "smaller size" in sentences(at)[0]
    assert not at.button(key="stylise").disabled


def test_the_strength_slider_stays_within_betas_bound(engine):
    at = page()
    at.number_input(key="style_weight").set_value(900.0).run()
    at.number_input(key="content_weight").set_value(1e5).run()
    at.select_slider(key="strength").set_value(1e5).run()
    assert at.session_state.style_weight == 1e9


def test_two_paintings_blend_by_their_shares(engine):
    at = page()
    second = load_gallery().paintings[4]
    at.toggle(key="second_on").set_value(True).run()
    at.session_state["second"] = second.id
    at.slider(key="second_share").set_value(25).run()
    at.button(key="stylise").click().run()
    spec = job(at).spec
    assert spec.recipe.styles[1].name == second.id
    assert spec.recipe.config.style_blend_weights == (0.75, 0.25)
    assert len(spec.styles) == 2
    engine.release(5)
    until(at, finished)


@pytest.mark.parametrize(("kind", "index"), [("photo", 0), ("painting", 1)])
def test_an_upload_is_chosen_and_used(engine, kind, index):
    at = page()
    at.file_uploader(key=f"{kind}_file").upload("mine.png", png(), "image/png").run()
    assert not at.error
    assert at.session_state[kind] == "upload"
    at.button(key="stylise").click().run()
    spec = job(at).spec
    assert (spec.recipe.content, spec.recipe.styles[0])[index].name == "mine.png"
    assert (spec.content, spec.styles[0])[index].shape == (40, 60, 3)
    engine.release(5)
    until(at, finished)


def test_files_of_many_megapixels_are_never_held_at_their_size(engine, monkeypatch):
    """Else as many visitors as press at a time would take all the memory, by files of few bytes."""
    monkeypatch.setenv("NST_MAX_SIZE", "256")
    held: list[int] = []
    read = Decoder._read

    def noted(self, data, order, asker):
        pixels, answer = read(self, data, order, asker)
        held.append(max(pixels.shape))
        return pixels, answer

    monkeypatch.setattr(Decoder, "_read", noted)
    at = page()
    at.number_input(key="size").set_value(240)
    for kind in ("photo", "painting"):
        at.file_uploader(key=f"{kind}_file").upload("large.png", png(1600, 2400), "image/png").run()
    at.button(key="stylise").click().run()
    spec = job(at).spec
    assert (max(spec.content.shape), max(spec.styles[0].shape)) == (480, 480)
    assert held == [640, 640, 480, 480]
    assert (job(at).spec.recipe.config.size, at.session_state["photo_upload"].shape) == (240, (1600, 2400))


@pytest.mark.parametrize("data", [b"", b"not a picture", png()[:60]], ids=["empty", "text", "truncated"])
def test_a_bad_upload_shows_one_sentence_and_loses_nothing(engine, data):
    at = page()
    at.session_state["photo"] = load_gallery().photos[2].id
    at.number_input(key="steps").set_value(33).run()
    at.file_uploader(key="photo_file").upload("mine.png", data, "image/png").run()
    assert not at.exception
    assert len(sentences(at)) == 1
    assert "mine.png" in sentences(at)[0]
    assert at.session_state["photo"] == load_gallery().photos[2].id
    assert at.number_input(key="steps").value == 33
    assert not at.button(key="stylise").disabled


def test_what_was_left_out_of_an_upload_is_said(engine):
    frames = [np.full((40, 60, 3), level, np.uint8) for level in (0, 255)]
    at = page()
    at.file_uploader(key="photo_file").upload("mine.gif", animation(frames), "image/gif").run()
    assert any("first frame" in shown(caption.value) for caption in at.caption)


def animation(frames: list[np.ndarray]) -> bytes:
    stream = BytesIO()
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(stream, "GIF", save_all=True, append_images=others)
    return stream.getvalue()


def test_a_setting_that_cannot_be_says_so_at_the_control_and_holds_back_the_start(engine):
    at = page()
    at.multiselect(key="style_layers").set_value([]).run()
    assert at.button(key="stylise").disabled
    assert all("style_layers" in sentence for sentence in sentences(at))
    at.multiselect(key="style_layers").set_value(["block2_conv2"]).run()
    assert not at.error
    assert not at.button(key="stylise").disabled


def test_every_control_arrives_in_the_recipe(engine):
    at = page()
    at.selectbox(key="init").set_value("blend").run()
    at.selectbox(key="optimizer").set_value("adam").run()
    at.slider(key="noise_ratio").set_value(0.25)
    at.number_input(key="learning_rate").set_value(5.0)
    at.multiselect(key="style_layers").set_value(["block1_conv1", "block3_conv1"]).run()
    at.number_input(key="style_layers.block3_conv1").set_value(0.5)
    at.selectbox(key="pooling").set_value("max")
    at.number_input(key="seed").set_value(11)
    at.number_input(key="tv_weight").set_value(2.0)
    at.toggle(key="coarse_to_fine").set_value(False)
    at.button(key="stylise").click().run()
    assert job(at).spec.recipe.config == StyleTransferConfig(
        init="blend",
        optimizer="adam",
        noise_ratio=0.25,
        learning_rate=5.0,
        style_layers=(("block1_conv1", 4.0), ("block3_conv1", 0.5)),
        pooling="max",
        seed=11,
        tv_weight=2.0,
        coarse_to_fine=False,
        **overrides(load_gallery().paintings[0].settings),
    )
    engine.release(5)
    until(at, finished)


def overrides(settings) -> dict:
    """The settings of a painting that the test above does not set itself."""
    ours = ("init", "optimizer", "noise_ratio", "learning_rate", "style_layers", "pooling", "seed", "tv_weight")
    return {name: value for name, value in settings.items() if name not in (*ours, "coarse_to_fine")}


def test_the_strength_slider_sets_beta_on_a_logarithmic_scale(engine):
    at = page()
    at.number_input(key="style_weight").set_value(900.0).run()
    at.number_input(key="content_weight").set_value(2.0).run()
    at.select_slider(key="strength").set_value(100.0).run()
    assert at.number_input(key="style_weight").value == 200.0
    at.number_input(key="style_weight").set_value(24690).run()
    assert at.select_slider(key="strength").value == 12300.0, "a value between two marks is kept to three digits"


def headings(at: AppTest) -> list[str]:
    return [heading.value for heading in at.subheader]


def test_a_picture_of_the_wall_puts_its_photo_painting_and_look_in_place(engine):
    at = page()
    assert "Painted here" in headings(at)
    made = next(each for each in WALL if each.look == "bold")
    at.session_state["wall_picked"] = made.name  # what a click on it does
    at.run()
    assert (at.session_state["photo"], at.session_state["painting"]) == (made.photo, made.painting)
    assert is_told(at, "bold")
    assert "Painted here" in headings(at), "there may be others to look at"
    assert at.session_state["size"] == StyleTransferConfig().size, "chosen for this computer and not for the wall"
    at.button(key="stylise").click().run()
    recipe = job(at).spec.recipe
    assert recipe.content.name == made.photo
    assert recipe.config.photo_kept == 0.45
    engine.release(5)
    until(at, finished)
    assert "Painted here" not in headings(at)


def test_the_wall_is_away_once_a_picture_was_chosen(engine):
    at = page()
    at.file_uploader(key="photo_file").upload("mine.png", png(), "image/png").run()
    assert "Painted here" not in headings(at)


def test_every_picture_of_the_wall_and_the_guide_is_small_and_there():
    gallery = load_gallery()
    for each in (*WALL, *(each for pair in GUIDE for each in pair)):
        gallery.find(each.photo, "photo"), gallery.find(each.painting, "painting")
        jpeg = picture(each.name)
        assert len(jpeg) < 40_000
        assert max(read_picture(jpeg).pixels.shape) == PAINTED_SIDE


def pick_look(at: AppTest, name: str) -> None:
    """What a click on a look's picture does."""
    at.session_state["look_picked"] = name
    at.run()


def is_told(at: AppTest, look: str) -> bool:
    """Whether the page says that the controls are at a look."""
    reason = next(each.reason for each in LOOKS if each.name == look)
    return any(reason[1:] in shown(caption.value) for caption in at.caption)


def test_a_look_sets_its_fields_and_one_press_takes_them_back(engine):
    at = page()
    assert is_told(at, "balanced")
    at.slider(key="style_scale").set_value(0.7).run()
    assert not any(is_told(at, look.name) for look in LOOKS), "the controls are at no look"
    pick_look(at, "paper")
    assert at.selectbox(key="style_statistics").value == "gram"
    assert at.number_input(key="style_layers.block5_conv1").value == 1
    assert at.select_slider(key="strength").value == 1000
    assert is_told(at, "paper")
    assert "reset" in buttons(at), "it is shown as changed"
    at.button(key="undo_look").click().run()
    assert at.selectbox(key="style_statistics").value == "wasserstein"
    assert at.number_input(key="style_layers.block5_conv1").value == 0.1
    assert at.slider(key="style_scale").value == 0.7, "as it was before"
    assert "undo_look" not in buttons(at)
    pick_look(at, "fine")
    assert (at.slider(key="style_scale").value, at.selectbox(key="style_statistics").value) == (0.5, "wasserstein")
    pick_look(at, "balanced")
    assert at.slider(key="style_scale").value == 1


def test_only_the_qualities_that_this_server_allows_are_offered(engine, monkeypatch):
    assert page().button_group(key="quality").options == ["Draft", "Standard", "Fine"]
    resources.hosting.clear()
    monkeypatch.setenv("NST_MAX_STEPS", "150")
    assert page().button_group(key="quality").options == ["Draft", "Standard"]


def test_too_much_work_is_refused_before_the_press_and_told_what_to_lower(engine, monkeypatch):
    monkeypatch.setenv("NST_MAX_WORK", "5")
    at = page()
    assert at.button(key="stylise").disabled
    assert sentences(at)[0].startswith("work: expected at most 5 evaluations of a megapixel on this server, got ")
    assert "lower size from 512 to " in sentences(at)[0]


def test_a_quality_sets_the_steps_and_no_size(engine):
    at = page()
    at.number_input(key="size").set_value(320).run()
    at.button_group(key="quality").set_value("draft").run()
    assert (at.number_input(key="size").value, at.number_input(key="steps").value) == (320, STEPS["draft"])


def test_what_a_picture_takes_is_said_once_the_computer_has_been_measured(engine, measured):
    measured.machine = Machine("CPU", "bfloat16", memory=0, rate=5e11)
    at = page()
    line = pair(at)
    assert re.search(r"\d+ × \d+ px · about \d+ s on this computer", line), line
    assert "steps" not in line
    assert any(re.fullmatch(r"\d+ steps in all · 1\.\d GB", caption.value) for caption in at.caption)


def test_a_tiny_picture_does_not_tell_how_long_others_take(engine):
    at = page()
    for size, tells in ((128, False), (512, True)):
        at.number_input(key="size").set_value(size).run()
        painted(at, engine)
        assert ("pace" in at.session_state) == tells


def test_the_next_visitor_is_told_what_pictures_take_here(engine, measured):
    measured.machine = Machine("CPU", "float32", memory=0, rate=2e10)
    at = page()
    at.number_input(key="size").set_value(512).run()
    guessed = seconds_of(at)
    painted(at, engine)
    following = page()
    following.number_input(key="size").set_value(512).run()
    assert seconds_of(following) < guessed / 2


def chosen_by_the_page(at: AppTest) -> tuple[object, object]:
    return at.number_input(key="size").value, at.number_input(key="steps").value


def seconds_of(at: AppTest) -> float:
    time, unit = re.search(r"about (\d+) (s|min) on this computer", pair(at)).groups()
    return int(time) * {"s": 1, "min": 60}[unit]


def test_the_first_picture_takes_about_a_minute_on_any_computer(engine, measured):
    found: list[Any] = []
    for rate in (2e10, 1e11, 5e11, 1e14):
        measured.machine = Machine("CPU", "float32", memory=0, rate=rate)
        at = page()
        found.append(chosen_by_the_page(at))
        if rate > 2e10:
            assert seconds_of(at) <= 60
        assert ("Fine takes" in pair(at)) == (found[-1][1] < STEPS["fine"])
        assert "reset" not in buttons(at), "the visitor has changed nothing"
    slowest, *_, fastest = found
    assert found == sorted(found)
    assert slowest == (256, STEPS["draft"]), "the cheapest, where nothing is there in a minute"
    assert fastest == (768, STEPS["fine"]), "the photo has 640 px"


def test_a_measurement_that_ends_while_the_page_is_drawn_is_not_overlooked(engine, measured, monkeypatch):
    def measure() -> None:
        measured.machine = Machine("CPU", "float32", memory=0, rate=1e11)

    monkeypatch.setattr("nst.ui.page.how_panel", measure)
    assert seconds_of(page()) <= 60


def test_whoever_has_chosen_a_size_or_a_quality_keeps_it(engine, measured):
    at = page()
    at.button_group(key="quality").set_value("fine").run()
    measured.machine = Machine("CPU", "float32", memory=0, rate=1e11)
    assert chosen_by_the_page(at.run()) == (512, STEPS["fine"])
    at.button_group(key="quality").set_value("standard").run()
    assert chosen_by_the_page(at) == (512, STEPS["standard"]), "also where it is what the page had at first"
    link = opened(to_link(a_recipe(size=1024)))
    assert link.number_input(key="size").value == 1024


def test_what_the_page_sets_meanwhile_takes_no_size_or_quality_back_that_the_visitor_sets(engine, measured):
    def everything(at: AppTest) -> tuple[object, ...]:
        return (*chosen_by_the_page(at), at.select_slider(key="size_scale").value, at.button_group(key="quality").value)

    def say(at: AppTest, size: int, steps: int, scale: object, quality: object) -> AppTest:
        """Run the page with what a browser says that has not been told of the last drawing."""
        at.number_input(key="drawing").set_value(at.number_input(key="drawing").value - 1)
        at.number_input(key="size").set_value(size)
        at.number_input(key="steps").set_value(steps)
        at.select_slider(key="size_scale").set_value(scale)
        at.button_group(key="quality").set_value(quality)
        return at.run()

    def overtaken() -> tuple[AppTest, tuple[Any, ...]]:
        """A page that has just set other values, and what it had before."""
        measured.machine = Machine("CPU", "float32", memory=0, rate=5e11)
        at = page()
        before = everything(at)
        measured.machine = Machine("CPU", "float32", memory=0, rate=5e10)
        assert all(new != old for new, old in zip(everything(at.run()), before, strict=True))
        return at, before

    at, (size, steps, scale, quality) = overtaken()
    assert chosen_by_the_page(say(at, 64, 3, scale, quality)) == (64, 3), "typed"
    assert chosen_by_the_page(say(at, 64, 4, scale, quality)) == (64, 4), "the scale still says what it said"
    at, (size, steps, scale, quality) = overtaken()
    assert chosen_by_the_page(say(at, size, steps, 1024, "fine")) == (1024, STEPS["fine"]), "moved and pressed"
    at, before = overtaken()
    chosen = everything(at)
    assert everything(say(at, *before)) == chosen, "something else was pressed"


def test_what_the_page_says_on_its_way_to_the_browser_undoes_nothing_that_is_typed_meanwhile(engine, measured):
    def sent(at: AppTest) -> list[str]:
        """Return the controls in whose place the browser gets to see another value than it has."""
        controls = (at.number_input(key="size"), at.number_input(key="steps"), at.select_slider(key="size_scale"))
        return [control.key for control in controls if control.proto.set_value]

    measured.machine = Machine("CPU", "float32", memory=0, rate=5e11)
    at = page()
    assert sent(at.run()) == [], "nothing has changed"
    measured.machine = Machine("CPU", "float32", memory=0, rate=5e10)
    assert "size" in sent(at.run())
    at.number_input(key="drawing").set_value(at.number_input(key="drawing").value - 1)
    at.number_input(key="size").set_value(64).run()
    assert at.number_input(key="size").value == 64
    assert "size" in sent(at), "the browser has the page's value in its place by now"
    at.run()
    assert (at.number_input(key="size").value, sent(at)) == (64, [])


def test_after_the_first_picture_size_and_quality_stay(engine, measured):
    measured.machine = Machine("CPU", "float32", memory=0, rate=1e11)
    at = page()
    before = chosen_by_the_page(at)
    painted(at, engine)
    measured.machine = Machine("CPU", "float32", memory=0, rate=1e14)
    at.session_state["photo"] = load_gallery().photos[1].id
    assert chosen_by_the_page(at.run()) == before


def test_sizes_are_on_a_scale_of_what_people_mean_and_exact_under_advanced(engine):
    at = page()
    assert at.select_slider(key="size_scale").options[0] == "Tiny · 256 px"
    at.select_slider(key="size_scale").set_value(1024).run()
    assert at.number_input(key="size").value == 1024
    at.number_input(key="size").set_value(600).run()
    assert at.select_slider(key="size_scale").value == 600


def test_finer_goes_on_from_the_picture_to_the_next_quality(engine):
    at = page()
    at.button_group(key="quality").set_value("draft").run()
    draft = painted(at, engine)
    assert at.button(key="finer").label.startswith("Finer: Standard, about ")
    at.button_group(key="quality").set_value("fine").run()  # of another picture than this one
    at.button(key="finer").click().run()
    standard = job(at)
    config = standard.spec.recipe.config
    assert config.init == "picture"
    assert STEPS["standard"] - STEPS["draft"] <= config.steps <= STEPS["standard"]
    assert np.array_equal(standard.spec.initial, read_picture(draft.result_png).pixels)
    engine.release(5)
    until(at, finished)
    assert {entry.job_id for entry in at.session_state["results"]} == {draft.id, standard.id}
    assert at.button(key="finer").label.startswith("Finer: Fine, ")
    at.button(key="finer").click().run()
    engine.release(5)
    until(at, finished)
    assert "finer" not in buttons(at), "there is nothing finer"


def test_while_a_picture_is_painted_its_painting_is_told_of_with_a_source(engine):
    at = page()
    painting = load_gallery().find(EXAMPLE.painting, "painting")
    at.button(key="stylise").click().run()
    engine.release(1)
    until(at, lambda now: job(now).frame == 1)
    told = " ".join(element.proto.body for element in at.get("html"))
    assert painting.collection in told
    assert painting.about in told
    assert f'href="{painting.about_source}"' in told
    assert "A detail of the painting" in told
    engine.release(5)
    until(at, finished)


def test_a_picture_that_was_cancelled_has_no_quality_to_go_on_from(engine):
    at = page()
    at.button(key="stylise").click().run()
    cancelled(at, engine)
    assert "finer" not in buttons(at)
    assert "continue" in buttons(at)


def test_a_picture_that_cannot_fit_is_refused_before_it_starts(engine, measured, monkeypatch):
    measured.machine = Machine("CPU", "bfloat16", memory=0, rate=5e11)
    monkeypatch.setenv("NST_MEMORY", "900")
    at = page()
    assert at.button(key="stylise").disabled
    assert sentences(at)
    assert sentences(at)[0].startswith("memory: expected at least")


def test_how_much_of_the_photo_stays_and_the_statistics_can_be_chosen(engine):
    at = page()
    at.select_slider(key="photo_kept").set_value(0.85).run()
    at.selectbox(key="style_statistics").set_value("gram").run()
    config = painted(at, engine).spec.recipe.config
    assert (config.photo_kept, config.style_statistics) == (0.85, "gram")


def test_a_visitor_does_not_choose_how_the_server_computes(engine):
    at = page()
    keys = {each.key for kind in (at.number_input, at.selectbox, at.slider, at.toggle) for each in kind}
    assert "steps" in keys
    assert not keys & set(RUN_FIELDS)


def test_more_than_the_server_allows_is_one_sentence_at_the_start(monkeypatch):
    runner = jobs.JobRunner
    monkeypatch.setattr(jobs, "JobRunner", lambda **_: runner(Engine(), lambda: None, limits=Limits(max_size=128)))
    at = page()
    at.button(key="stylise").click().run()
    assert sentences(at) == ["size: expected at most 128 on this server, got 512; lower it."]
    assert "job" not in at.query_params


def test_a_visitor_in_line_is_told_how_many_are_before(engine):
    first, second = page(), page()
    first.button(key="stylise").click().run()
    until(first, lambda now: job(now).state == "running")
    second.button(key="stylise").click().run()
    assert any("1 picture before yours" in text for text in progress_texts(second)), progress_texts(second)


def test_colours_of_the_photo_are_an_everyday_choice(engine):
    at = page()
    assert "colour_strength" not in {slider.key for slider in at.slider}
    at.selectbox(key="colour").set_value("luminance").run()
    at.slider(key="colour_strength").set_value(0.5).run()
    spec = painted(at, engine).spec
    assert (spec.recipe.config.colour, spec.recipe.config.colour_strength) == ("luminance", 0.5)


def painted(at: AppTest, engine: Engine) -> jobs.JobSnapshot:
    """Press Stylise and return the finished job."""
    at.button(key="stylise").click().run()
    engine.release(5)
    until(at, finished)
    return job(at)


def a_recipe(**settings) -> Recipe:
    gallery = load_gallery()
    photo, one, two = gallery.photos[3], gallery.paintings[4], gallery.paintings[7]
    sources = [Source(preset.id, preset.sha256) for preset in (photo, one, two)]
    config = StyleTransferConfig(style_blend_weights=(0.3, 0.7), **settings)
    return Recipe(sources[0], tuple(sources[1:]), config, "1.0")


def opened(query: str) -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=90)
    at.query_params["recipe"] = query
    at.run()
    assert not at.exception
    return at


def chosen(at: AppTest) -> list[str]:
    return [at.session_state[kind] for kind in ("photo", "painting", "second")]


def test_a_link_opens_pictures_and_settings_and_leaves_the_address(engine):
    recipe = a_recipe(size=320, style_weight=250, style_layers="conv1_1:2,conv4_3", seed=7, init="noise")
    at = opened(to_link(recipe))
    assert chosen(at) == [recipe.content.name, *(style.name for style in recipe.styles)]
    assert "recipe" not in at.query_params
    assert any("are in place" in shown(info.value) for info in at.info)
    at.button(key="stylise").click().run()
    assert job(at).spec.recipe.config == recipe.config
    assert not at.info
    engine.release(5)
    until(at, finished)


def test_a_link_that_cannot_be_read_is_one_sentence(engine):
    at = opened("1.nonsense")
    assert len(sentences(at)) == 1
    assert "link" in sentences(at)[0]
    assert not at.button(key="stylise").disabled


def test_a_picture_that_a_link_cannot_carry_is_named(engine):
    recipe = dataclasses.replace(a_recipe(), content=Source.of("grandmother.jpg", b"someone else's"))
    at = opened(to_link(recipe))
    assert any("grandmother.jpg" in shown(info.value) for info in at.info)
    assert at.session_state["photo"] == load_gallery().photos[0].id


def test_a_png_of_ours_brings_its_settings_back(engine):
    recipe = a_recipe(size=224, init="picture", style_scale=1.5)
    at = page()
    file = encode_png(np.zeros((4, 4, 3), np.uint8), recipe.to_json())
    at.file_uploader(key="reopen_file").upload("result.png", file, "image/png").run()
    assert chosen(at) == [recipe.content.name, *(style.name for style in recipe.styles)]
    assert (at.number_input(key="size").value, at.slider(key="style_scale").value) == (224, 1.5)
    assert at.slider(key="second_share").value == 70
    assert any("earlier result" in shown(info.value) for info in at.info)


@pytest.mark.parametrize("data", [png(), b"no picture", encode_png(np.zeros((4, 4, 3), np.uint8), '{"recipe": 1}')])
def test_a_png_without_a_sound_recipe_is_one_sentence_and_changes_nothing(engine, data):
    at = page()
    at.number_input(key="steps").set_value(33).run()
    at.file_uploader(key="reopen_file").upload("other.png", data, "image/png").run()
    assert not at.exception
    assert len(sentences(at)) == 1
    assert at.number_input(key="steps").value == 33


def test_the_results_of_a_session_are_kept_compared_and_their_settings_used_again(engine):
    at = page()
    at.number_input(key="steps").set_value(11).run()
    first = painted(at, engine)
    at.number_input(key="steps").set_value(22).run()
    at.session_state["painting"] = load_gallery().paintings[6].id
    second = painted(at, engine)
    assert [entry.job_id for entry in at.session_state["results"]] == [second.id, first.id]
    at.selectbox(key="against").set_value(first.id).run()
    assert not at.exception
    at.query_params["job"] = first.id
    at.run()
    at.button(key="use_settings").click().run()
    assert at.number_input(key="steps").value == 11
    assert at.session_state["painting"] == first.spec.recipe.styles[0].name


def test_a_time_to_wait_is_told_once_there_is_something_to_go_by(engine):
    at = page()
    assert "about" not in start_line(at)
    painted(at, engine)
    assert "about" in start_line(at)


def start_line(at: AppTest) -> str:
    return next(element.proto.body for element in at.get("html") if "nst-pair" in element.proto.body)


def test_all_settings_can_be_reset(engine):
    at = page()
    assert "reset" not in buttons(at)
    at.number_input(key="steps").set_value(9).run()
    at.button(key="reset").click().run()
    assert at.number_input(key="steps").value == StyleTransferConfig().steps
    assert "reset" not in buttons(at)


def test_every_setting_has_a_control_and_a_line_on_what_it_does(engine):
    at = page()
    at.selectbox(key="init").set_value("blend").run()
    at.selectbox(key="colour").set_value("luminance").run()
    at.toggle(key="regions").set_value(True).run()
    kinds = (at.number_input, at.slider, at.select_slider, at.selectbox, at.multiselect, at.toggle)
    drawn = {element.key: element for kind in kinds for element in kind}
    at.selectbox(key="optimizer").set_value("adam").run()
    drawn |= {element.key: element for element in at.number_input}
    shown = set(state.FIELDS) - {"temporal_weight"}  # in effect for films only
    assert shown <= drawn.keys()
    assert all(drawn[name].help for name in shown)


@pytest.fixture
def opinionated(monkeypatch) -> Gallery:
    """The gallery with suggestions at its second painting only."""
    gallery = load_gallery()
    plain = [dataclasses.replace(painting, settings={}) for painting in gallery.paintings]
    plain[1] = dataclasses.replace(plain[1], settings={"style_weight": 3000, "steps": 60})
    gallery = Gallery(tuple(plain), gallery.photos)
    monkeypatch.setattr(resources, "load_gallery", lambda: gallery)
    return gallery


def test_a_painting_s_own_settings_apply_while_it_is_chosen(engine, opinionated):
    defaults = StyleTransferConfig()
    at = page()
    at.session_state["painting"] = opinionated.paintings[1].id
    at.run()
    assert (at.number_input(key="style_weight").value, at.number_input(key="steps").value) == (3000.0, 60)
    assert any(opinionated.paintings[1].title in shown(caption.value) for caption in at.caption)
    at.number_input(key="steps").set_value(99).run()
    at.session_state["painting"] = opinionated.paintings[0].id
    at.run()
    assert at.number_input(key="style_weight").value == defaults.style_weight
    assert at.number_input(key="steps").value == 99, "what the visitor set stays"
    assert "drop_suggestions" not in buttons(at)


def test_a_look_wins_over_what_a_painting_suggests_and_the_first_one_brings_it_back(engine, opinionated):
    at = page()
    at.session_state["painting"] = opinionated.paintings[1].id
    at.run()
    assert is_told(at, "balanced"), "as the painting suggests it"
    assert (at.session_state.photo_kept, at.session_state.style_weight) == (0, 3000)
    at.number_input(key="steps").set_value(99).run()
    pick_look(at, "bold")
    assert is_told(at, "bold")
    assert at.session_state.photo_kept == 0.45, "the look's own wins"
    pick_look(at, "balanced")
    assert (at.session_state.photo_kept, at.session_state.style_weight) == (0, 3000)
    assert at.number_input(key="steps").value == 99, "what the visitor set stays"


def test_the_subject_can_be_kept_recognisable_with_one_press(engine):
    at = page()
    at.toggle(key="keep_subject").set_value(True).run()
    assert at.number_input(key="subject_weight").value == 3
    at.toggle(key="keep_subject").set_value(False).run()
    assert at.number_input(key="subject_weight").value == 1


def test_whoever_sets_beta_wants_no_other_to_be_found(engine):
    at = page()
    assert at.select_slider(key="photo_kept").value == StyleTransferConfig().photo_kept
    assert "strength" not in {slider.key for slider in at.select_slider}
    at.number_input(key="style_weight").set_value(300.0).run()
    assert at.select_slider(key="photo_kept").value == 0
    at.button(key="stylise").click().run()
    spec = job(at).spec
    assert (spec.recipe.config.photo_kept, spec.recipe.config.style_weight) == (0, 300)


def test_a_painting_s_own_settings_can_be_dropped(engine, opinionated):
    at = page()
    at.session_state["painting"] = opinionated.paintings[1].id
    at.run()
    at.button(key="drop_suggestions").click().run()
    defaults = StyleTransferConfig()
    assert at.number_input(key="style_weight").value == defaults.style_weight
    assert at.number_input(key="steps").value == defaults.steps
    assert "drop_suggestions" not in buttons(at)


def test_a_gallery_that_cannot_be_read_is_one_sentence(engine, monkeypatch):
    monkeypatch.setattr(resources, "load_gallery", lambda: Gallery((), ()))
    at = page()
    assert len(sentences(at)) == 1
    assert "presets" in sentences(at)[0]


def test_with_the_network_a_small_picture_is_painted_and_keras_is_left_alone():
    # Here rather than in the worker: pytest rewrites TensorFlow's own test modules while they are imported, and
    # CPython 3.11 cannot build syntax trees in two threads at once. tests/ui/test_page.py has it in the worker.
    import keras

    import nst.engine.transfer  # noqa: F401

    at = page()
    at.number_input(key="size").set_value(64)
    at.number_input(key="steps").set_value(2)
    at.button(key="stylise").click().run()
    until(at, lambda at: finished(at) or bool(at.error), 300)
    assert not at.error, sentences(at)
    picture = read_picture(job(at).result_png).pixels
    assert max(picture.shape) == 64
    assert picture.std() > 1

    # Streamlit asks Keras to forget its session after every run of a page, this one too.
    before = keras.layers.ReLU().name
    at.run()
    assert keras.layers.ReLU().name != before


# Regions


def _mark(at: AppTest, *strokes: Stroke) -> None:
    photo = load_gallery().photos[0]
    at.session_state["regions_edits"] = {photo.sha256: MaskEdits((427, 640), strokes=strokes)}
    at.run()


def test_each_painting_gets_the_region_that_was_painted_for_it(engine):
    at = page()
    at.toggle(key="second_on").set_value(True).run()
    at.toggle(key="regions").set_value(True).run()
    left, right = Stroke(0, 0.25, ((0.1, 0.5),)), Stroke(1, 0.25, ((0.9, 0.5),))
    _mark(at, left, right)
    at.button(key="stylise").click().run()
    recipe = job(at).spec.recipe
    assert [region.shares for region in recipe.regions] == [(1, 0), (0, 1)]
    for region, (inside, outside) in zip(recipe.regions, ((0.1, 0.9), (0.9, 0.1)), strict=True):
        mask = region.mask.mask
        assert mask[len(mask) // 2, int(inside * mask.shape[1])] == 1
        assert mask[len(mask) // 2, int(outside * mask.shape[1])] == 0
    # The brush is away meanwhile.
    assert not any(button.key == "regions_subject" for button in at.button)
    engine.release(5)
    until(at, finished)
    # The result has the canvas until something is to be marked again, and comes back.
    at.button(key="regions_mark").click().run()
    assert at.button(key="regions_subject")
    assert not finished(at)
    at.button(key="regions_back").click().run()
    assert finished(at)
    at.toggle(key="regions").set_value(False).run()
    at.toggle(key="regions").set_value(True).run()
    assert not finished(at), "whoever opens the regions wants to mark them"


def test_the_subject_that_is_to_stay_is_shown_corrected_by_brush_and_kept_in_the_recipe(engine):
    at = page()
    at.session_state["photo"] = "astronaut"
    at.toggle(key="keep_subject").set_value(True).run()
    shown_subject = decoded(next(image for image in at.image if "subject" in image.proto.imgs[0].alt))
    assert shown_subject[:20, :60].mean() < shown_subject[200:300, 250:350].mean(), "dark but for the subject"
    at.button(key="subject_correct").click().run()
    assert not large(at), "the brush has the canvas"
    photo = load_gallery().find("astronaut", "photo")
    found = marks(at, "subject")
    assert 0.2 < found.masks[0].mean() < 0.8
    corner = Stroke(0, 0.1, ((0.05, 0.05),))
    at.session_state["subject_edits"] = {photo.sha256: found.painted((corner,))}
    at.run()
    at.button(key="stylise").click().run()
    recipe = job(at).spec.recipe
    mask = recipe.subject_mask.mask
    assert mask[0, 0] == 1
    assert mask[len(mask) // 2, mask.shape[1] // 2] == 1
    engine.release(5)
    until(at, finished)

    other = opened(to_link(for_link(recipe)))
    assert other.toggle(key="keep_subject").value
    assert marks(other, "subject").masks[0][0, 0] == 1
    other.button(key="subject_correct").click().run()
    other.button(key="subject_again").click().run()
    assert marks(other, "subject").masks[0][0, 0] == 0
    other.toggle(key="keep_subject").set_value(False).run()
    other.button(key="stylise").click().run()
    assert job(other).spec.recipe.subject_mask is None
    engine.release(5)


def decoded(image) -> np.ndarray:
    """The pixels of a picture that travels with the page."""
    return read_picture(base64.b64decode(image.proto.imgs[0].url.partition(",")[2])).pixels


def test_rest_can_get_a_painting_too(engine):
    at = page()
    at.toggle(key="second_on").set_value(True).run()
    at.toggle(key="regions").set_value(True).run()
    _mark(at, Stroke(1, 0.25, ((0.5, 0.5),)))
    at.selectbox(key="regions_rest").select_index(1).run()
    at.button(key="stylise").click().run()
    assert [region.shares for region in job(at).spec.recipe.regions] == [(1, 0), (0, 1)]
    engine.release(5)
    until(at, finished)


def test_rest_of_a_photo_that_is_covered_wholly_is_no_region(engine):
    at = page()
    at.toggle(key="second_on").set_value(True).run()
    at.toggle(key="regions").set_value(True).run()
    at.selectbox(key="regions_rest").set_value("blend").run()
    at.button(key="regions_subject").click().run()
    assert not sentences(at)
    at.button(key="stylise").click().run()
    assert len(job(at).spec.recipe.regions) == 2
    engine.release(5)
    until(at, finished)


def test_nothing_marked_paints_everything_and_says_so(engine):
    at = page()
    at.toggle(key="regions").set_value(True).run()
    assert any("Nothing is covered yet" in shown(caption.value) for caption in at.caption)
    at.button(key="stylise").click().run()
    assert job(at).spec.recipe.regions == ()
    engine.release(5)
    until(at, finished)


def test_subject_and_background_are_marked_by_a_button(engine):
    at = page()
    at.session_state["photo"] = "dahlia"
    at.toggle(key="second_on").set_value(True).run()
    at.toggle(key="regions").set_value(True).run()
    at.button(key="regions_subject").click().run()
    assert not at.exception
    masks = marks(at, "regions").masks
    assert masks.keys() == {0, 1}
    assert 0.05 < masks[0].mean() < 0.8
    np.testing.assert_allclose(masks[0] + masks[1], 1, atol=1.01 / 255)


def test_many_who_have_their_subjects_found_wait_for_each_other_and_not_for_ever(engine, monkeypatch):
    monkeypatch.setattr("nst.ui.regions.subject._PATIENCE", 0.05)
    at = page()
    at.toggle(key="regions").set_value(True).run()
    with resources.finders().one(Asker("another"), 0):
        at.button(key="regions_subject").click().run()
    assert sentences(at) == ["subject: expected a free place to look for it, got none; try again in a moment."]
    at.button(key="regions_subject").click().run()
    assert not sentences(at)


def _three_regions(at: AppTest) -> None:
    """Three strokes from left to right for three regions, of which the middle one is left as the photo."""
    at.toggle(key="second_on").set_value(True).run()
    at.toggle(key="regions").set_value(True).run()
    at.button(key="regions_add").click().run()
    _mark(at, *(Stroke(index, 0.12, ((x, 0.3), (x, 0.7))) for index, x in enumerate((0.15, 0.85, 0.5))))


def _control(at: AppTest, region: int, name: str) -> str:
    return at.session_state["drafts"][region].key(name)


def test_regions_have_a_blend_a_strength_a_name_or_stay_the_photo(engine):
    at = page()
    _three_regions(at)
    at.selectbox(key=_control(at, 0, "manner")).set_value("blend").run()
    at.slider(key=_control(at, 0, "second_share")).set_value(25).run()
    at.select_slider(key=_control(at, 1, "strength")).set_value(0.3)
    at.text_input(key=_control(at, 1, "name")).set_value("Lake").run()
    at.button(key="stylise").click().run()
    found = job(at).spec.recipe.regions
    assert [region.shares for region in found] == [(0.75, 0.25), (0, 1), (1, 0)]
    assert [region.strength for region in found] == [1, 0.3, 0]
    assert [region.name for region in found][1:] == ["Lake", "The photo, untouched"]
    engine.release(5)
    until(at, finished)
    assert at.session_state["drafts"][1].strength == 0.3


def test_a_region_that_is_removed_leaves_the_others_as_they_are(engine):
    at = page()
    _three_regions(at)
    before = marks(at, "regions").masks
    at.button(key=_control(at, 0, "remove")).click().run()
    assert [draft.manner for draft in at.session_state["drafts"]] == ["second", "photo"]
    after = marks(at, "regions").masks
    np.testing.assert_allclose(after[0], before[1], atol=0.51 / 255)
    np.testing.assert_allclose(after[1], before[2], atol=0.51 / 255)
    at.button(key=_control(at, 1, "remove")).click().run()
    assert [draft.manner for draft in at.session_state["drafts"]] == ["second"]
    assert at.button(key=_control(at, 0, "remove")).disabled


def test_the_first_regions_follow_the_paintings(engine):
    at = page()
    at.toggle(key="regions").set_value(True).run()
    for kind, count in (("second", 2), ("third", 3)):
        at.toggle(key=f"{kind}_on").set_value(True).run()
        assert len(at.session_state["drafts"]) == count
    at.toggle(key="second_on").set_value(False).run()
    assert len(at.session_state["drafts"]) == 1


def test_what_is_marked_on_a_photo_is_there_again_when_it_is_chosen_again(engine):
    at = page()
    at.toggle(key="regions").set_value(True).run()
    _mark(at, Stroke(0, 0.25, ((0.1, 0.5),)))
    first, other = (photo.id for photo in load_gallery().photos[:2])
    for photo, covered in ((other, False), (first, True)):
        at.session_state["photo"] = photo
        at.run()
        assert any("Nothing is covered yet" in shown(caption.value) for caption in at.caption) != covered


def _mask_file(shape: tuple[int, int], level: int = 255) -> bytes:
    """The upper half of a picture."""
    mask = np.zeros((*shape, 3), np.uint8)
    mask[: shape[0] // 2] = level
    return encode_png(mask)


def _upload_mask(at: AppTest, role: str, data: bytes) -> None:
    next(each for each in at.file_uploader if each.key.startswith(f"{role}_mask_0_")).upload(
        "mask.png", data, "image/png"
    )
    at.run()
    assert not at.exception


def test_a_mask_file_takes_the_place_of_what_was_painted(engine):
    at = page()
    at.toggle(key="regions").set_value(True).run()
    _mark(at, Stroke(0, 0.05, ((0.5, 0.9),)))
    _upload_mask(at, "regions", _mask_file((86, 128)))
    mask = marks(at, "regions").masks[0]
    assert mask[:200].min() == 1
    assert mask[230:].max() == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (_mask_file((80, 80)), "expected a mask in the proportions of its picture"),
        (_mask_file((86, 128), level=0), "got an empty one"),
        (b"no picture", "expected a JPEG"),
    ],
)
def test_a_bad_mask_file_is_one_sentence_that_names_the_region(engine, data, sentence):
    at = page()
    at.toggle(key="regions").set_value(True).run()
    at.text_input(key=_control(at, 0, "name")).set_value("Sky").run()
    _mark(at, Stroke(0, 0.25, ((0.1, 0.5),)))
    _upload_mask(at, "regions", data)
    assert len(sentences(at)) == 1
    assert sentence in sentences(at)[0]
    assert "Sky" in sentences(at)[0]
    assert marks(at, "regions").strokes, "nothing is lost"


def test_only_the_marked_part_of_a_painting_is_used(engine):
    at = page()
    at.toggle(key="second_on").set_value(True).run()
    at.toggle(key="style_guides").set_value(True).run()
    assert any("used as a whole" in shown(caption.value) for caption in at.caption)
    at.selectbox(key="style_guide_of").set_value("second").run()
    painting = load_gallery().find(at.session_state["second"], "painting").read().pixels
    _upload_mask(at, "style_guides", _mask_file(painting.shape[:2]))
    at.button(key="stylise").click().run()
    whole, part = job(at).spec.recipe.style_guides
    assert whole is None
    assert part.mask[: part.height // 2 - 1].min() == 1
    assert part.mask[part.height // 2 + 1 :].max() == 0
    engine.release(5)
    until(at, finished)


def test_strokes_of_one_painting_are_mixed_with_forms_of_another(engine):
    at = page()
    assert "mix_scales" not in [toggle.key for toggle in at.toggle]
    at.toggle(key="second_on").set_value(True).run()
    at.toggle(key="mix_scales").set_value(True).run()
    at.button(key="stylise").click().run()
    assert job(at).spec.recipe.config.style_blocks == ("1-2", "3-5")
    engine.release(5)
    until(at, finished)
    at.slider(key="second_blocks").set_value((3, 4)).run()
    assert "none for block5_conv1" in sentences(at)[0]
    assert at.button(key="stylise").disabled
    at.button(key="reset").click().run()
    assert not sentences(at)


def test_a_region_whose_painting_is_not_used_at_a_layer_is_named(engine):
    at = page()
    _three_regions(at)
    at.text_input(key=_control(at, 1, "name")).set_value("Lake").run()
    at.toggle(key="mix_scales").set_value(True).run()
    at.slider(key="painting_blocks").set_value((1, 5)).run()
    assert "region Lake: style_blocks: expected a painting for every style layer" in sentences(at)[0]


def test_regions_of_which_none_is_painted_are_refused_before_the_start(engine):
    at = page()
    at.toggle(key="regions").set_value(True).run()
    at.selectbox(key=_control(at, 0, "manner")).set_value("photo").run()
    _mark(at, Stroke(0, 0.25, ((0.1, 0.5),)))
    assert "at least one with a strength above 0" in sentences(at)[0]
    assert at.button(key="stylise").disabled


def _a_recipe_with_regions() -> Recipe:
    recipe = a_recipe(style_blocks=("1-5", "2-5"), guidance="inside")
    left = np.zeros((96, 128), np.float32)
    left[:, :40] = 1
    middle, right = np.roll(left, 30, axis=1), np.roll(left, 70, axis=1)
    guide = PackedMask.of(left)
    regions = (
        Region("The rest", PackedMask.of(np.ones((1, 1), np.float32)), (0.6, 0.4)),
        Region("Face", PackedMask.of(left), (1, 0), 0.3),
        Region("Coat", PackedMask.of(middle), (1, 3), 2),
        Region("Hands", PackedMask.of(right), (1, 0), 0),
    )
    return dataclasses.replace(recipe, regions=regions, style_guides=(None, guide))


@pytest.mark.parametrize("by", ["link", "png"])
def test_regions_masks_strengths_and_parts_come_back(engine, by):
    recipe = _a_recipe_with_regions()
    if by == "link":
        at = opened(to_link(for_link(recipe)))
    else:
        at = page()
        png = encode_png(np.zeros((4, 4, 3), np.uint8), recipe.to_json())
        at.file_uploader(key="reopen_file").upload("ours.png", png, "image/png").run()
    assert not sentences(at)
    at.button(key="stylise").click().run()
    again = job(at).spec.recipe
    assert again.config == recipe.config.with_changes(style_blend_weights=(0.6, 0.4))
    assert again.style_guides == recipe.style_guides
    assert [region.strength for region in again.regions] == [1, 0.3, 2, 0]
    assert [region.name for region in again.regions][1:] == ["Face", "Coat", "Hands"]
    for found, expected in zip(again.regions, recipe.regions, strict=True):
        assert found.shares == pytest.approx(expected.shares)
    seen, wanted = (Layout.of(each.regions, each.style_guides, (96, 128), 2).areas for each in (again, recipe))
    for one, other in zip(seen, wanted, strict=True):
        np.testing.assert_allclose(one.mask, other.mask, atol=1 / 15)
    engine.release(5)
    until(at, finished)
    # And from the result, after the panel was changed.
    at.toggle(key="regions").set_value(False).run()
    at.toggle(key="style_guides").set_value(False).run()
    at.button(key="use_settings").click().run()
    assert at.toggle(key="regions").value
    assert at.toggle(key="style_guides").value
    assert [draft.strength for draft in at.session_state["drafts"]] == [0.3, 2, 1]


def test_a_recipe_without_regions_turns_them_off(engine):
    at = page()
    at.toggle(key="regions").set_value(True).run()
    png = encode_png(np.zeros((4, 4, 3), np.uint8), a_recipe().to_json())
    at.file_uploader(key="reopen_file").upload("ours.png", png, "image/png").run()
    assert not at.toggle(key="regions").value


def marks(at: AppTest, role: str) -> MaskEdits:
    """Return what is marked on the picture that was touched last."""
    return list(at.session_state[f"{role}_edits"].values())[-1]


def test_shares_of_three_paintings_are_said_and_scaled(engine):
    at = page()
    at.toggle(key="second_on").set_value(True).run()
    at.toggle(key="third_on").set_value(True).run()
    assert any("34 %" in shown(caption.value) for caption in at.caption)
    at.slider(key="second_share").set_value(60)
    at.slider(key="third_share").set_value(60).run()
    assert any("They sum to 120 % and are scaled to 100 %" in shown(caption.value) for caption in at.caption)
    at.button(key="stylise").click().run()
    assert job(at).spec.recipe.config.style_blend_weights == (0, 0.5, 0.5)
    engine.release(5)
    until(at, finished)
