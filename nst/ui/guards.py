"""What of Streamlit's inside the page depends on, with a check for each: another version is noticed, not trusted.

Streamlit has no setting for these. `install` is called before the first page is drawn; it may be called again.
"""

import functools
import inspect
import logging
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from streamlit import net_util
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx, script_runner
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

#: What one session may hold on the server: a photo, four paintings, a shot of the camera, and what is being sent.
MOST_FILES = 12
MOST_BYTES = 100 * 2**20
#: What all sessions may hold together before each of them is held to an equal share: one visitor can open many.
MOST_TOGETHER = 2**30

#: Seconds for which a file that was made for a browser stays, for the browser to fetch it.
FETCH_SECONDS = 30.0

#: What Streamlit does with Keras; anything else would have to be looked at.
_ABOUT_KERAS = [
    'if "keras" in sys.modules:',
    'keras = sys.modules["keras"]',
    'cast("Any", keras).backend.clear_session()',
]

_log = logging.getLogger(__name__)


def install() -> None:
    """Bound each session's uploads, lose no click and no file, and ask no outside address for this machine's own."""
    found = complaints()
    for name, complaint in found.items():
        _log.warning("Streamlit has changed: %s: %s", name, complaint)
    if "get_external_ip" not in found:
        net_util.get_external_ip = _no_external_ip
    if "on_script_will_rerun" not in found and not hasattr(SafeSessionState.on_script_will_rerun, "undisturbed"):
        setattr(  # noqa: B010
            SafeSessionState, "on_script_will_rerun", _undisturbed(SafeSessionState.on_script_will_rerun)
        )
    if "add_file" not in found and not hasattr(MemoryUploadedFileManager.add_file, "bounded"):
        setattr(MemoryUploadedFileManager, "add_file", _bounded(MemoryUploadedFileManager.add_file))  # noqa: B010
    if "mark_for_delete" not in found and not hasattr(MediaFileMetadata.mark_for_delete, "patient"):
        setattr(MediaFileMetadata, "mark_for_delete", _patient(MediaFileMetadata.mark_for_delete))  # noqa: B010


def name_sessions(server: str) -> None:
    """Begin the ids of new sessions with the name of this server and a dot: by them a proxy finds the server.

    A browser tells its session's id with every upload, and when it connects again. Without it a proxy of several
    servers has the cookies, which all tabs of a browser share.

    Args:
        server: Small letters and digits; empty for ids as they are.
    """
    if server and "session_id_override" not in complaints():
        setattr(AppSession, "__init__", _named(inspect.unwrap(AppSession.__init__), server))  # noqa: B010


def complaints() -> dict[str, str]:
    """Return what of Streamlit is no longer as `install` expects it, by name; empty if all is."""
    found = {}
    ask = getattr(net_util, "get_external_ip", None)
    if not callable(ask) or inspect.signature(ask).parameters:
        found["get_external_ip"] = "expected a function without parameters"
    if list(inspect.signature(MemoryUploadedFileManager.add_file).parameters) != ["self", "session_id", "file"]:
        found["add_file"] = "expected (self, session_id, file)"
    elif not isinstance(getattr(MemoryUploadedFileManager(""), "file_storage", None), dict):
        found["add_file"] = "expected file_storage to be a dictionary"
    asks = inspect.getsource(inspect.unwrap(SafeSessionState.on_script_will_rerun)).count("self._yield_callback()")
    if asks != 1 or "yield_callback" not in inspect.signature(SafeSessionState).parameters:
        found["on_script_will_rerun"] = "expected it to ask self._yield_callback() once before callbacks"
    tidies = inspect.getsource(inspect.unwrap(MediaFileManager.remove_orphaned_files))
    if list(inspect.signature(MediaFileMetadata.mark_for_delete).parameters) != ["self"] or tidies.count("mark_") != 1:
        found["mark_for_delete"] = "expected files to be marked once before they are deleted"
    if "session_id_override" not in inspect.signature(AppSession.__init__).parameters:
        found["session_id_override"] = "expected a session to take its id"
    if _about_keras() != _ABOUT_KERAS:
        found["clear_session"] = "expected it to call keras.backend.clear_session() after a run and no more of Keras"
    return found


def _about_keras() -> list[str]:
    """Return what Streamlit does with Keras after a run of the page, by its source's lines."""
    clean = getattr(script_runner, "_clean_problem_modules", None)
    lines = inspect.getsource(clean).splitlines() if callable(clean) else []
    return [line.strip() for line in lines if "keras" in line]


