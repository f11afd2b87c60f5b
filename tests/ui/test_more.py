"""More ways to paint: series and tables on the page."""

import dataclasses
import re

import pytest
from streamlit.testing.v1 import AppTest

from nst import jobs
from nst.config import StyleTransferConfig
from nst.jobs.place import Step
from nst.jobs.series import Series
from nst.pictures.gallery import load_gallery
from nst.recipes.recipe import Recipe
from nst.ui import resources
from nst.ui.job.series import _desk
from nst.ui.more.table import cell_at
from nst.ui.widgets.picker import Item, named_by
from tests.support.app import APP, buttons, cancelled, finished, job, opened, page, png, sentences, until
from tests.support.fake_engine import Engine
from tests.support.markdown import shown
from tests.support.queued import spec

PAINTINGS = load_gallery().paintings


def several(ids: list[str]) -> AppTest:
    at = opened("several")
    at.session_state["several"] = ids
    at.run()
    at.button(key="several_start").click().run()
    assert not at.exception
    return at


def series_of(at: AppTest) -> Series:
    series = _desk().of(at.session_state["visitor"])
    assert series is not None
    return series


def painted(at: AppTest, engine: Engine, count: int) -> None:
    """Let the engine paint so many pictures, with the page looking on."""
    engine.release(5 * count)
    until(at, lambda now: series_of(now).over and "cancel" not in buttons(now))


def captions(at: AppTest) -> list[str]:
    return [shown(caption.value) for caption in at.caption]


def recipes(at: AppTest) -> list[Recipe]:
    found = (resources.runner().poll(entry.job_id) for entry in at.session_state["results"])
    return [each.spec.recipe for each in found if each is not None]


def test_nothing_of_it_is_there_before_it_is_opened(engine: Engine) -> None:
    at = page()
    assert "several_start" not in buttons(at)
    assert any(expander.label == "More ways to paint" for expander in at.expander)


def test_all_chosen_paintings_are_painted_one_after_the_other_and_come_to_the_history(engine: Engine) -> None:
    ids = [PAINTINGS[index].id for index in (4, 2, 7)]
    at = several(ids)
    assert at.button(key="stylise").disabled
    assert at.button(key="several_start").disabled
    assert any("Picture 1 of 3" in element.proto.text for element in at.get("progress"))
    painted(at, engine, 3)
    until(at, finished)
    assert len(at.session_state["results"]) == 3
    assert {recipe.styles[0].name for recipe in recipes(at)} == set(ids)
    assert len({recipe.content for recipe in recipes(at)}) == 1
    assert not at.warning


