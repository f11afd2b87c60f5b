"""The table behind the page: whose turn it is, how long it takes, what is refused, what a lost worker costs.

No thread runs here: the test itself is the worker, and moves the clock.
"""

from dataclasses import replace
from typing import Any

import pytest

from nst.config import RunOptions
from nst.errors import LimitError
from nst.jobs import JobSnapshot, JobState
from nst.jobs.forecast import Forecast, waits, work
from nst.jobs.limits import Limits
from nst.jobs.queue import MAX_STARTS, JobQueue
from nst.jobs.records import Outcome
from nst.pictures.codec import read_picture, read_recipe_text
from nst.plan import machine
from nst.recipes.recipe import Recipe
from tests.support.queued import DONE, FOREVER, Clock, checkpoint, progress, spec, taken


def queue(clock: Clock | None = None, **limits: Any) -> JobQueue:
    table = JobQueue(Limits(**{"grace_seconds": FOREVER, **limits}), clock=clock or Clock())
    table.join("a")
    return table


# Turns


def test_a_second_job_of_one_session_waits_for_the_first_of_every_other() -> None:
    table = queue(session_jobs=3)
    ids = {
        name: table.submit(spec(), name[0])
        for name in ("ann-1", "ann-2", "ann-3", "bob-1", "cid-1", "bob-2")
    }  # fmt: skip
    order = []
    for _ in ids:
        job = taken(table)
        order.append(next(name for name, known in ids.items() if known == job))
        table.finish("a", job, DONE)
    assert order == ["ann-1", "bob-1", "cid-1", "ann-2", "bob-2", "ann-3"]


def served(table: JobQueue, sizes: dict[str, int], jobs: int) -> dict[str, float]:
    """How much work everybody had done in so many jobs, if each asks for another one as soon as one has ended."""
    names = {table.submit(spec(side=256, size=size), name, network=name): name for name, size in sizes.items()}
    had = dict.fromkeys(sizes, 0.0)
    for _ in range(jobs):
        job = taken(table)
        name = names.pop(job)
        had[name] += work(spec(side=256, size=sizes[name]))
        table.note("a", job, progress(10), "", None)
        table.finish("a", job, DONE)
        names[table.submit(spec(side=256, size=sizes[name]), name, network=name)] = name
    return had


def test_who_asks_for_large_pictures_gets_no_more_work_done_than_who_asks_for_small_ones() -> None:
    had = served(queue(), {"small": 64, "large": 256, "middle": 128}, 100)
    largest = work(spec(side=256, size=256))
    assert max(had.values()) - min(had.values()) <= largest
    assert min(had.values()) > 2 * largest


def test_newcomers_do_not_keep_who_has_had_much_from_another_turn() -> None:
    table = queue()
    table.submit(spec(side=256, size=256), "ann")
    first = [table.submit(spec(), f"visitor {number}") for number in range(3)]
    table.finish("a", taken(table), DONE)
    again = table.submit(spec(), "ann")
    order = []
    for number in range(100):
        job = taken(table)
        order.append(job)
        if job == again:
            break
        table.note("a", job, progress(10), "", None)
        table.finish("a", job, DONE)
        table.submit(spec(), f"newcomer {number}")
    assert order[:3] == first
    assert again in order


def test_what_was_cancelled_counts_as_far_as_it_got_and_nothing_counts_when_nobody_waits() -> None:
    table = queue()
    dear = table.submit(spec(side=256, size=256), "ann")
    bob = table.submit(spec(), "bob")
    taken(table)
    table.cancel(dear, "ann")
    table.finish("a", dear, DONE)  # after a tenth
    again, cid = table.submit(spec(), "ann"), table.submit(spec(), "cid")
    assert taken(table) == bob
    table.finish("a", bob, DONE)
    assert taken(table) == cid
    table.finish("a", cid, DONE)
    assert taken(table) == again
    table.finish("a", again, DONE)
    ann, dan = table.submit(spec(), "ann"), table.submit(spec(), "dan")
    assert [taken(table), table.poll(dan).state] == [ann, JobState.QUEUED]


def test_a_job_does_not_wait_for_what_the_one_before_it_did_not_do() -> None:
    table = queue(session_jobs=3)
    dear, second = (table.submit(spec(side=256, size=size), "ann") for size in (256, 64))
    others = [table.submit(spec(), name) for name in ("bob", "cid") for _ in range(2)]
    table.cancel(dear, "ann")
    assert [taken(table), taken(table, "b"), taken(table, "c")] == [second, others[0], others[2]]


