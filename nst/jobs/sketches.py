"""Sketches that pages wish for: a photo in the manner of every painting, in small, painted while no job waits or runs.

A page tells again and again what it wishes for, in the order in which it wants it, and gets what is there. Wishes of a
page that no longer asks are dropped. What is painted is kept by what it was painted from, so that it serves whoever
asks for the same, and no more of it than `KEPT_BYTES`. Visitors take turns, and each network has a share an hour.
"""

import hashlib
import json
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nst.config import StyleTransferConfig
from nst.pictures.codec import Pixels
from nst.recipes.recipe import Source

#: Long side to which photos and paintings are reduced before a sketch, which is about half as large.
SOURCE_SIDE = 256
#: Seconds after which the wishes of a page that has not asked again are dropped.
PATIENCE = 6.0
#: Sketches that are kept, in bytes: those of more than thirty photos in all paintings of the gallery.
KEPT_BYTES = 64_000_000
#: What could not be painted is not tried again; so many of these are remembered.
_MOST_FAILED = 1000
#: Seconds over which a visitor's sketches are counted.
_HOUR = 3600.0


@dataclass(frozen=True)
class Wish:
    """One sketch that a page wants.

    Attributes:
        key: Names what it is painted from, see `sketch_key`.
        photo, painting: Return the pictures, uint8 RGB (height, width, 3), in any thread.
        config: The settings.
    """

    key: str
    photo: Callable[[], Pixels]
    painting: Callable[[], Pixels]
    config: StyleTransferConfig


@dataclass(frozen=True)
class Sketched:
    """A sketch that was painted.

    Attributes:
        picture: uint8 RGB (height, width, 3).
        style_weight: beta that it was painted with.
        jpeg: The picture for a page.
    """

    picture: Pixels
    style_weight: float
    jpeg: bytes

    def size(self) -> int:
        """Return how many bytes it takes."""
        return self.picture.nbytes + len(self.jpeg)


@dataclass(frozen=True)
class SketchNews:
    """What a page gets for its wishes.

    Attributes:
        done: Those that are there, by their keys.
        left: How many are still to be painted.
        is_spent: Whether they wait because the visitor has had a share of this hour.
    """

    done: Mapping[str, Sketched]
    left: int
    is_spent: bool = False


#: Of a queue that paints none.
NO_SKETCHES = SketchNews({}, 0)


@lru_cache(maxsize=256)  # a page asks for every painting whenever it is drawn, mostly with the same settings
def sketch_settings(config: StyleTransferConfig) -> StyleTransferConfig:
    """Return the settings that a sketch is painted with: those of the picture, but for what it does not depend on."""
    changes = {"size": SOURCE_SIDE, "steps": StyleTransferConfig().steps, "sketch_weight": 0.0, "upscale": False}
    if config.finds_strength:
        changes |= {"style_weight": StyleTransferConfig().style_weight, "photo_kept": config.photo_kept}
    # A sketch has no last pass, but the method says which network the passes before it take.
    return config.with_changes(**changes, style_blend_weights=(), style_blocks=())


def sketch_key(photo: Source, painting: Source, config: StyleTransferConfig) -> str:
    """Return the name of a sketch: of two pictures by their files' checksums, and of `sketch_settings`."""
    parts = [photo.sha256, painting.sha256, json.dumps(config.to_dict())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass
class _Page:
    """What one visitor's page wishes for, in its order."""

    payer: str
    wishes: tuple[Wish, ...]
    seen: float
    served: int = 0


class Sketches:
    """The wishes of all pages, and what was painted; touched only under the queue's lock.

    Args:
        hourly: Sketches that are painted for one visitor, or the visitors of one network, in an hour.
    """

    def __init__(self, hourly: int) -> None:
        self._hourly = hourly
        self._pages: dict[str, _Page] = {}
        self._done: OrderedDict[str, Sketched] = OrderedDict()
        self._bytes = 0
        self._failed: OrderedDict[str, None] = OrderedDict()
        self._painted: dict[str, deque[float]] = {}  # when, by who had them
        self._turns = 0

    def ask(self, session: str, network: str, wishes: Sequence[Wish], now: float) -> SketchNews:
        """Take what a page wishes for in place of what it wished for before, and return what is there of it."""
        page = self._pages.get(session)
        served = 0 if page is None else page.served
        done = {wish.key: self._done[wish.key] for wish in wishes if wish.key in self._done}
        for key in done:
            self._done.move_to_end(key)
        open_wishes = tuple(wish for wish in wishes if self._is_open(wish))
        payer = network or session
        self._pages.pop(session, None)
        if open_wishes and self._hourly:
            self._pages[session] = _Page(payer, open_wishes, now, served)
        self._forget(now)
        return SketchNews(done, len(open_wishes) if self._hourly else 0, bool(open_wishes) and self._is_spent(payer))

    def find(self, key: str) -> Sketched | None:
        """Return a sketch that was painted, if it is still kept."""
        return self._done.get(key)

    def next(self, now: float) -> Wish | None:
        """Return what is to be painted next: the first wish of the page that was served longest ago."""
        self._forget(now)
        pages = [page for page in self._pages.values() if not self._is_spent(page.payer)]
        for page in sorted(pages, key=lambda each: each.served):
            wish = next(filter(self._is_open, page.wishes), None)
            if wish is not None:
                return wish
        return None

    def is_wished(self, key: str, now: float) -> bool:
        """Return whether a page still wishes for a sketch."""
        self._forget(now)
        return any(wish.key == key for page in self._pages.values() for wish in page.wishes)

    def put(self, key: str, sketched: Sketched | None, now: float) -> None:
        """Take a sketch that was painted, or None for one that cannot be."""
        for page in self._pages.values():
            if any(wish.key == key for wish in page.wishes):
                self._turns += 1
                page.served = self._turns
                self._painted.setdefault(page.payer, deque()).append(now)
                break
        if sketched is None:
            self._failed[key] = None
            while len(self._failed) > _MOST_FAILED:
                self._failed.popitem(last=False)
            return
        if key not in self._done:
            self._done[key] = sketched
            self._bytes += sketched.size()
        while self._bytes > KEPT_BYTES and len(self._done) > 1:
            self._bytes -= self._done.popitem(last=False)[1].size()

    def _is_open(self, wish: Wish) -> bool:
        return wish.key not in self._done and wish.key not in self._failed

    def _is_spent(self, payer: str) -> bool:
        return len(self._painted.get(payer, ())) >= self._hourly

    def _forget(self, now: float) -> None:
        """Drop the wishes of pages that are gone, and what was painted more than an hour ago from the counts."""
        self._pages = {session: page for session, page in self._pages.items() if page.seen >= now - PATIENCE}
        for times in self._painted.values():
            while times and times[0] < now - _HOUR:
                times.popleft()
        self._painted = {payer: times for payer, times in self._painted.items() if times}