def test_each_painting_brings_its_own_suggestions_and_what_was_changed_stays(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = dataclasses.replace(PAINTINGS[0], settings={"style_weight": 3000.0, "style_scale": 0.7})
    other = dataclasses.replace(PAINTINGS[1], settings={"tv_weight": 9.0})
    gallery = dataclasses.replace(load_gallery(), paintings=(own, other, *PAINTINGS[2:]))
    monkeypatch.setattr(resources, "load_gallery", lambda: gallery)
    at = opened("several")
    at.session_state["painting"] = own.id
    at.number_input(key="steps").set_value(33).run()
    at.session_state["several"] = [own.id, other.id]
    at.run()
    at.button(key="several_start").click().run()
    painted(at, engine, 2)
    until(at, finished)
    of = {recipe.styles[0].name: recipe.config for recipe in recipes(at)}
    plain = StyleTransferConfig(steps=33)
    assert of[own.id] == plain.with_changes(style_weight=3000.0, style_scale=0.7)
    assert of[other.id] == plain.with_changes(tv_weight=9.0)


def test_one_s_own_painting_can_be_one_of_several(engine: Engine) -> None:
    at = opened("several")
    at.file_uploader(key="painting_file").upload("mine.png", png(), "image/png").run()
    at.session_state["several"] = ["upload", PAINTINGS[2].id]
    at.run()
    at.button(key="several_start").click().run()
    painted(at, engine, 2)
    until(at, finished)
    assert {recipe.styles[0].name for recipe in recipes(at)} == {"mine.png", PAINTINGS[2].id}


def test_cancelling_ends_a_series_with_the_picture_that_is_there(engine: Engine) -> None:
    at = several([PAINTINGS[4].id, PAINTINGS[2].id])
    cancelled(at, engine)
    assert job(at).state is jobs.JobState.CANCELLED
    assert "Painted 1 of 2" in shown(at.warning[0].value)
    assert not at.button(key="stylise").disabled


@pytest.mark.parametrize("restarted", [False, True])
def test_a_series_goes_on_after_a_reload_and_when_nobody_remembers_it(engine: Engine, restarted: bool) -> None:
    at = several([PAINTINGS[4].id, PAINTINGS[2].id])
    if restarted:  # after which the job is all that there is
        _desk().put(at.session_state["visitor"], None)
    again = AppTest.from_file(str(APP), default_timeout=90)
    again.query_params["job"] = at.query_params["job"]
    again.session_state["visitor"] = at.session_state["visitor"]
    again.run()
    painted(again, engine, 2)
    until(again, finished)
    assert {recipe.styles[0].name for recipe in recipes(again)} == {PAINTINGS[4].id, PAINTINGS[2].id}


def test_what_series_hold_is_bounded_and_one_that_has_to_go_is_not_gone_on_with_twice(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = spec().recipe
    monkeypatch.setattr("nst.ui.job.series._MOST_BYTES", 3 * spec().size())
    steps = [Step(label, made.config, made.styles) for label in "ab"]
    all_series = [
        Series(resources.runner(), spec(), steps, secret, lambda _: spec().styles[0])
        for secret in ("ann", "bob", "eve", "zoe")
    ]
    for secret, series in zip(("ann", "bob", "eve", "zoe"), all_series, strict=True):
        _desk().put(secret, series)
    assert _desk().of("ann") is None
    assert [series.over for series in all_series] == [True, False, False, False]
    for secret in ("bob", "eve", "zoe"):
        _desk().put(secret, None)


def test_more_pictures_than_this_server_allows_are_refused_before_anything_starts(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NST_SERIES_JOBS", "2")
    resources.hosting.clear()
    at = opened("several")
    at.button(key="several_all").click().run()
    assert re.match(r"series: expected at most 2 pictures", sentences(at)[0])
    assert "several_start" not in buttons(at)
    at.button(key="several_none").click().run()
    assert not at.error


def test_what_the_browser_sends_as_choice_may_be_anything(engine: Engine) -> None:
    at = opened("several")
    at.session_state["several"] = ["../../etc", PAINTINGS[1].id]
    at.run()
    assert not at.exception
    assert "Paint all 1" in [button.label for button in at.button]


def compared(at: AppTest, engine: Engine, count: int) -> None:
    at.button(key="table_start").click().run()
    assert not at.exception
    painted(at, engine, count)


def test_a_table_of_settings_is_painted_in_small_and_a_click_adopts_a_cell(engine: Engine) -> None:
    at = opened("table")
    at.session_state["look_picked"] = "paper"  # as a click on its picture does
    at.run()
    at.button_group(key="table_strengths").set_value([0.3, 3.0]).run()
    at.button_group(key="table_brushes").set_value([0.5, 1.0]).run()
    assert any("4 small pictures" in caption for caption in captions(at))
    scale, beta = at.session_state["style_scale"], at.session_state["style_weight"]
    compared(at, engine, 4)
    assert not finished(at), "no picture of it is a result by itself"
    assert not at.session_state["results"]
    series = series_of(at)
    found = [resources.runner().poll(job_id) for job_id in series.job_ids]
    configs = [each.spec.recipe.config for each in found if each is not None]
    assert {config.size for config in configs} == {256}
    assert [round(config.style_weight / beta, 2) for config in configs] == [0.3, 0.3, 3.0, 3.0]
    assert [round(config.style_scale / scale, 2) for config in configs] == [0.5, 1.0, 0.5, 1.0]
    step = cell_at(series, "2")
    assert step is not None
    for name, value in step.settings.items():
        at.session_state[name] = value
    at.run()
    at.button(key="stylise").click().run()
    assert job(at).spec.recipe.config == configs[2].with_changes(size=512)
    engine.release(5)
    until(at, finished)
    assert len(at.session_state["results"]) == 1


@pytest.mark.parametrize("index", [None, 2, "7", "-1", {"a": 1}, "x" * 10**5])
def test_a_click_on_no_cell_changes_nothing(engine: Engine, index: object) -> None:
    made = spec().recipe
    steps = [Step(label, made.config, made.styles) for label in "ab"]
    series = Series(resources.runner(), spec(), steps, "ann", lambda _: spec().styles[0], kind="table", columns=2)
    assert cell_at(series, index) is None


@pytest.mark.parametrize("picked", [None, 2, "c", ["a"], {"a": 1}, float("nan"), "x" * 10**5])
def test_a_click_on_no_thumbnail_is_none(picked: object) -> None:
    items = [Item(each, each, "", "", b"") for each in "ab"]
    assert named_by("b", items) == "b"
    assert named_by(picked, items) is None


def test_statistics_are_compared_too_and_a_found_strength_by_what_stays_of_the_photo(engine: Engine) -> None:
    at = opened("table")
    at.select_slider(key="photo_kept").set_value(0.45)
    at.button_group(key="table_strengths").set_value([1.0]).run()
    at.button_group(key="table_against").set_value("statistics").run()
    compared(at, engine, 3)
    series = series_of(at)
    assert [step.settings["style_statistics"] for step in series.steps] == ["wasserstein", "moments", "gram"]
    assert {step.settings["photo_kept"] for step in series.steps} == {0.45}


def test_one_value_is_nothing_to_compare(engine: Engine) -> None:
    at = opened("table")
    at.button_group(key="table_strengths").set_value([]).run()
    assert at.button(key="table_start").disabled
    assert not at.error
