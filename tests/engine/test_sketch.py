"""Sketches, and runs that go on from them."""

import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from nst.config import RunOptions, StyleTransferConfig
from nst.engine import descent, targets, vgg
from nst.engine.records import Progress, Sketch
from nst.engine.transfer import sketch, stylize
from nst.errors import ConfigError, Interrupted
from nst.jobs import JobRunner
from nst.jobs.sketches import Wish
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.plan.scales import SKETCH_STEPS
from nst.plan.strength import SKETCH_RUNS
from tests.support import reference
from tests.support.fake_engine import SECONDS, Engine
from tests.support.queued import spec

PHOTO = reference.gallery_picture("photos/pagoda.jpg", 172, 256)
PAINTING = reference.gallery_picture("paintings/wheat-field-with-cypresses.jpg", 128, 160)
FLOAT32 = RunOptions(precision="float32")
CONFIG = StyleTransferConfig(size=256, steps=SKETCH_STEPS)


@pytest.fixture(scope="module")
def painted() -> Sketch:
    return sketch(PHOTO, [PAINTING], CONFIG, FLOAT32)


def _records(config: StyleTransferConfig, **given: Any) -> list[Progress]:
    return list(stylize(PHOTO, [PAINTING], config, FLOAT32, preview_seconds=None, **given))


def test_a_sketch_is_a_small_picture_between_the_photo_and_the_painting(painted: Sketch):
    assert painted.picture.shape == (86, 128, 3)
    assert painted.picture.dtype == np.uint8
    assert 0 < painted.evaluations <= SKETCH_STEPS * SKETCH_RUNS


def test_a_weight_that_is_set_is_that_of_the_sketch():
    made = sketch(PHOTO, [PAINTING], CONFIG.with_changes(style_weight=300.0), FLOAT32)
    assert (made.style_weight, made.evaluations) == (300.0, SKETCH_STEPS)


def test_a_recipe_repeats_a_picture_that_was_begun_from_a_sketch(painted: Sketch):
    begun = _records(CONFIG.with_changes(sketch_weight=painted.style_weight), initial=painted.picture)[-1]
    assert begun.config.photo_kept == 0, "the weight that was found is in the recipe"
    # Whoever repeats it has no sketch: one is painted.
    again = _records(begun.config)[-1]
    np.testing.assert_array_equal(begun.picture(), again.picture())


def test_a_run_from_a_sketch_has_fewer_evaluations_to_make(painted: Sketch):
    weight = {"style_weight": painted.style_weight}
    plain = _records(CONFIG.with_changes(**weight))
    begun = _records(CONFIG.with_changes(**weight, sketch_weight=painted.style_weight), initial=painted.picture)
    assert begun[-1].steps < plain[-1].steps
    assert "sketch" in begun[0].note
    assert begun[0].losses.total < plain[0].losses.total, "it begins where the sketch has ended"


def test_a_kept_colour_is_kept_on_the_way():
    config = CONFIG.with_changes(colour="luminance", style_weight=500.0)
    made = sketch(PHOTO, [PAINTING], config, FLOAT32)
    config = config.with_changes(sketch_weight=made.style_weight)
    one, other = (_records(config, **given)[-1].picture() for given in ({}, {"initial": made.picture}))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "settings", [{"init": "noise"}, {"coarse_to_fine": False}, {"method": "neighbours"}, {"sketch_weight": 0.0}]
)
def test_where_there_is_no_sketch_to_go_on_from_none_is_taken(painted: Sketch, settings: dict[str, Any]):
    config = CONFIG.with_changes(**{"sketch_weight": 500.0, "style_weight": 500.0, **settings})
    with pytest.raises(ConfigError, match="init"):
        _records(config, initial=painted.picture)


def test_a_region_that_is_too_small_for_a_sketch_is_painted_without_one():
    mask = np.zeros(PHOTO.shape[:2], np.float32)
    mask[:20, :20] = 1
    config = CONFIG.with_changes(size=64, steps=1, style_weight=500.0, sketch_weight=500.0)
    last = _records(config, regions=[Region("corner", PackedMask.of(mask), (1.0,), 1.0)], style_guides=())[-1]
    assert np.isfinite(last.losses.total)


def test_a_sketch_ends_within_one_evaluation_when_something_else_is_to_be_done():
    asked = []

    def interrupted() -> bool:
        asked.append(1)
        return len(asked) > 6

    with pytest.raises(Interrupted):
        sketch(PHOTO, [PAINTING], CONFIG, FLOAT32, interrupted=interrupted)
    assert len(asked) == 7


def test_a_sketch_is_left_while_its_network_is_traced_and_comes_out_the_same_afterwards(
    monkeypatch: pytest.MonkeyPatch,
):
    layers = {"content_layers": "block2_conv1", "style_layers": "block1_conv2,block2_conv1"}
    odd = CONFIG.with_changes(style_weight=300.0, pooling="max", steps=2, **layers)
    # Whatever other tests have traced.
    for place, name in ((descent, "step_function"), (targets, "_gram_function"), (targets, "_content_function")):
        monkeypatch.setattr(place, name, lru_cache(getattr(place, name).__wrapped__))
    monkeypatch.setattr(vgg, "_features", lru_cache(vgg._features.__wrapped__))
    asked = 0

    def stops_after(last: int) -> Callable[[], bool]:
        def stop() -> bool:
            nonlocal asked
            asked += 1
            return asked > last

        return stop

    for last in (5, 30, 45):  # the network is built; its gradient is traced; the first call is under way
        asked = 0
        with pytest.raises(Interrupted):
            sketch(PHOTO, [PAINTING], odd, FLOAT32, interrupted=stops_after(last))
    asked = 0
    found = sketch(PHOTO, [PAINTING], odd, FLOAT32, interrupted=stops_after(10**6))
    traced, asked = asked, 0
    np.testing.assert_array_equal(found.picture, sketch(PHOTO, [PAINTING], odd, FLOAT32).picture)
    sketch(PHOTO, [PAINTING], odd, FLOAT32, interrupted=stops_after(10**6))
    assert asked < 10 < traced, "what is traced asks, and only while it is traced"


def test_a_job_does_not_wait_for_a_sketch_whose_network_is_being_prepared(monkeypatch: pytest.MonkeyPatch):
    under_way, goes_on = threading.Event(), threading.Event()

    def prepared(*_: Any) -> None:
        under_way.set()
        assert goes_on.wait(10 * SECONDS)

    monkeypatch.setattr(descent, "step_function", lambda *_: prepared)
    engine = Engine()
    runner = JobRunner(engine, lambda: None)
    wish = Wish("key", lambda: PHOTO, lambda: PAINTING, CONFIG.with_changes(style_weight=300.0))
    deadline = time.monotonic() + 10 * SECONDS
    while not under_way.wait(0.1):
        assert time.monotonic() < deadline
        assert runner.sketches([wish], "ann").left == 1
    job_id = runner.submit(spec(seed=7), "bob")
    deadline = time.monotonic() + SECONDS
    while engine.started != [7]:
        assert time.monotonic() < deadline, runner.poll(job_id, "bob")
        time.sleep(0.01)
    goes_on.set()
