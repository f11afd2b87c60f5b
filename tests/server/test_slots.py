"""Places are shared: whoever asks for many gets one at a time."""

import threading

from nst.server.slots import Slots

SECONDS = 20.0  # a generous bound on waiting for a thread


class Holder:
    """A visitor's thread that holds a place until it is told to leave."""

    def __init__(self, slots: Slots, visitor: str) -> None:
        self.holds, self._leave = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, args=(slots, visitor), daemon=True)
        self._thread.start()

    def _hold(self, slots: Slots, visitor: str) -> None:
        with slots.one(visitor, SECONDS) as free:
            if free:
                self.holds.set()
            self._leave.wait(SECONDS)

    def leave(self) -> None:
        self._leave.set()
        self._thread.join(SECONDS)


def test_one_visitor_never_has_two_places() -> None:
    slots = Slots(2)
    first, second = Holder(slots, "greedy"), Holder(slots, "greedy")
    with slots.one("other", SECONDS) as free:
        assert free, "the second place is for others"
    assert first.holds.wait(SECONDS) or second.holds.wait(SECONDS)
    assert first.holds.is_set() != second.holds.is_set()
    for holder in sorted((first, second), key=lambda each: not each.holds.is_set()):
        assert holder.holds.wait(SECONDS)
        holder.leave()


def test_without_names_all_are_different_visitors() -> None:
    slots = Slots(2)
    with slots.one("", SECONDS) as one, slots.one("", SECONDS) as two, slots.one("", 0.01) as three:
        assert (one, two, three) == (True, True, False)


def test_a_place_that_was_given_up_waiting_for_is_not_lost() -> None:
    slots = Slots(1)
    with slots.one("one", SECONDS), slots.one("two", 0.01) as free:
        assert not free
    with slots.one("two", SECONDS) as free:
        assert free