def keep_keras_session() -> None:
    """Keep Keras' session, which Streamlit wants cleared after every run of a page; Keras must have been loaded.

    Clearing it throws away the names and the call context that Keras keeps for a model that another thread is just
    building (building then fails at random), empties TensorFlow's cache of kernels, and collects garbage through all of
    TensorFlow's objects. Streamlit finds the function by the loaded module, so that is where it is replaced, under both
    of its public names.
    """
    keras = sys.modules["keras"]
    for place in (keras.backend, keras.utils):
        if hasattr(place, "clear_session"):
            place.clear_session = _keep_session


def _keep_session(free_memory: bool = True) -> None:
    """Stand in for ``keras.backend.clear_session``: nothing here wants the session cleared."""


def forget(file: UploadedFile) -> None:
    """Drop a file that has been read; Streamlit would keep it as long as the session, whether it is shown or not."""
    context = get_script_run_ctx()
    if context is not None:
        manager: Any = context.uploaded_file_mgr
        manager.remove_file(context.session_id, file.file_id)


def _undisturbed(apply: Callable[..., None]) -> Callable[..., None]:
    """Return `on_script_will_rerun`, which calls the callbacks, such that no further message ends it half done.

    A click is in one message of the browser alone. Wherever the session's state is touched, Streamlit gives a run up
    for a message that has come meanwhile, in a callback too: what the click was to do is then left undone, without a
    word. The run is given up all the same, as soon as the callbacks are done.
    """

    @functools.wraps(apply)
    def apply_all(self: SafeSessionState, *values: Any, **named: Any) -> None:
        asks = self._yield_callback
        object.__setattr__(self, "_yield_callback", _go_on)
        try:
            apply(self, *values, **named)
        finally:
            object.__setattr__(self, "_yield_callback", asks)

    apply_all.undisturbed = True  # type: ignore[attr-defined]
    return apply_all


def _patient(mark: Callable[[MediaFileMetadata], None]) -> Callable[[MediaFileMetadata], None]:
    """Return `mark_for_delete` for files of which no page says any longer that it has them, for `FETCH_SECONDS`.

    A file that is made when a browser asks for it never is on a page. Streamlit deletes it after two runs of anybody's
    page, and with many visitors these come before the browser does.
    """

    @functools.wraps(mark)
    def mark_late(self: MediaFileMetadata) -> None:
        now = time.monotonic()
        if now - vars(self).setdefault("_unclaimed_since", now) >= FETCH_SECONDS:
            mark(self)

    mark_late.patient = True  # type: ignore[attr-defined]
    return mark_late


def _go_on() -> None:
    """Stand in for the question whether to give the run up."""


def _named(start: Callable[..., None], server: str) -> Callable[..., None]:
    """Return `AppSession.__init__` for sessions whose ids begin with the name of a server."""

    @functools.wraps(start)
    def start_named(self: AppSession, *values: Any, session_id_override: str | None = None, **named: Any) -> None:
        start(self, *values, session_id_override=session_id_override or f"{server}.{uuid.uuid4()}", **named)

    return start_named


def _no_external_ip() -> None:
    """Stand in for Streamlit's question to a server of others: nothing is sent anywhere."""


def _bounded(add_file: Callable[[Any, str, UploadedFileRec], None]) -> Callable[[Any, str, UploadedFileRec], None]:
    """Return `add_file` for files that fit into a session's share; for others it answers the browser with 413."""

    def add_bounded(self: Any, session_id: str, file: UploadedFileRec) -> None:
        held = self.file_storage.get(session_id, {})
        others = [each for file_id, each in list(held.items()) if file_id != file.file_id]
        together = [sum(len(each.data) for each in list(files.values())) for files in list(self.file_storage.values())]
        # Where there is no room, none can take more than its share, so never more than twice as much is held.
        full = sum(together) + len(file.data) > MOST_TOGETHER
        most = min(MOST_BYTES, MOST_TOGETHER // max(1, len(together))) if full else MOST_BYTES
        if len(others) >= MOST_FILES or sum(len(each.data) for each in others) + len(file.data) > most:
            raise HTTPException(413, "expected fewer or smaller files from one visitor; take some away.")
        add_file(self, session_id, file)

    add_bounded.bounded = True  # type: ignore[attr-defined]
    return add_bounded
