"""Files that are made when a visitor asks for them, such as a time-lapse: one after the other, and behind the page.

Some take seconds of a processor. A browser may ask for as many as it likes, so each network has few in line, and what
was made lately, which is kept until the browser has fetched it, is bounded in bytes.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from nst.errors import LimitError
from nst.jobs.local import stand_back


class Maker:
    """Makes files, one at a time, in a thread that stands back as the painting does; safe to use from any thread.

    Args:
        in_line: Files of one network that may be made or wait at a time; others of it are refused.
        megabytes: Of the files that were made within `seconds`; when there are as many no other is made.
        seconds: For which a file is kept.
        clock: Seconds from any start; replaced in tests.
    """

    def __init__(
        self,
        in_line: int = 3,
        megabytes: float = 500,
        seconds: float = 30,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._in_line, self._most, self._seconds, self._clock = in_line, megabytes * 1e6, seconds, clock
        self._asked: Counter[str] = Counter()
        self._made: deque[tuple[float, int]] = deque()  # when, and bytes
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "nst-maker", initializer=stand_back)

    def make(self, network: str, file: Callable[[], bytes]) -> bytes:
        """Return what `file` returns, or raise what it raises, when it is its turn.

        Args:
            network: Where the visitor comes from; those of whom it is not known, "", are not counted.
            file: Makes it, in another thread.

        Raises:
            LimitError: if too much is in line, or was made, already.
        """
        with self._lock:
            if network and self._asked[network] >= self._in_line:
                raise LimitError(
                    f"file: expected at most {self._in_line} at a time, got one more; wait for the others."
                )
            self._asked[network] += 1
        try:
            return self._thread.submit(self._bounded, file).result()
        finally:
            with self._lock:
                self._asked[network] -= 1
                self._asked = +self._asked  # without those that have none

    def _bounded(self, file: Callable[[], bytes]) -> bytes:
        """Make a file if there is room for it; in the one thread, so that nothing is made beside it."""
        while self._made and self._made[0][0] < self._clock() - self._seconds:
            self._made.popleft()
        if sum(size for _, size in self._made) >= self._most:
            raise LimitError("file: expected some memory for it, got none at the moment; try again in a minute.")
        data = file()
        self._made.append((self._clock(), len(data)))
        return data
