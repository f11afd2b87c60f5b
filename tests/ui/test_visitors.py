"""What Streamlit's own server lets visitors do and see, with the project's configuration."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.visitor import token
from tests.support.first_run import first_run

ROOT = Path(__file__).parents[2]
SECONDS = 120.0  # a generous bound; the server starts on a machine that may be busy


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a server whose page has a bug."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "tests/support/broken_page.py", *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    found = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + SECONDS
    while status(found + "/_stcore/health") != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield found
    process.kill()
    process.wait()


def status(url: str, data: bytes | None = None, **headers: str) -> int:
    request = urllib.request.Request(url, data, headers, method="GET" if data is None else "PUT")
    try:
        return int(urllib.request.urlopen(request, timeout=60).status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_a_bug_shows_visitors_no_details(address: str) -> None:
    messages = first_run(int(address.rpartition(":")[2]))
    received = b"".join(message.SerializeToString() for message in messages)
    assert messages[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
    assert any(message.delta.new_element.HasField("exception") for message in messages)
    for detail in (b"secret", b"RuntimeError", b"Traceback"):
        assert detail not in received, detail


def test_an_upload_without_the_page_s_token_is_refused(address: str) -> None:
    url = address + "/_stcore/upload_file/session/file"
    cookie, secret = token(address)
    assert status(url, b"x") == 403
    assert status(url, b"x", Cookie=cookie) == 403
    assert status(url, b"x", Cookie=cookie, **{"X-Xsrftoken": "2|00|00|1"}) == 403
    assert status(url, b"x", Cookie=cookie, **{"X-Xsrftoken": secret}) == 400  # it is none of a session's
