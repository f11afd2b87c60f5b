"""The log of a host: lines of JSON, and no flood of one and the same error."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from nst.server.logs import JsonLines, Repeats, log_as_json


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger, and where its lines go."""
    lines, logger = io.StringIO(), logging.getLogger("tests.server.logs")
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonLines())
    handler.addFilter(Repeats(seconds=0.2))
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, lines
    logger.removeHandler(handler)


def written(lines: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def fail(logger: logging.Logger, error: Exception) -> None:
    try:
        raise error
    except Exception as caught:
        logger.error("Uncaught app execution", exc_info=caught)


def test_an_error_is_one_line_with_its_traceback(log: tuple[logging.Logger, io.StringIO]) -> None:
    fail(log[0], ValueError("cannot convert\nfloat NaN"))
    (entry,) = written(log[1])
    assert entry["level"] == "error"
    assert entry["error"].endswith("ValueError: cannot convert\nfloat NaN")


def test_the_same_error_is_told_once_and_then_how_often_it_came(
    log: tuple[logging.Logger, io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("nst.server.logs.time.monotonic", lambda: now)
    for _ in range(600):
        fail(log[0], ValueError("cannot convert float NaN"))
    assert len(written(log[1])) == 1
    now += 1
    fail(log[0], ValueError("cannot convert float infinity"))
    assert written(log[1])[-1]["message"] == "Uncaught app execution (599 more of the same since the last one)"


def test_other_errors_and_what_is_no_error_are_told(log: tuple[logging.Logger, io.StringIO]) -> None:
    fail(log[0], ValueError())
    fail(log[0], KeyError())
    for _ in range(3):
        log[0].warning("Job is lost.")
    assert [entry["level"] for entry in written(log[1])] == ["error", "error", *["warning"] * 3]


def test_each_incident_whose_number_a_visitor_was_told_is_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, ours = io.StringIO(), logging.getLogger("nst")
    before = ours.handlers, ours.propagate, ours.level
    monkeypatch.setattr("sys.stderr", lines)
    try:
        log_as_json()
        for _ in range(2):
            fail(logging.getLogger("nst.jobs.painter"), ValueError("the same"))
    finally:
        ours.handlers, ours.propagate = before[:2]
        ours.setLevel(before[2])
    assert len(written(lines)) == 2
