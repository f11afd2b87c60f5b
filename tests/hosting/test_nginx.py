"""Debian's nginx with the project's configuration in front of two real page servers."""

import asyncio
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import front
from benchmarks.serving import READY
from benchmarks.visitor import Visitor, token
from tests.support.first_run import first_run, opened
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
SECONDS = 240.0  # a generous bound; two servers start on a machine that may be busy
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Front(front.Front):
    """With what these tests ask it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        until(lambda: answers(f"{self.address}/healthz"), SECONDS)

    def get(self, path: str, cookie: str = "", data: bytes | None = None, method: str | None = None):
        request = urllib.request.Request(self.address + path, data=data, method=method)
        if cookie:
            request.add_header("Cookie", cookie)
        try:
            return urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            return error

    def upload(self, session: str, cookie: str) -> int:
        """Send a file for a session, and return how that was answered.

        A test before may have used up what a visitor may upload: one file a second comes back.
        """
        answers = [self._upload(session, cookie)]
        while answers[-1] == 429 and len(answers) < 60:
            time.sleep(1)
            answers.append(self._upload(session, cookie))
        return answers[-1]

    def _upload(self, session: str, cookie: str) -> int:
        own, secret = token(self.address)
        body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.png"\r\n\r\nx\r\n--b--\r\n'
        request = urllib.request.Request(f"{self.address}/_stcore/upload_file/{session}/f", body, method="PUT")
        request.add_header("Cookie", f"{own}; {cookie}")
        request.add_header("X-Xsrftoken", secret)
        request.add_header("Content-Type", "multipart/form-data; boundary=b")
        try:
            return int(urllib.request.urlopen(request, timeout=60).status)
        except urllib.error.HTTPError as error:
            return error.code

    def upstreams(self, path: str, count: int = 0) -> list[str]:
        """The servers that answered requests for a path, from the log, as soon as there are `count`."""
        until(lambda: len(self._logged(path)) >= count)
        return self._logged(path)

    def _logged(self, path: str) -> list[str]:
        lines = [line.split() for line in (self.folder / "nst.log").read_text().splitlines()]
        return [words[-1] for words in lines if words[3] == path]


def answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=30).status == 200
    except OSError:
        return False


@pytest.fixture(scope="module", name="front")
def started_front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    started = Front(tmp_path_factory.mktemp("front"))
    yield started
    started.stop()


def test_the_page_and_its_websocket_come_through(front: Front) -> None:
    page = front.get("/?job=secret")
    assert b"<title>Streamlit</title>" in page.read()
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    messages = first_run(front.port, "nst_route=ann")
    assert messages[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
    assert len([message for message in messages if message.WhichOneof("type") == "delta"]) > 10


def test_a_visitor_stays_with_one_server_and_visitors_are_spread(front: Front) -> None:
    cookie = front.get("/").headers["Set-Cookie"]
    assert re.fullmatch(r"nst_route=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax", cookie)
    again = front.get("/", cookie.partition(";")[0])
    assert again.headers["Set-Cookie"] is None
    before = len(front.upstreams("/healthz"))
    for _ in range(10):
        front.get("/healthz?ann", "nst_route=ann")
    assert len(set(front.upstreams("/healthz", before + 10)[-10:])) == 1
    for visitor in range(20):
        front.get("/healthz", f"nst_route=visitor-{visitor}")
    assert len(set(front.upstreams("/healthz", before + 30)[-20:])) == 2


def test_large_bodies_are_refused_except_for_uploads_of_an_allowed_size(front: Front) -> None:
    assert front.get("/", data=b"x" * 2**21).status == 413
    # Streamlit itself refuses it, for want of a session: nginx let it through.
    path = "/_stcore/upload_file/none/none"
    assert front.get(path, data=b"x" * (20 * 2**20), method="PUT").status in (400, 403)
    assert front.get(path, data=b"x" * (32 * 2**20), method="PUT").status == 413


def test_uploads_have_a_rate(front: Front) -> None:
    answers = [front.get("/_stcore/upload_file/none/none", data=b"x", method="PUT").status for _ in range(25)]
    assert 429 in answers
    assert answers[0] != 429 or answers.count(429) < 25


def test_what_has_a_checksum_in_its_name_is_cached(front: Front) -> None:
    script = re.search(rb'src="\.?(/static/js/[^"]+\.js)"', front.get("/").read())
    assert script is not None
    answer = front.get(script.group(1).decode())
    assert answer.status == 200
    assert answer.headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]


def test_a_class_behind_one_address_gets_its_scripts(front: Front) -> None:
    script = re.search(rb'src="\.?(/static/js/[^"]+\.js)"', front.get("/").read())
    assert script is not None
    path = script.group(1).decode()
    with ThreadPoolExecutor(16) as visitors:  # as many as four first visits ask for, within a few seconds
        answers = [each.status for each in visitors.map(lambda _: front.get(path, method="HEAD"), range(500))]
    assert set(answers) == {200}


def test_metrics_are_for_this_machine_and_the_log_keeps_no_secrets(front: Front) -> None:
    assert b"nst_workers 1" in front.get("/metrics").read()
    assert front.get("/_stcore/metrics").status == 403
    before = len(front.upstreams("/"))
    front.get("/?job=abcdefgh")
    until(lambda: len(front.upstreams("/")) > before)
    assert "abcdefgh" not in (front.folder / "nst.log").read_text()


def test_the_address_of_a_job_leads_to_its_server_and_keeps_its_visitor_there(front: Front) -> None:
    for name in ("8501", "8502"):
        answer = front.get(f"/healthz?job={name}.secret", "nst_route=ann")
        assert answer.headers["X-NST-Server"] == name
        cookie = f"nst_server={name}; Path=/; HttpOnly; SameSite=Lax"
        assert front.get(f"/?job={name}.secret", "nst_route=ann").headers.get_all("Set-Cookie") == [cookie]
        # What has no query, as the page's own connection has none.
        assert front.get("/healthz", f"nst_route=ann; nst_server={name}").headers["X-NST-Server"] == name
    assert front.get("/healthz?job=unknown.secret", "nst_route=ann").status == 200
    assert front.get("/?job=secret", "nst_route=ann").headers.get_all("Set-Cookie") is None


@pytest.mark.parametrize(("own", "other"), [("8501", "8502"), ("8502", "8501")])
def test_a_tab_stays_with_its_server_when_another_tab_goes_to_another(front: Front, own: str, other: str) -> None:
    with opened(front.port, f"nst_route=ann; nst_server={own}") as messages:
        session = session_of(messages)
        assert session.startswith(f"{own}.")
        # The other tab's cookie is this tab's too.
        shared = f"nst_route=ann; nst_server={other}"
        assert front.upload(session, shared) == 204
    with opened(front.port, shared, session) as messages:
        assert session_of(messages) == session


def test_a_picture_is_downloaded_from_the_server_that_has_it(front: Front) -> None:
    async def painted() -> None:
        tab = Visitor(front.servers["8502"].address)
        await tab.open()
        await tab.submit(64, 2, 7)
        await tab.result()
        for cookie in ("nst_route=ann", "nst_server=8501", "nst_server=8502"):
            answer = await asyncio.to_thread(front.get, str(tab.download), cookie)
            assert answer.status == 200
        await tab.close()

    asyncio.run(painted())


def test_a_tab_whose_server_is_down_is_taken_by_the_other(front: Front) -> None:
    with opened(front.port, "nst_server=8501") as messages:
        session = session_of(messages)
    front.servers["8501"].kill()
    with opened(front.port, "nst_server=8501", session) as messages:
        assert session_of(messages).startswith("8502.")
    front.servers["8501"].start()
    front.servers["8501"].wait(READY)


def session_of(messages: list[ForwardMsg]) -> str:
    return next(each.new_session.initialize.session_id for each in messages if each.HasField("new_session"))


def test_the_address_of_a_job_waits_for_its_server(front: Front) -> None:
    front.servers["8501"].kill()
    waiting = front.get("/?job=8501.secret", "nst_route=ann")
    assert (waiting.status, waiting.headers["Refresh"], waiting.headers["Content-Type"]) == (503, "3", "text/html")
    assert b"This page comes back by itself" in waiting.read()
    assert front.get("/healthz?job=8501.secret").status == 502
    # Without a job any server will do, and the visitor is no longer bound to the dead one.
    free = front.get("/", "nst_route=ann; nst_server=8501")
    assert b"<title>Streamlit</title>" in free.read()
    assert "nst_server=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0" in free.headers.get_all("Set-Cookie")
    front.servers["8501"].start()
    front.servers["8501"].wait(READY)
    assert front.get("/healthz?job=8501.secret").headers["X-NST-Server"] == "8501"
    assert b"<title>Streamlit</title>" in front.get("/?job=8501.secret").read()


def test_when_one_server_dies_the_other_takes_its_visitors(front: Front) -> None:
    front.servers["8501"].kill()
    for visitor in range(10):
        assert front.get("/healthz", f"nst_route=visitor-{visitor}").status == 200
    front.servers["8501"].start()
    front.servers["8501"].wait(READY)
