"""A hundred tabs of one computer are no crowd: what the visitors of one network share."""

from typing import Any

from nst.errors import LimitError
from nst.jobs import JobState
from nst.jobs.limits import PROFILES, Limits
from nst.jobs.queue import JobQueue
from tests.support.queued import DONE, FOREVER, Clock, spec, taken


def queue(**limits: Any) -> JobQueue:
    table = JobQueue(Limits(**{"grace_seconds": FOREVER, **limits}), clock=Clock())
    table.join("a")
    return table


def flood(table: JobQueue, most: int, side: int = 64) -> tuple[list[str], str]:
    """Submit as one computer with a new visitor for each job; return the jobs, and with what the next was refused."""
    jobs: list[str] = []
    try:
        while len(jobs) < most:
            jobs.append(table.submit(spec(side=side, size=side), f"tab {len(jobs)}", network="attic"))
    except LimitError as error:
        return jobs, str(error)
    return jobs, ""


def test_sixty_tabs_leave_room_for_others_and_do_not_keep_them_waiting() -> None:
    table = queue(queue_jobs=60, network_share=0.5)
    theirs, refusal = flood(table, 60)
    assert len(theirs) == 30
    assert refusal.startswith("Your network's part of the queue is full: 30 pictures")
    assert taken(table) == theirs[0]
    guest = table.submit(spec(), "ann", network="cellar")
    assert table.poll(guest, "ann").position == 1
    table.finish("a", theirs[0], DONE)
    assert taken(table) == guest


def test_large_pictures_of_one_network_fill_only_its_part() -> None:
    table = queue(queue_megabytes=20, network_share=0.5)
    theirs, refusal = flood(table, 5, side=1000)  # twice 3 MB each
    assert len(theirs) == 1
    assert refusal.startswith("Your network's part of the queue is full")
    table.submit(spec(side=1000, size=1000), "ann", network="cellar")


def test_a_hundred_new_visitors_of_one_network_push_out_only_each_other_s_pictures() -> None:
    table = queue(kept_results=40)
    kept = [table.submit(spec(), f"guest {number}", network=f"house {number % 10}") for number in range(30)]
    for _ in kept:
        table.finish("a", taken(table), DONE)
    for number in range(100):
        table.submit(spec(), f"tab {number}", network="attic")
        table.finish("a", taken(table), DONE)
    assert table.known(kept) == set(kept)


def test_on_one_network_the_visitor_who_holds_most_goes_first() -> None:
    table = queue(kept_results=4)
    modest = table.submit(spec(), "bob", network="school")
    table.finish("a", taken(table), DONE)
    for _ in range(6):
        table.submit(spec(), "ann", network="school")
        table.finish("a", taken(table), DONE)
    assert table.known([modest]) == {modest}


def test_a_visitor_who_changes_the_network_has_still_one_job() -> None:
    table = queue()
    first = table.submit(spec(), "ann", network="home")
    second = table.submit(spec(), "ann", network="train", replace=True)
    assert table.poll(first, "ann").state is JobState.CANCELLED
    assert table.poll(second, "ann").state is JobState.QUEUED


def test_who_comes_from_nowhere_shares_with_nobody() -> None:
    table = queue(queue_jobs=4, network_share=0.5)
    for name in ("ann", "bob", "cid", "dan"):
        table.submit(spec(), name)


def test_a_public_server_gives_one_network_half() -> None:
    assert PROFILES["public"].network_share == 0.5
    assert PROFILES["own"].network_share == 1
