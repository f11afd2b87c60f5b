"""What the page changes in Streamlit: each visitor's uploads are bounded, and nobody else is asked for anything."""

import json
import os
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from starlette.exceptions import HTTPException
from streamlit import net_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from benchmarks.serving import Server
from benchmarks.visitor import token
from nst.masks.strokes import MAX_POINTS, MAX_STROKES, parse_strokes
from nst.ui import guards
from nst.ui.regions.mask_edits import Role

ROOT = Path(__file__).parents[2]
SECONDS = 240.0  # a generous bound on a machine that may be busy


def test_streamlit_is_as_the_guards_expect_it() -> None:
    assert guards.complaints() == {}


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (net_util, "get_external_ip"),
        (MemoryUploadedFileManager, "add_file"),
        (SafeSessionState, "on_script_will_rerun"),
        (MediaFileMetadata, "mark_for_delete"),
    ],
)
def test_another_streamlit_is_noticed_and_left_alone(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    def other(something: object, else_: object) -> None:
        """What another version may have."""

    monkeypatch.setattr(owner, name, other)
    guards.install()
    assert f"Streamlit has changed: {name}" in caplog.text
    assert getattr(owner, name) is other


def test_another_way_to_clear_keras_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_runner, "_clean_problem_modules", lambda: "keras.clear()")
    assert "clear_session" in guards.complaints()


def test_keras_keeps_its_session_under_both_names(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[str] = []
    places = {
        name: SimpleNamespace(clear_session=lambda name=name: cleared.append(name)) for name in ("backend", "utils")
    }
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(**places))
    script_runner._clean_problem_modules()
    assert cleared == ["backend"], "this is what Streamlit does"
    guards.keep_keras_session()
    script_runner._clean_problem_modules()
    places["utils"].clear_session()
    assert cleared == ["backend"]


def manager() -> MemoryUploadedFileManager:
    guards.install()
    guards.install()
    return MemoryUploadedFileManager("")


def a_file(name: str, size: int = 1) -> UploadedFileRec:
    return UploadedFileRec(name, name, "image/png", bytes(size))


def test_files_of_one_session_are_bounded_and_others_are_not_disturbed() -> None:
    files = manager()
    for number in range(guards.MOST_FILES):
        files.add_file("one", a_file(str(number)))
    with pytest.raises(HTTPException) as refused:
        files.add_file("one", a_file("more"))
    assert refused.value.status_code == 413
    files.add_file("one", a_file("0", 5))  # instead of what it was
    files.add_file("other", a_file("more"))
    files.remove_file("one", "0")
    files.add_file("one", a_file("more"))


def test_bytes_of_one_session_are_bounded() -> None:
    files, third = manager(), guards.MOST_BYTES // 3
    for name in "abc":
        files.add_file("one", a_file(name, third))
    with pytest.raises(HTTPException):
        files.add_file("one", a_file("d", third))
    assert len(files.file_storage["one"]) == 3


def test_many_sessions_of_one_visitor_do_not_take_all_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "MOST_TOGETHER", 1000)
    files = manager()
    for number in range(5):
        files.add_file(f"hostile {number}", a_file("a", 200))
    with pytest.raises(HTTPException):
        files.add_file("hostile 0", a_file("b", 200))
    files.add_file("ordinary", a_file("a", 150))  # an equal share is there for everybody who comes later
    for number in range(500):
        with suppress(HTTPException):
            files.add_file(f"more {number}", a_file("a", 100))
    assert sum(len(file.data) for held in files.file_storage.values() for file in held.values()) < 2000


def test_a_file_that_was_made_for_a_browser_is_there_until_the_browser_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    guards.install()
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    storage = MemoryMediaFileStorage("/media")
    files = MediaFileManager(storage)
    asked: Any = {"callable": lambda: b"a film", "mimetype": "video/mp4", "filename": "a.mp4", "session_id": "a tab"}
    files._deferred_callables["asked"] = asked
    name = files.execute_deferred("asked").removeprefix("/media/")
    for _ in range(9):
        files.remove_orphaned_files()  # as after each run of anybody's page
    assert storage.get_file(name).content == b"a film"
    now[0] += guards.FETCH_SECONDS
    for _ in range(2):
        files.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        storage.get_file(name)


