"""Sketches in idle time: a job goes first, visitors take turns, and what is painted is kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nst.config import StyleTransferConfig
from nst.jobs import JobRunner, local
from nst.jobs.limits import PROFILES, Limits
from nst.jobs.queue import JobQueue
from nst.jobs.sketches import KEPT_BYTES, PATIENCE, Sketched, Sketches, Wish, sketch_key, sketch_settings
from nst.pictures.gallery import load_gallery
from nst.recipes.recipe import Source
from tests.support.fake_engine import Engine, Sketcher
from tests.support.local import finished, runner
from tests.support.queued import Clock, spec
from tests.support.waiting import until

CONFIG = sketch_settings(StyleTransferConfig())
PIXELS = np.zeros((16, 16, 3), np.uint8)
SKETCH = Sketched(PIXELS, 1000.0, b"jpeg")


def wish(key: str, photo: Callable[[], np.ndarray] = lambda: PIXELS) -> Wish:
    return Wish(key, photo, lambda: PIXELS, CONFIG)


def wishes(*keys: str) -> list[Wish]:
    return list(map(wish, keys))


def following(table: Sketches, count: int, now: float = 0.0) -> list[str]:
    """Paint so many sketches and return their keys in the order in which they were to be painted."""
    keys = []
    for _ in range(count):
        following = table.next(now)
        assert following is not None
        keys.append(following.key)
        table.put(following.key, SKETCH, now)
    return keys


# Which is next


def test_a_page_gets_its_sketches_in_the_order_in_which_it_wants_them():
    table = Sketches(hourly=100)
    assert table.ask("me", "", wishes("c", "a", "b"), 0).left == 3
    assert following(table, 3) == ["c", "a", "b"]
    news = table.ask("me", "", wishes("a", "b", "c"), 0)
    assert (news.left, set(news.done)) == (0, {"a", "b", "c"})
    assert table.next(0) is None


def test_visitors_take_turns():
    table = Sketches(hourly=100)
    table.ask("me", "", wishes("a", "b", "c"), 0)
    table.ask("you", "", wishes("x", "y"), 0)
    assert following(table, 4) == ["a", "x", "b", "y"]


def test_another_photo_takes_the_place_of_the_one_before():
    table = Sketches(hourly=100)
    table.ask("me", "", wishes("old"), 0)
    table.ask("me", "", wishes("new"), 0)
    assert not table.is_wished("old", 0)
    assert following(table, 1) == ["new"]


def test_what_one_visitor_had_painted_is_there_for_all():
    table = Sketches(hourly=100)
    table.ask("me", "", wishes("a"), 0)
    following(table, 1)
    assert table.ask("you", "", wishes("a"), 0).done == {"a": SKETCH}


def test_nothing_is_painted_for_a_page_that_no_longer_asks():
    table = Sketches(hourly=100)
    table.ask("me", "", wishes("a"), 0)
    assert table.next(PATIENCE) is not None
    assert table.next(PATIENCE + 1) is None


def test_what_cannot_be_painted_is_not_tried_again():
    table = Sketches(hourly=100)
    table.ask("me", "", wishes("broken", "a"), 0)
    table.put("broken", None, 0)
    assert following(table, 1) == ["a"]
    assert table.ask("me", "", wishes("broken", "a"), 0).left == 0


def test_a_visitor_has_a_share_an_hour_and_those_of_one_network_share_it():
    table = Sketches(hourly=2)
    table.ask("me", "home", wishes("a", "b", "c"), 0)
    following(table, 2)
    assert table.next(0) is None
    assert table.ask("me", "home", wishes("a", "b", "c"), 0).is_spent
    assert table.ask("another tab", "home", wishes("d"), 0).is_spent
    assert not table.ask("you", "elsewhere", wishes("d"), 0).is_spent
    assert following(table, 1) == ["d"]
    table.ask("me", "home", wishes("c"), 3601)
    assert following(table, 1, 3601) == ["c"]


def test_a_server_that_gives_none_takes_no_wishes():
    table = Sketches(hourly=0)
    assert table.ask("me", "", wishes("a"), 0).left == 0
    assert table.next(0) is None


def test_the_oldest_go_when_there_are_too_many_bytes():
    table = Sketches(hourly=10**6)
    large = replace(SKETCH, jpeg=bytes(KEPT_BYTES // 2 - SKETCH.size()))
    for key in "abc":
        table.put(key, large, 0)
        table.ask("me", "", wishes("a"), 0)  # which is looked at, and so is not the oldest
    assert [key for key in "abc" if table.find(key)] == ["a", "c"]


# What a sketch depends on


def test_size_and_steps_of_the_picture_make_no_other_sketch_but_what_it_looks_like_does():
    photo, painting = Source.of("photo", b"photo"), Source.of("painting", b"painting")

    def key(**changes: Any) -> str:
        return sketch_key(photo, painting, sketch_settings(StyleTransferConfig().with_changes(**changes)))

    assert key() == key(size=1024) == key(steps=200) == key(sketch_weight=300.0)
    assert key(style_weight=500.0, photo_kept=0.6) == key(), "a weight that is found is not the one that is set"
    assert key(method="combined") == key() not in (key(method="neighbours"), key(method="statistics"))
    others = [key(photo_kept=0.5), key(style_scale=0.5), key(colour="luminance"), key(style_weight=500.0)]
    assert len({key(), *others}) == 5
    assert sketch_key(painting, photo, CONFIG) != sketch_key(photo, painting, CONFIG)


# A job goes first


def test_a_sketch_is_taken_only_while_no_job_waits():
    clock = Clock()
    table = JobQueue(clock=clock)
    table.sketches(wishes("a", "b"), "me")
    assert table.take("w", timeout=0, idle=True) is None
    assert not table.is_to_leave("a")
    job = table.submit(spec())
    assert table.is_to_leave("a"), "the small run stops"
    order = table.take("w", idle=True)
    assert order is not None
    assert order.id == job
    assert table.wished() is not None, "and is painted later"


@pytest.fixture
def sketcher() -> Sketcher:
    return Sketcher(gated=True)


@pytest.fixture
def jobs(sketcher: Sketcher) -> JobRunner:
    return runner(Engine(), sketch=sketcher)


def test_a_sketch_is_painted_when_the_worker_has_nothing_else_to_do(jobs: JobRunner, sketcher: Sketcher):
    sketcher.release(3)
    until(lambda: jobs.sketches([wish("a", lambda: PIXELS + 7)], "me").left == 0)
    sketch = jobs.sketch("a")
    assert sketch is not None
    assert sketch.style_weight == 500
    assert (sketch.picture == 7).all()
    assert sketch.jpeg.startswith(b"\xff\xd8")


def test_a_job_stops_the_small_run_within_one_evaluation_which_is_painted_after_it(jobs: JobRunner, sketcher: Sketcher):
    jobs.sketches(wishes("a"), "me")
    sketcher.release()
    until(lambda: len(sketcher.begun) == 1)
    job = jobs.submit(spec())
    sketcher.release()  # the evaluation under way, after which it asks
    finished(jobs, job)
    assert sketcher.left == 1
    assert jobs.sketch("a") is None
    sketcher.release(4)
    until(lambda: jobs.sketches(wishes("a"), "me").left == 0)


def test_a_sketch_that_nobody_wants_any_longer_is_left(jobs: JobRunner, sketcher: Sketcher):
    jobs.sketches(wishes("a"), "me")
    until(lambda: len(sketcher.begun) == 1)
    jobs.sketches([wish("b", lambda: PIXELS + 1)], "me")
    sketcher.release(2)
    until(lambda: sketcher.begun == [0, 1])
    assert jobs.sketch("a") is None
    sketcher.release(3)


def test_a_picture_that_cannot_be_read_ends_neither_the_worker_nor_the_other_sketches(
    jobs: JobRunner, sketcher: Sketcher
):
    def broken() -> np.ndarray:
        raise OSError("gone")

    sketcher.release(3)
    until(lambda: jobs.sketches([wish("broken", broken), *wishes("a")], "me").left == 0)
    assert jobs.sketch("broken") is None
    assert jobs.sketch("a") is not None
    finished(jobs, jobs.submit(spec()))


def test_a_sketch_pauses_while_a_page_is_drawn_but_not_before_a_job(
    jobs: JobRunner, sketcher: Sketcher, monkeypatch: pytest.MonkeyPatch
):
    jobs.sketches(wishes("a"), "me")
    until(lambda: len(sketcher.begun) == 1)
    monkeypatch.setattr(local, "PAUSE_SECONDS", 600.0)
    monkeypatch.setattr(local, "LONGEST_PAUSE", 600.0)
    jobs.give_way()
    sketcher.release(9)
    finished(jobs, jobs.submit(spec()))
    assert (sketcher.left, jobs.sketch("a")) == (1, None)
    monkeypatch.setattr(local, "PAUSE_SECONDS", 0.0)
    until(lambda: jobs.sketches(wishes("a"), "me").left == 0)


def test_a_public_server_gives_a_few_photos_an_hour_in_all_paintings():
    assert len(load_gallery().paintings) < PROFILES["public"].hourly_sketches < Limits().hourly_sketches
