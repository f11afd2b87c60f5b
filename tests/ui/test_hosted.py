"""What a host's own programs are told: by a server whose queue does not answer, and by its log."""

import asyncio
import json
import math
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.serving import Server, serving
from benchmarks.visitor import Visitor
from nst.errors import HostingError
from nst.ui import hosted, resources
from tests.support.first_run import first_run


@pytest.mark.parametrize("endpoint", [hosted.ready, hosted.numbers])
def test_a_queue_that_does_not_answer_is_said_in_a_sentence(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> None:
        raise HostingError("The queue does not answer.")

    monkeypatch.setattr(resources, "runner", lambda: SimpleNamespace(statistics=silent))
    answer = endpoint(None)
    assert (answer.status_code, answer.body) == (503, b"The queue does not answer.\n")


def test_no_run_of_the_page_ends_with_a_search_for_all_garbage() -> None:
    """Once TensorFlow has traced a few odd jobs, one takes 0.16 s in which nobody is answered."""
    with serving("tests/support/collecting_page.py") as server:
        for _ in range(4):
            messages = first_run(server.port)
    shown = [each.delta.new_element.text.body for each in messages if each.delta.new_element.HasField("text")]
    assert shown == ["0 collections"]


def test_an_error_that_a_visitor_can_cause_at_will_is_one_line_of_json() -> None:
    with serving("serve.py", NST_STATE="off") as server:
        asyncio.run(_send_what_is_no_number(server, times=5))
        said = server.said()
    about = [json.loads(line) for line in said.splitlines() if "cannot convert float infinity" in line]
    assert [entry["message"] for entry in about] == ["Uncaught app execution"]
    assert "Traceback" not in "".join(line for line in said.splitlines() if not line.startswith("{"))


async def _send_what_is_no_number(server: Server, times: int) -> None:
    tab = Visitor(server.address)
    for _ in range(times):
        await tab.open()
        await tab.set("steps", math.inf)
    await tab.close()