def test_a_tab_may_say_as_much_as_can_be_painted_on_all_canvases_and_not_much_more() -> None:
    most = [{"region": 7, "radius": 0.1234, "points": [[0.1234, 0.1234]] * (MAX_POINTS // MAX_STROKES)}] * MAX_STROKES
    parse_strokes(most, 8)
    canvases = len(get_args(Role)) * len(json.dumps({"strokes": most}))
    said = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]["maxWidgetStateSize"] * 1e6
    assert 2 * canvases < said < 4 * canvases


def test_what_comes_meanwhile_gives_a_run_up_only_after_its_callbacks() -> None:
    guards.install()
    guards.install()
    asked: list[str] = []
    state = SafeSessionState(SessionState(), lambda: asked.append("give up?"))
    state.on_script_will_rerun(WidgetStates())
    assert asked == []
    state["size"] = 512
    assert asked == ["give up?"]


def test_streamlit_asks_nobody_for_this_machine_s_address(monkeypatch: pytest.MonkeyPatch) -> None:
    guards.install()
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda *_, **__: pytest.fail("it asks"))
    assert net_util.get_external_ip() is None


class Unnamed(Server):
    """A server that is told no address: then Streamlit wants to tell all of them, and asks for the outer one."""

    def start(self) -> None:
        """Start it, with the settings as its environment."""
        options = ["--server.headless=true", f"--server.port={self.port}"]
        command = [sys.executable, "-m", "streamlit", "run", self.script, *options]
        self.began = time.perf_counter()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **self._settings}, stdout=log, stderr=log, start_new_session=True
            )


@pytest.fixture(scope="module", params=["app.py", "serve.py"])
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server, and the file of what it has asked of other machines."""
    folder = tmp_path_factory.mktemp("watch")
    asked = folder / "asked"
    asked.touch()
    paths = f"{ROOT / 'tests' / 'support' / 'watched'}:{ROOT}"
    server = Unnamed(request.param, folder / "log", NST_WATCH=asked, NST_STATE="off", PYTHONPATH=paths)
    try:
        server.wait()
        yield server, asked
    finally:
        server.stop()


def session(port: int) -> Iterator[str]:
    """Open a page, and yield its session's id as long as it is open."""
    with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None
    ) as page:
        start = BackMsg()
        start.rerun_script.query_string = ""
        page.send(start.SerializeToString())
        found = ""
        message = ForwardMsg()
        while message.WhichOneof("type") != "script_finished":
            message = ForwardMsg()
            message.ParseFromString(page.recv(timeout=SECONDS, decode=False))
            found = found or message.new_session.initialize.session_id
        yield found


def test_nothing_is_sent_anywhere_and_uploads_end_at_the_bound(watched: tuple[Server, Path]) -> None:
    server, log = watched
    port, address = server.port, server.address
    for id_ in session(port):
        with pytest.raises(InvalidStatus):
            connect(f"ws://127.0.0.1:{port}/_stcore/stream", origin=Origin("http://evil.example"))
        answered = [send(address, id_, f"file-{number}") for number in range(guards.MOST_FILES + 3)]
        assert answered == [204] * guards.MOST_FILES + [413] * 3
        urllib.request.urlopen(f"{address}/?job=secret", timeout=60).close()
    assert log.read_text() == ""
    if server.script == "serve.py":  # the host's log: who came, and for what, is not in it
        said = server.log.read_text()
        assert '"logger": "' in said
        assert not any(each in said for each in ("secret", id_, "GET ", "[accepted]", "connection open"))


def send(address: str, session_id: str, name: str) -> int:
    cookie, secret = token(address)
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.png"\r\n\r\nx\r\n--b--\r\n'
    headers = {"Cookie": cookie, "X-Xsrftoken": secret, "Content-Type": "multipart/form-data; boundary=b"}
    request = urllib.request.Request(f"{address}/_stcore/upload_file/{session_id}/{name}", body, headers, method="PUT")
    try:
        return int(urllib.request.urlopen(request, timeout=60).status)
    except urllib.error.HTTPError as error:
        return error.code
