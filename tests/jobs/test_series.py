"""Several pictures of one visitor, one after the other: no more of the queue than one, and an end in every case."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.errors import ImageError, LimitError
from nst.jobs import JobState, Store
from nst.jobs.limits import PROFILES, Limits
from nst.jobs.place import Place, Step
from nst.jobs.queue import JobQueue
from nst.jobs.records import Outcome
from nst.jobs.series import Series
from nst.pictures.codec import Pixels
from nst.recipes.recipe import Source
from tests.support.queued import DONE, FOREVER, Clock, spec, taken

OWN = Source.of("mine.jpg", b"mine")


def queue(clock: Clock | None = None, **limits: Any) -> JobQueue:
    table = JobQueue(Limits(**limits), clock=clock or Clock())
    table.join("a")
    return table


def gallery(source: Source) -> Pixels:
    if source.name != "painting":
        raise ImageError(f"{source.name}: gone.")
    return spec().styles[0]


def series(table: JobQueue, count: int = 3, paintings: Mapping[str, Pixels] | None = None) -> Series:
    """Return a series of so many pictures, the last one after a painting of the visitor's own if there are any."""
    made = spec().recipe
    steps = [Step(f"picture {seed}", made.config.with_changes(seed=seed), made.styles) for seed in range(count)]
    if paintings:
        steps[-1] = Step(steps[-1].label, steps[-1].config, (OWN,), {"seed": count - 1})
    return Series(table, spec(), steps, "ann", gallery, columns=2, paintings=paintings)


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
    clock.run(46, table.statistics)
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
    painted = series(table, 1, {OWN.sha256: np.zeros((64, 64, 3), np.uint8)})
    assert painted.size() == 3 * 64 * 64 * 3
    table.finish("a", (painted.start(), taken(table))[0], DONE)
    painted.go_on()
    assert painted.size() == 0


def test_a_painting_that_the_gallery_has_no_longer_ends_it_with_a_sentence() -> None:
    table = queue()
    painted = Series(table, spec(), [*series(table, 1).steps, Step("b", spec().recipe.config, (OWN,))], "ann", gallery)
    table.finish("a", (painted.start(), taken(table))[0], DONE)
    assert painted.go_on() is None
    assert painted.sentence == "Painted 1 of 2 pictures. mine.jpg: gone."


def test_after_a_restart_it_goes_on_from_the_picture_that_was_in_work(tmp_path: Path) -> None:
    mine, store = np.full((64, 96, 3), 9, np.uint8), Store(tmp_path)
    table = JobQueue(Limits(grace_seconds=FOREVER), store)
    before = series(table, 4, {OWN.sha256: mine})
    first = before.start()
    table.finish("a", taken(table), DONE)
    second = before.go_on()
    assert second is not None
    taken(table)
    store.close()
    table = JobQueue(Limits(grace_seconds=FOREVER), Store(tmp_path))
    table.join("a")
    job = table.poll(second, "ann")
    assert job is not None
    assert job.state is JobState.QUEUED
    assert job.spec.size() == 2 * 64 * 64 * 3 + mine.nbytes, "what comes later counts"
    after = Series.taken_up(table, job, "ann", gallery)
    assert (after.kind, after.columns, after.steps) == ("pictures", 2, before.steps)
    for seed in (1, 2, 3):
        assert after.go_on() == after.job_ids[-1] == taken(table)
        painted = table.poll(after.job_ids[-1])
        assert painted.spec.recipe.config.seed == seed
        table.finish("a", painted.id, DONE)
    assert painted.spec.recipe.styles == (OWN,)
    np.testing.assert_array_equal(painted.spec.styles[0], mine)
    assert after.go_on() is None
    assert after.job_ids[:2] == (first, second)
    assert after.sentence == ""


def test_a_place_in_a_series_is_read_back_as_it_was_written() -> None:
    steps = series(queue(), 2, {OWN.sha256: spec().content}).steps
    place = Place("table", 3, steps, ("one", "two"), {})
    read = Place.from_json(place.to_json(), {})
    assert vars(read) == vars(place)
