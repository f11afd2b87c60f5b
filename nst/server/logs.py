"""The log as lines of JSON, for programs that collect logs. Nothing of a picture is ever in it."""

import json
import logging
import sys
import time

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


def log_as_json() -> None:
    """Send this project's log to stderr as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("nst")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
