"""Files that are made when a visitor asks for them: none keeps the others waiting for long, nor takes the memory."""

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from nst.errors import LimitError
from nst.jobs.local import NICE
from nst.server.maker import Maker
from tests.support.waiting import until


@pytest.fixture
def visitors() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def test_one_is_made_at_a_time_and_of_one_network_few_wait(visitors: ThreadPoolExecutor) -> None:
    maker, free, begun = Maker(in_line=2), threading.Event(), list[str]()

    def file(name: str) -> bytes:
        begun.append(name)
        assert free.wait(60)
        return name.encode()

    theirs = [visitors.submit(maker.make, "theirs", partial(file, name)) for name in ("a", "b")]
    until(lambda: maker._asked["theirs"] == 2, 60)
    with pytest.raises(LimitError, match="at most 2 at a time"):
        maker.make("theirs", partial(file, "c"))
    other = visitors.submit(maker.make, "ours", partial(file, "ours"))
    until(lambda: maker._asked["ours"] == 1 and len(begun) > 0, 60)
    assert len(begun) == 1
    free.set()
    assert {each.result(60) for each in (*theirs, other)} == {b"a", b"b", b"ours"}
    assert maker.make("theirs", lambda: b"again") == b"again"


def test_what_was_made_lately_is_bounded_in_bytes() -> None:
    now = [0.0]
    maker = Maker(megabytes=0.001, seconds=30, clock=lambda: now[0])
    for _ in range(2):
        assert maker.make("", lambda: bytes(600))
    with pytest.raises(LimitError, match="try again"):
        maker.make("", lambda: pytest.fail("there is no room for it"))
    now[0] = 31
    assert maker.make("", lambda: b"room again") == b"room again"


def test_what_goes_wrong_is_told_and_the_next_one_made() -> None:
    maker = Maker(in_line=1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            maker.make("theirs", lambda: bytes(1 // 0))
    assert maker.make("theirs", lambda: b"next") == b"next"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a nice value for each thread")
def test_the_page_goes_before_it() -> None:
    made = Maker().make("", lambda: str(os.getpriority(os.PRIO_PROCESS, threading.get_native_id())).encode())
    assert int(made) == max(NICE, os.getpriority(os.PRIO_PROCESS, 0))
