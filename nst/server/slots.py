"""A few places for many visitors, of whom none has two: one with many files never keeps the others waiting."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Slots:
    """Places that are taken in the order of asking, but by each visitor one at a time; safe to use from any thread.

    Args:
        count: Of the places.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._changed = threading.Condition()
        self._waiting: list[tuple[object, str]] = []
        self._served: set[str] = set()

    @contextmanager
    def one(self, visitor: str, seconds: float) -> Iterator[bool]:
        """Wait for a place and hold it; yields False, and holds none, if there was none in so many seconds.

        Args:
            visitor: Who asks; all that ask as "" count as different visitors.
            seconds: The longest to wait.
        """
        ticket = object()
        taken = self._take(ticket, visitor, time.monotonic() + seconds)
        try:
            yield taken
        finally:
            if taken:
                self._give_back(visitor)

    def _take(self, ticket: object, visitor: str, deadline: float) -> bool:
        with self._changed:
            self._waiting.append((ticket, visitor))
            taken = self._changed.wait_for(lambda: self._is_next(ticket), deadline - time.monotonic())
            self._waiting.remove((ticket, visitor))
            if taken:
                self._free -= 1
                self._served |= {visitor} - {""}
            self._changed.notify_all()
            return taken

    def _is_next(self, ticket: object) -> bool:
        able = (other for other, visitor in self._waiting if visitor not in self._served)
        return self._free > 0 and next(able, None) is ticket

    def _give_back(self, visitor: str) -> None:
        with self._changed:
            self._free += 1
            self._served.discard(visitor)
            self._changed.notify_all()
