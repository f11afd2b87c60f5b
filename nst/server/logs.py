"""The log as lines of JSON, for programs that collect logs.

Nothing of a picture is ever in it, nor who came for one: neither addresses of visitors, nor paths by which pictures are
reached.
"""

import json
import logging
import math
import sys
import threading
import time
import traceback
from collections import deque

#: What callers may add with ``extra=``; a job is named by a checksum of its id, which would open its pictures.
_EXTRA = ("job", "event", "seconds")


class JsonLines(logging.Formatter):
    """One JSON object a record: time, level, logger, message, and what there is of `_EXTRA` and of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update({name: getattr(record, name) for name in _EXTRA if hasattr(record, name)})
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


class Repeats(logging.Filter):
    """Lets an error through again only after a while: a visitor can cause one as often as messages can be sent.

    Errors are the same if they are of one kind and come from one line. The next that is let through says how many were
    left out.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        super().__init__()
        self._seconds, self._lock = seconds, threading.Lock()
        self._known: dict[tuple[str, str, int], tuple[float, int]] = {}  # when it was let through; left out since

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log a record."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        last = deque(traceback.walk_tb(error.__traceback__), maxlen=1)
        place = (last[0][0].f_code.co_filename, last[0][1]) if last else ("", 0)
        key, now = (type(error).__name__, *place), time.monotonic()
        with self._lock:
            since, left_out = self._known.get(key, (-math.inf, 0))
            if now - since < self._seconds:
                self._known[key] = (since, left_out + 1)
                return False
            self._known[key] = (now, 0)
        if left_out:
            record.msg = f"{record.msg} ({left_out} more of the same since the last one)"
        return True


def log_as_json() -> None:
    """Send this project's log to stderr as lines of JSON, and what Streamlit says there likewise, but for requests."""
    ours, streamlits = (logging.StreamHandler(sys.stderr) for _ in range(2))
    for handler in (ours, streamlits):
        handler.setFormatter(JsonLines())
    streamlits.addFilter(Repeats())  # not ours: each incident that a visitor was told the number of is to be found
    # Streamlit gives each of its loggers a handler of its own; that of requests has lost it again.
    for other in list(logging.root.manager.loggerDict.values()):
        if isinstance(other, logging.Logger) and hasattr(other, "streamlit_console_handler") and other.handlers:
            other.handlers = [streamlits]
    for requests in ("uvicorn.access", "uvicorn.error"):  # the latter tells of connections too
        logging.getLogger(requests).setLevel(logging.WARNING)
    logger = logging.getLogger("nst")
    logger.handlers, logger.propagate = [ours], False
    logger.setLevel(logging.INFO)
