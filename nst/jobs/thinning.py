"""A bounded record of something that goes on for an unknown time."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass
class Thinned(Generic[Item]):
    """Evenly spaced items of a sequence of unknown length, at most `limit` of them.

    When it is full every second item is dropped, and from then on only half as many of those that come are kept.
    """

    limit: int
    items: list[Item] = field(default_factory=list)
    _every: int = 1
    _seen: int = 0

    def add(self, item: Item) -> None:
        """Take the next item of the sequence."""
        if self._seen % self._every == 0:
            if len(self.items) == self.limit:
                self.items = self.items[::2]
                self._every *= 2
            if self._seen % self._every == 0:
                self.items.append(item)
        self._seen += 1
