"""Places are shared: whoever asks for many gets one at a time."""

import threading
import time

from nst.server.slots import Asker, Slots
from tests.support.waiting import until

SECONDS = 20.0  # a generous bound on waiting for a thread


class Holder:
    """A visitor's thread that holds a place until it is told to leave."""

    def __init__(self, slots: Slots, visitor: str, network: str = "") -> None:
        self.holds, self._leave = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, args=(slots, Asker(visitor, network)), daemon=True)
        self._thread.start()

    def _hold(self, slots: Slots, asker: Asker) -> None:
        with slots.one(asker, SECONDS) as free:
            if free:
                self.holds.set()
            self._leave.wait(SECONDS)

    def leave(self) -> None:
        self._leave.set()
        self._thread.join(SECONDS)


def test_one_visitor_never_has_two_places() -> None:
    slots = Slots(2)
    first, second = Holder(slots, "greedy"), Holder(slots, "greedy")
    with slots.one(Asker("other"), SECONDS) as free:
        assert free, "the second place is for others"
    assert first.holds.wait(SECONDS) or second.holds.wait(SECONDS)
    assert first.holds.is_set() != second.holds.is_set()
    for holder in sorted((first, second), key=lambda each: not each.holds.is_set()):
        assert holder.holds.wait(SECONDS)
        holder.leave()


def test_without_names_all_are_different_visitors() -> None:
    slots = Slots(2)
    with slots.one(Asker(), SECONDS) as one, slots.one(Asker(), SECONDS) as two, slots.one(Asker(), 0.01) as three:
        assert (one, two, three) == (True, True, False)


def test_a_place_that_was_given_up_waiting_for_is_not_lost() -> None:
    slots = Slots(1)
    with slots.one(Asker("one"), SECONDS), slots.one(Asker("two"), 0.01) as free:
        assert not free
    with slots.one(Asker("two"), SECONDS) as free:
        assert free


def test_many_visitors_of_one_network_keep_nobody_else_waiting() -> None:
    slots = Slots(1)
    first = Holder(slots, "1", "theirs")
    assert first.holds.wait(SECONDS)
    theirs = [Holder(slots, f"{number}", "theirs") for number in range(2, 6)]
    until(lambda: len(slots._waiting) == 4, SECONDS)
    mine = [Holder(slots, f"my {number}", "mine") for number in range(2)]
    until(lambda: len(slots._waiting) == 6, SECONDS)
    order: list[str] = []
    first.leave()
    waiting = {"theirs": theirs, "mine": mine}
    while sum(map(len, waiting.values())):
        until(lambda: any(each.holds.is_set() for each in (*theirs, *mine)), SECONDS)
        network, holder = next((name, each) for name in waiting for each in waiting[name] if each.holds.is_set())
        order.append(network)
        waiting[network].remove(holder)
        holder.leave()
    assert order == ["mine", "theirs", "mine", "theirs", "theirs", "theirs"]
    assert (slots._turns, slots._held) == ({}, {})


def test_who_waits_waits_on_as_long_as_the_line_moves() -> None:
    slots = Slots(1)
    others = [Holder(slots, f"{number}") for number in range(5)]
    until(lambda: len(slots._waiting) == 4, SECONDS)
    asked = threading.Thread(target=lambda: found.append(_has_place(slots, 2.0)), daemon=True)
    found: list[bool] = []
    asked.start()
    until(lambda: len(slots._waiting) == 5, SECONDS)
    for holder in others:
        assert holder.holds.wait(SECONDS)
        time.sleep(0.7)  # 3.5 seconds in all
        holder.leave()
    asked.join(SECONDS)
    assert found == [True]


def _has_place(slots: Slots, seconds: float) -> bool:
    with slots.one(Asker("patient"), seconds) as free:
        return free


def test_a_line_that_is_full_says_so_at_once() -> None:
    slots = Slots(1, line=1)
    one, two = Holder(slots, "one"), Holder(slots, "two")
    until(lambda: len(slots._waiting) == 1, SECONDS)
    with slots.one(Asker("three"), SECONDS) as free:
        assert not free
    for holder in (one, two):
        holder.leave()
