"""Several pictures of one visitor, one after the other: no more of the queue than one, and an end in every case."""

from functools import partial
from typing import Any

import pytest

from nst.errors import LimitError
from nst.jobs import JobState
from nst.jobs.limits import PROFILES, Limits
from nst.jobs.queue import JobQueue
from nst.jobs.records import Outcome
from nst.jobs.series import Series, Step
from tests.support.queued import DONE, Clock, spec, taken


def queue(clock: Clock | None = None, **limits: Any) -> JobQueue:
    table = JobQueue(Limits(**limits), clock=clock or Clock())
    table.join("a")
    return table


def series(table: JobQueue, count: int = 3) -> Series:
    return Series(table, [Step(f"picture {seed}", partial(spec, seed)) for seed in range(count)], "ann")


def test_each_picture_is_submitted_when_the_one_before_it_has_ended() -> None:
    table = queue()
    painted = series(table)
    first = painted.start()
    assert painted.go_on() == first
    seeds = []
    for count in range(1, 4):
        assert painted.job_ids == (*painted.job_ids[:-1], taken(table))
        assert painted.go_on() == painted.job_ids[-1], "it runs"
        assert len(painted.job_ids) == count
        table.finish("a", painted.job_ids[-1], DONE)
        seeds.append(table.poll(painted.job_ids[-1]).spec.recipe.config.seed)
        painted.go_on()
    assert seeds == [0, 1, 2]
    assert painted.over
    assert painted.sentence == ""
    assert painted.go_on() is None
    assert table.take("a", timeout=0) is None


def test_others_come_in_between() -> None:
    table = queue()
    painted = series(table)
    painted.start()
    other = table.submit(spec(), "bob")
    table.finish("a", taken(table), DONE)
    painted.go_on()
    assert taken(table) == other


def test_a_picture_that_is_cancelled_ends_it_and_one_that_nobody_watches_too() -> None:
    clock = Clock()
    table = queue(clock)
    painted = series(table)
    table.cancel(painted.start(), "ann")
    assert painted.go_on() is None
    assert painted.sentence == "Painted 1 of 3 pictures."
    left = series(table)
    left.start()
    clock.now += 46
    assert left.go_on() is not None, "whoever asks is there"
    clock.now += 46
    table.statistics()
    assert left.go_on() is None
    assert len(left.job_ids) == 1


def test_one_that_is_stopped_submits_nothing_more_though_its_picture_is_finished() -> None:
    table = queue()
    painted = series(table)
    painted.start()
    job_id = taken(table)
    painted.stop()
    table.finish("a", job_id, DONE)
    assert painted.go_on() is None
    assert painted.job_ids == (job_id,)


def test_a_picture_that_fails_does_not_end_it_and_is_said_in_the_end() -> None:
    table = queue()
    painted = series(table, 2)
    table.finish("a", (painted.start(), taken(table))[0], Outcome(error="No memory."))
    assert table.poll(painted.job_ids[0]).state is JobState.FAILED
    assert painted.go_on() == painted.job_ids[1]
    assert painted.sentence == ""
    table.finish("a", taken(table), DONE)
    assert painted.go_on() is None
    assert painted.sentence == "Painted 1 of 2 pictures. No memory."


def test_a_queue_that_takes_no_more_ends_it_with_its_sentence() -> None:
    table = queue(queue_jobs=1)
    painted = series(table)
    painted.start()
    table.finish("a", taken(table), DONE)
    table.submit(spec(), "bob")
    assert painted.go_on() is None
    assert painted.sentence.startswith("Painted 1 of 3 pictures. The queue is full")


def test_it_has_no_more_pictures_than_the_server_allows() -> None:
    with pytest.raises(LimitError, match=r"^series: expected at most 2 pictures one after the other .*, got 3"):
        series(queue(series_jobs=2))
    assert PROFILES["public"].series_jobs < PROFILES["own"].series_jobs


def test_what_has_ended_holds_no_pictures() -> None:
    table = queue()
    painted = series(table, 1)
    table.finish("a", (painted.start(), taken(table))[0], DONE)
    painted.go_on()
    with pytest.raises(RuntimeError):
        painted.steps[0].spec()


def test_each_picture_knows_what_comes_after_it() -> None:
    table = queue()
    painted = series(table)
    painted.start()
    for following in (("picture 1", "picture 2"), ("picture 2",), ()):
        assert table.poll(painted.job_ids[-1]).spec.following == following
        table.finish("a", taken(table), DONE)
        painted.go_on()