def test_positions_count_the_running_job_and_those_before() -> None:
    table = queue()
    first, second, third = (table.submit(spec()) for _ in range(3))
    assert [table.poll(job).position for job in (first, second, third)] == [0, 1, 2]
    taken(table)
    assert [table.poll(job).position for job in (first, second, third)] == [0, 1, 2]
    table.finish("a", first, DONE)
    assert [table.poll(job).position for job in (second, third)] == [0, 1]


# Time


def test_work_counts_whatever_takes_time() -> None:
    plain = spec(side=256, size=256, steps=50)
    # 256 px with 128 px before it, which has at most 40 steps; targets and corrections of the border come on top.
    evaluations = (50 * 256**2 + 40 * 128**2) / 1e6
    assert evaluations < work(plain) < 1.2 * evaluations
    more_paintings = replace(plain, styles=plain.styles * 3)
    finer_strokes = spec(side=256, size=256, steps=50, style_scale=0.5)
    assert work(more_paintings) > work(plain) > work(finer_strokes)


def test_nothing_is_promised_before_anything_was_measured() -> None:
    table = queue()
    table.submit(spec())
    assert table.poll(table.submit(spec())).wait is None


def test_the_wait_is_the_sum_of_what_is_ahead() -> None:
    table = queue()
    first, second, third = (table.submit(spec(steps=steps)) for steps in (10, 20, 10))
    taken(table)
    # 10 steps take 2 + 8 s, and 20 steps take as much longer as there is more to compute.
    table.note("a", first, progress(2, seconds=2.0, eta=8.0), "", None)
    assert table.poll(first).wait is None
    assert table.poll(second).wait == pytest.approx(8.0)
    assert table.poll(third).wait == pytest.approx(8.0 + 10.0 * work(spec(steps=20)) / work(spec(steps=10)))


def test_with_two_workers_the_next_job_goes_to_the_one_that_is_free_first() -> None:
    # By hand: at 2 s the first job starts, on the other worker, which is free again at 7 s; 6 s come before that.
    assert waits([6.0, 2.0], [5.0, 10.0, 1.0], 2) == [2.0, 6.0, 7.0]
    assert waits([], [5.0, 4.0, 1.0], 2) == [0.0, 0.0, 4.0]
    assert waits([None], [1.0], 1) == [None]
    assert waits([3.0], [None, 1.0], 1) == [3.0, None]


def test_a_forecast_follows_what_is_measured() -> None:
    forecast = Forecast()
    assert forecast.duration(100) is None
    forecast.learn(100, 10.0)
    assert forecast.duration(50) == pytest.approx(5.0)
    forecast.learn(100, 20.0)
    assert 5.0 < forecast.duration(50) < 10.0
    for _ in range(3):
        forecast.learn(100, 20.0)
    assert forecast.duration(50) == pytest.approx(10.0)
    forecast.learn(100, 500.0)  # one that had bad luck
    assert forecast.duration(50) == pytest.approx(10.0)
    assert forecast.duration(50, progress(1, eta=3.0)) == 3.0


def test_pictures_large_enough_tell_the_pace_and_films_and_small_ones_do_not() -> None:
    forecast = Forecast()
    forecast.learn(1, 30.0)
    forecast.learn(100, 900.0, film=True)
    assert forecast.pace is None
    forecast.learn(10, 20.0)
    forecast.learn(10, 40.0)
    assert forecast.pace == pytest.approx(3.0)


def test_a_queue_tells_the_pace_of_what_it_painted() -> None:
    clock = Clock()
    table = queue(clock)
    large = spec(side=1024, size=1024)
    job = table.submit(large)
    taken(table)
    table.note("a", job, progress(10), "", None)
    clock.now += 100
    assert table.pace() is None
    table.finish("a", job, DONE)
    assert table.pace() == pytest.approx(100 / work(large))


def test_what_a_running_job_promises_counts_only_until_one_has_ended() -> None:
    clock = Clock()
    table = queue(clock)
    first, second, third, fourth = (table.submit(spec()) for _ in range(4))
    taken(table)
    table.note("a", first, progress(1, seconds=1.0, eta=99.0), "", None)
    assert table.poll(third).wait == pytest.approx(99.0 + 100.0)
    clock.now += 12
    table.note("a", first, progress(10, seconds=10.0, eta=0.0), "", None)
    table.finish("a", first, DONE)
    assert table.poll(third).wait == pytest.approx(12.0)  # saving took two seconds more
    taken(table)
    table.note("a", second, progress(1, seconds=1.0, eta=99.0), "", None)
    assert table.poll(third).wait == pytest.approx(12.0)
    table.note("a", second, progress(5, seconds=50.0, eta=50.0), "", None)
    assert table.poll(third).wait == pytest.approx(50.0)  # by now it knows
    assert table.poll(fourth).wait == pytest.approx(50.0 + 12.0)


