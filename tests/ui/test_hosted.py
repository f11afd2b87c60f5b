"""What a host's own programs are told of a server whose queue does not answer."""

from types import SimpleNamespace
from typing import Any

import pytest

from nst.errors import HostingError
from nst.ui import hosted, resources


@pytest.mark.parametrize("endpoint", [hosted.ready, hosted.numbers])
def test_a_queue_that_does_not_answer_is_said_in_a_sentence(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> None:
        raise HostingError("The queue does not answer.")

    monkeypatch.setattr(resources, "runner", lambda: SimpleNamespace(statistics=silent))
    answer = endpoint(None)
    assert (answer.status_code, answer.body) == (503, b"The queue does not answer.\n")
