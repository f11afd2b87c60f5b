"""What Streamlit's own server lets visitors do and see, with the project's configuration."""

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.serving import Server, serving
from benchmarks.visitor import token
from tests.support.first_run import first_run


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server whose page has a bug."""
    with serving("tests/support/broken_page.py") as server:
        yield server


def status(url: str, data: bytes | None = None, **headers: str) -> int:
    request = urllib.request.Request(url, data, headers, method="GET" if data is None else "PUT")
    try:
        return int(urllib.request.urlopen(request, timeout=60).status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_a_bug_shows_visitors_no_details(server: Server) -> None:
    messages = first_run(server.port)
    received = b"".join(message.SerializeToString() for message in messages)
    assert messages[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
    assert any(message.delta.new_element.HasField("exception") for message in messages)
    for detail in (b"secret", b"RuntimeError", b"Traceback"):
        assert detail not in received, detail


def test_an_upload_without_the_page_s_token_is_refused(server: Server) -> None:
    url = server.address + "/_stcore/upload_file/session/file"
    cookie, secret = token(server.address)
    assert status(url, b"x") == 403
    assert status(url, b"x", Cookie=cookie) == 403
    assert status(url, b"x", Cookie=cookie, **{"X-Xsrftoken": "2|00|00|1"}) == 403
    assert status(url, b"x", Cookie=cookie, **{"X-Xsrftoken": secret}) == 400  # it is none of a session's