def test_a_job_that_was_stopped_says_nothing_about_the_next() -> None:
    clock = Clock()
    table = queue(clock)
    first, second = table.submit(spec()), table.submit(spec())
    taken(table)
    table.note("a", first, progress(5), "", None)
    clock.now += 5
    table.cancel(first)
    table.finish("a", first, DONE)
    table.submit(spec())
    assert table.poll(second).wait == 0
    assert table.poll(table.submit(spec())).wait is None


# What is refused


def refusal(table: JobQueue, *args: Any, **options: Any) -> str:
    with pytest.raises(LimitError) as caught:
        table.submit(*args, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_session_has_one_unfinished_job_and_the_newest_takes_its_place_on_request() -> None:
    table = queue()
    other = table.submit(spec(), "bob")
    first = table.submit(spec(), "ann")
    assert refusal(table, spec(), "ann").startswith("Expected at most 1 unfinished picture a visitor, got one more;")
    second = table.submit(spec(), "ann", replace=True)
    assert table.poll(first).state is JobState.CANCELLED
    assert [table.poll(job).state for job in (other, second)] == [JobState.QUEUED] * 2


def test_a_running_job_that_is_replaced_ends_and_keeps_its_picture() -> None:
    table = queue()
    first = table.submit(spec(), "ann")
    taken(table)
    second = table.submit(spec(), "ann", replace=True)
    assert table.note("a", first, progress(1), "", None)
    table.finish("a", first, DONE)
    assert table.poll(first).state is JobState.CANCELLED
    assert table.poll(first).result_png == b"png"
    assert taken(table) == second


def test_a_full_queue_says_so_and_takes_jobs_again_when_one_has_ended() -> None:
    table = queue(queue_jobs=2)
    first, _ = table.submit(spec()), table.submit(spec())
    assert refusal(table, spec()).startswith("The queue is full: 2 pictures are waiting")
    assert table.statistics().refused == 1
    table.cancel(first)
    table.submit(spec())


def test_large_pictures_fill_the_queue_sooner() -> None:
    table = queue(queue_megabytes=10)
    table.submit(spec(side=1000, size=1000))  # twice 3 MB
    assert refusal(table, spec(side=1000, size=1000)).startswith("The queue is full: the waiting pictures are large")
    table.submit(spec())


def test_settings_beyond_the_limits_are_refused_and_leave_the_older_job_alone() -> None:
    table = queue(max_steps=50)
    first = table.submit(spec(), "ann")
    assert refusal(table, spec(steps=51), "ann", replace=True).startswith("steps: expected at most 50")
    assert table.poll(first).state is JobState.QUEUED


# The end


def test_a_result_expires() -> None:
    clock = Clock()
    table = queue(clock, result_seconds=60)
    job = table.submit(spec())
    table.finish("a", taken(table), DONE)
    clock.now += 59
    assert table.poll(job).result_png == b"png"
    clock.now += 2
    assert table.poll(job) is None
    assert table.statistics().jobs[JobState.DONE] == 0
    assert table.statistics().ended[JobState.DONE] == 1


def test_a_job_nobody_asks_for_is_given_up_also_when_the_worker_is_silent() -> None:
    clock = Clock()
    table = queue(clock, grace_seconds=60)
    gone, there = table.submit(spec()), table.submit(spec())
    clock.run(61, lambda: table.poll(there))
    assert table.poll(gone).state is JobState.CANCELLED
    assert taken(table) == there


def test_a_server_that_stood_still_gives_no_job_up_before_its_page_could_ask_again() -> None:
    clock = Clock()
    table = queue(clock, grace_seconds=60)
    gone, there = table.submit(spec()), table.submit(spec())
    clock.run(29, table.statistics)
    clock.now += 3600
    table.statistics()
    assert table.poll(there).state is JobState.QUEUED
    clock.run(2, table.statistics)
    assert table.poll(gone).state is JobState.CANCELLED
    clock.run(58, table.statistics)
    assert table.poll(there).state is JobState.QUEUED


# Lost workers


def test_a_job_whose_worker_died_goes_on_first_and_from_its_checkpoint() -> None:
    table = queue()
    first, second = table.submit(spec()), table.submit(spec())
    taken(table)
    table.keep("a", first, checkpoint(4))
    order = table.take("a", timeout=0)  # what a worker says that was started anew
    assert order is not None
    assert order.id == first
    assert (order.checkpoint.step, order.checkpoint.left, order.checkpoint.picture[0, 0, 0]) == (4, 6, 4)
    assert table.poll(second).state is JobState.QUEUED
    assert table.statistics().recovered == 1


def test_a_silent_worker_loses_its_job_to_another_and_is_no_longer_listened_to() -> None:
    clock = Clock()
    table = queue(clock)
    job = table.submit(spec())
    taken(table, "a")
    clock.now += 20
    table.heartbeat("a")
    clock.now += 20
    table.lose_silent(30)
    assert table.poll(job).state is JobState.RUNNING
    clock.now += 20
    table.lose_silent(30)
    assert table.poll(job).state is JobState.QUEUED
    assert taken(table, "b") == job
    assert table.note("a", job, progress(9), "", b"preview")  # the answer: stop
    table.finish("a", job, Outcome(b"late", b"late"))
    assert table.poll(job).state is JobState.RUNNING
    assert table.poll(job).preview_jpeg is None
    table.finish("b", job, DONE)
    assert table.poll(job).result_png == b"png"


def test_a_job_that_takes_every_worker_with_it_fails_after_a_few() -> None:
    table = queue()
    job = table.submit(spec())
    for _ in range(MAX_STARTS):
        assert taken(table) == job
    assert table.take("a", timeout=0) is None
    snapshot = table.poll(job)
    assert snapshot.state is JobState.FAILED
    assert "try a smaller size" in snapshot.error


def test_checkpoints_show_that_it_is_not_the_job_s_fault() -> None:
    table = queue()
    job = table.submit(spec())
    for step in range(1, MAX_STARTS + 4):
        assert taken(table) == job
        table.keep("a", job, checkpoint(min(step, 9)))
    assert table.poll(job).state is JobState.RUNNING


def test_a_job_that_was_being_cancelled_when_its_worker_died_is_cancelled() -> None:
    table = queue()
    job = table.submit(spec())
    taken(table)
    table.cancel(job)
    assert table.take("a", timeout=0) is None
    assert table.poll(job).state is JobState.CANCELLED


def test_numbers_for_the_operator() -> None:
    clock = Clock()
    table = queue(clock)
    first = table.submit(spec())
    table.submit(spec())
    taken(table)
    clock.now += 5
    numbers = table.statistics()
    assert (numbers.jobs[JobState.RUNNING], numbers.jobs[JobState.QUEUED], numbers.workers) == (1, 1, 1)
    assert (numbers.oldest_wait, numbers.silent) == (5.0, 5.0)
    table.finish("a", first, DONE)
    assert table.statistics().busy_seconds == 5.0
    assert not numbers.loading
    assert JobQueue().statistics().loading


def test_a_job_of_too_much_work_is_refused_whatever_makes_it_dear() -> None:
    table = queue(max_work=0.1)
    table.submit(spec(), "ann")
    with pytest.raises(LimitError, match=r"^work: expected at most 0\.1 evaluations of a megapixel"):
        table.submit(spec(side=400, size=400), "bob")
    assert table.statistics().refused == 1


@pytest.mark.parametrize(("here", "told"), [(True, 1000), (True, 0), (False, 1000)])
def test_a_job_that_cannot_fit_into_the_memory_is_refused_before_it_waits(
    here: bool, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_has_gpu", lambda: False)
    monkeypatch.setattr(machine, "free_memory", lambda: 10**9)
    monkeypatch.setattr(machine, "own_memory", lambda: 250 * 10**6)  # of both 1 GB may be taken
    table = JobQueue(run=RunOptions(memory=told), here=here)
    table.submit(spec(side=16, size=64), "ann")
    with pytest.raises(
        LimitError, match=r"^memory: expected at most 1\.0 GB on this server, got \d\.\d GB; lower size "
    ):
        table.submit(spec(side=600, size=600), "bob")
    assert table.statistics().refused == 1


def test_memory_that_nobody_knows_of_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_memory", lambda: 0)
    JobQueue(run=RunOptions(), here=False).submit(spec(side=400, size=400))


# A checkpoint's picture is the result, whatever ends the job


def salvaged(table: JobQueue, job: str, session: str | None = None) -> JobSnapshot:
    now = table.poll(job, session)
    assert (read_picture(now.result_png).pixels == 4).all()
    assert read_picture(now.result_jpeg).pixels.shape == (64, 64, 3)
    assert Recipe.from_json(read_recipe_text(now.result_png)).evaluations == 4
    return now


def interrupted(table: JobQueue) -> str:
    job = table.submit(spec())
    taken(table)
    table.keep("a", job, checkpoint(4))
    return job


def test_a_worker_that_dies_after_cancel_leaves_the_checkpoint_as_the_result() -> None:
    table = queue()
    job = interrupted(table)
    table.cancel(job)
    table.lose("a")
    assert salvaged(table, job).state is JobState.CANCELLED


def test_a_job_that_waits_for_another_worker_is_cancelled_with_its_checkpoint() -> None:
    table = queue()
    job = interrupted(table)
    table.lose("a")
    table.cancel(job)
    assert salvaged(table, job).state is JobState.CANCELLED


def test_a_job_that_is_given_up_keeps_its_checkpoint() -> None:
    table = queue()
    job = interrupted(table)
    for _ in range(MAX_STARTS):
        table.take("a", timeout=0)
    assert "try a smaller size" in salvaged(table, job).error


def test_a_page_that_comes_back_late_finds_the_checkpoint() -> None:
    clock = Clock()
    table = queue(clock, grace_seconds=60)
    job = interrupted(table)
    table.lose("a")
    clock.run(61, table.statistics)
    assert salvaged(table, job).state is JobState.CANCELLED


def test_a_run_that_goes_on_and_comes_to_nothing_keeps_its_checkpoint() -> None:
    table = queue()
    job = interrupted(table)
    taken(table)
    table.finish("a", job, Outcome(error="No."))
    assert salvaged(table, job).error == "No."


# Whose it is


def test_who_has_the_address_sees_the_picture_and_changes_nothing() -> None:
    table = queue()
    job = table.submit(spec(), "ann")
    for stranger in (None, "bob", job):
        table.cancel(job, stranger)
        table.remove(job, stranger)
        assert table.poll(job, stranger).own is False
    assert table.poll(job, "ann").own is True
    assert table.poll(job, "ann").state is JobState.QUEUED
    table.remove(job, "ann")  # first it has to end
    assert table.known([job, "nothing"]) == {job}
    table.cancel(job, "ann")
    assert table.poll(job, "bob").state is JobState.CANCELLED
    table.remove(job, "bob")
    assert table.known([job]) == {job}
    table.remove(job, "ann")
    assert table.known([job]) == set()


def test_a_stranger_s_look_neither_keeps_a_job_nor_ends_it() -> None:
    clock = Clock()
    table = queue(clock, grace_seconds=60)
    job = table.submit(spec(), "ann")
    for _ in range(5):
        clock.now += 11
        assert table.poll(job, "bob").state is JobState.QUEUED
    table.poll(job, "ann")
    clock.run(60, lambda: table.poll(job, "bob"))
    assert table.poll(job, "bob").state is JobState.QUEUED
    clock.run(1, table.statistics)
    assert table.poll(job, "bob").state is JobState.CANCELLED


# Shares


def test_nobody_pushes_out_the_pictures_of_others() -> None:
    table = queue(kept_results=6)
    theirs = [(table.submit(spec(), name), name) for name in ("bob", "cid", "dan")]
    for _ in theirs:
        table.finish("a", taken(table), DONE)
    ours = []
    for _ in range(8):
        ours.append(table.submit(spec(), "ann"))
        table.finish("a", taken(table), DONE)
    assert table.known([job for job, _ in theirs]) == {job for job, _ in theirs}
    assert table.known(ours) == set(ours[-3:])


def test_large_pictures_push_out_their_own_visitor_s_first() -> None:
    table = queue(kept_megabytes=10)
    small = [table.submit(spec(side=100), name) for name in ("bob", "cid")]
    for _ in small:
        table.finish("a", taken(table), DONE)
    large = []
    for _ in range(4):
        large.append(table.submit(spec(side=900, size=900), "ann"))  # twice 2.4 MB
        table.finish("a", taken(table), DONE)
    assert table.known(small) == set(small)
    assert table.known(large) == set(large[-2:])
