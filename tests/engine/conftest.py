"""What the tests of the engine leave to each other: nothing that still runs."""

import threading
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_first_call_is_left() -> Iterator[None]:
    """Wait for the calls that a sketch has left: what they trace would count as the next test's."""
    yield
    for thread in threading.enumerate():
        if thread.name == "nst-first-call":
            thread.join()
