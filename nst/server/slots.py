"""A few places for many visitors, of whom none has two: one with many files never keeps the others waiting.

Nor do many visitors of one network, who may be one: networks take turns.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Asker:
    """Who asks for a place.

    Attributes:
        visitor: Has one place at a time; all that ask as "" count as different visitors.
        network: A name of where the visitor comes from; each that asks from "" counts as one by itself.
    """

    visitor: str = ""
    network: str = ""


@dataclass(frozen=True, eq=False)
class _Ticket:
    """One that waits for a place, or has one."""

    asker: Asker

    @property
    def network(self) -> object:
        return self.asker.network or self


class Slots:
    """Places for which networks take turns, and each of their visitors has one at a time; safe to use from any thread.

    Args:
        count: Of the places.
        line: Most that may wait.
    """

    def __init__(self, count: int, line: int = 200) -> None:
        self._free, self._line = count, line
        self._changed = threading.Condition()
        self._waiting: list[_Ticket] = []
        self._served: set[str] = set()
        self._held: Counter[object] = Counter()  # places, by network
        self._turns: dict[object, float] = {}  # when each network had its last one, as long as it waits or has a place
        self._turn = 0
        self._moved = time.monotonic()  # when a place was taken last

    @contextmanager
    def one(self, asker: Asker, seconds: float) -> Iterator[bool]:
        """Wait for a place and hold it; yields False, and holds none, if the line is full or does not move.

        Args:
            asker: Who asks.
            seconds: The longest to wait while nobody gets a place.
        """
        ticket = _Ticket(asker)
        taken = self._take(ticket, seconds)
        try:
            yield taken
        finally:
            if taken:
                self._give_back(ticket)

    def _take(self, ticket: _Ticket, seconds: float) -> bool:
        with self._changed:
            if len(self._waiting) >= self._line:
                return False
            asked = time.monotonic()
            self._waiting.append(ticket)
            # Behind those who had their turn earlier, before whoever has had it just now.
            self._turns.setdefault(ticket.network, self._turn - 0.5)
            while not (taken := self._is_next(ticket)):
                left = max(asked, self._moved) + seconds - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            self._waiting.remove(ticket)
            if taken:
                self._note(ticket)
            self._forget(ticket)
            self._changed.notify_all()
            return taken

    def _note(self, ticket: _Ticket) -> None:
        """Note that a ticket has a place."""
        self._free -= 1
        self._moved = time.monotonic()
        self._served |= {ticket.asker.visitor} - {""}
        self._held[ticket.network] += 1
        self._turn += 1
        self._turns[ticket.network] = self._turn

    def _is_next(self, ticket: _Ticket) -> bool:
        """Tell whether it is a ticket's turn: its network has fewest places, then had its turn longest ago."""
        able = [other for other in self._waiting if other.asker.visitor not in self._served]
        order = [(self._held[other.network], self._turns[other.network]) for other in able]
        # Among equals the first that came.
        return self._free > 0 and bool(able) and able[order.index(min(order))] is ticket

    def _give_back(self, ticket: _Ticket) -> None:
        with self._changed:
            self._free += 1
            self._served.discard(ticket.asker.visitor)
            self._held[ticket.network] -= 1
            self._forget(ticket)
            self._changed.notify_all()

    def _forget(self, ticket: _Ticket) -> None:
        """Forget the turns of a network that neither waits nor has a place."""
        if self._held[ticket.network] == 0 and all(other.network != ticket.network for other in self._waiting):
            del self._held[ticket.network]
            del self._turns[ticket.network]
