"""A visitor without a browser: speaks the page's own protocol over a websocket, as Streamlit's script in a tab does.

As a tab does, it sends the widgets' values along with every message, runs a fragment alone when the widget is inside
one, and tells which large messages it has from before, so that they are not sent again. Widgets are known by the keys
that the page gives them, results by the download button's file.
"""

import asyncio
import json
import time
import urllib.request
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

#: Kinds of a finished run that answer a message: the whole page, or a fragment.
_WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY
_FRAGMENT = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY

#: The component with which a tab keeps the visitor's secret.
_SECRET = "visitor_store"


@dataclass(frozen=True)
class Widget:
    """A widget on the page: its id, and the fragment that it is in, or "" for none."""

    id: str
    fragment: str


@dataclass
class Kept:
    """A large message that need not be sent again: by Streamlit's own rule, while the page still shows it."""

    message: ForwardMsg
    fragment: str
    run: int


@dataclass
class Visitor:
    """One tab.

    Attributes:
        address: Of the page, e.g. ``http://127.0.0.1:8501``.
        query: What stands behind the question mark of the tab's address.
        widgets: The page's widgets by their keys.
        download: Path of the finished PNG, as soon as the page offers it.
        progress: The latest progress line.
        errors: What the page has refused or has to tell, newest last.
        secret: What the tab keeps to show whose it is, from the first session on.
        forwarded: The address that a proxy says the tab comes from; empty without a proxy.
    """

    address: str
    query: str = ""
    widgets: dict[str, Widget] = field(default_factory=dict)
    download: str | None = None
    progress: str = ""
    errors: list[str] = field(default_factory=list)
    cookies: str = ""
    secret: str = ""
    forwarded: str = ""
    _socket: ClientConnection | None = None
    _timer: tuple[str, float] | None = None
    _armed: bool = False
    _reader: "asyncio.Task[None] | None" = None
    _ended: "asyncio.Queue[int]" = field(default_factory=asyncio.Queue)
    _places: "asyncio.Queue[FileURLs]" = field(default_factory=asyncio.Queue)
    _values: dict[str, WidgetState] = field(default_factory=dict)
    _kept: dict[str, Kept] = field(default_factory=dict)
    _runs: int = 0
    _fragments: tuple[str, ...] = ()
    _drawn: set[str] = field(default_factory=set)

    async def open(self, *, again: bool = False) -> float:
        """Open the page, anew or because it was reloaded; return the seconds it took.

        Args:
            again: After the connection was lost only: the tab says its controls' values again.
        """
        values = dict(self._values) if again else {}
        await self.close()
        self._values = values
        start = time.perf_counter()
        address = self.address.replace("http://", "ws://") + "/_stcore/stream"
        headers = {"Cookie": self.cookies, "X-Forwarded-For": self.forwarded}
        self._socket = await connect(
            address,
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            open_timeout=300,
            ping_interval=None,  # a busy machine is no lost connection
            additional_headers={name: value for name, value in headers.items() if value},
        )
        self._ended = asyncio.Queue()
        self._reader = asyncio.create_task(self._read(self._socket))
        await self._send(self._message(), _WHOLE)
        if _SECRET in self._values:  # a new session, for a tab that is no new one
            await self._send(self._message(), _WHOLE)
        return time.perf_counter() - start

    async def close(self) -> None:
        """Close the tab."""
        if self._reader is not None:
            self._reader.cancel()
        if self._socket is not None:
            await self._socket.close()
        self._socket = self._reader = self._timer = None
        self.widgets, self._values, self._kept = {}, {}, {}

    async def set(self, key: str, value: float) -> float:
        """Move a control and return the seconds until the page has answered."""
        state = WidgetState(id=self.widgets[key].id)
        state.double_value = value
        self._values[key] = state
        return await self._act(key)

    async def upload(self, key: str, name: str, data: bytes) -> float:
        """Give a file to an uploader and return the seconds until the page has answered, the way there left out."""
        assert self._socket is not None
        request = BackMsg()
        request.file_urls_request.request_id = name
        request.file_urls_request.file_names.append(name)
        await self._socket.send(request.SerializeToString())
        place = await asyncio.wait_for(self._places.get(), 600)
        await asyncio.to_thread(put_file, self.address, place.upload_url, name, data)
        state = WidgetState(id=self.widgets[key].id)
        file = state.file_uploader_state_value.uploaded_file_info.add(name=name, size=len(data), file_id=place.file_id)
        file.file_urls.CopyFrom(place)
        self._values[key] = state
        return await self._act(key)

    async def press(self, key: str) -> float:
        """Press a button and return the seconds until the page has answered."""
        return await self._act(key, WidgetState(id=self.widgets[key].id, trigger_value=True))

    async def submit(self, size: int, steps: int, mark: int) -> None:
        """Choose small settings and press the button; `mark`, as the style's weight, tells the picture from others."""
        for key, value in (("size", size), ("steps", steps), ("style_weight", mark)):
            await self.set(key, value)
        self.download = None
        await self.press("stylise")

    async def follow(self) -> bool:
        """Let the page's fragment ask for news once; return whether it will ask again."""
        if self._timer is None:
            return False
        fragment, seconds = self._timer
        await asyncio.sleep(seconds)
        message = self._message(fragment)
        message.rerun_script.is_auto_rerun = True
        await self._send(message, _FRAGMENT, _WHOLE)
        return self._timer is not None

    async def result(self) -> bytes:
        """Follow the job to its end and return the PNG that the page offers.

        Raises:
            RuntimeError: with what the page says, if it offers none.
        """
        # With a photo of one's own sketches go on to come after the picture.
        while self.download is None and await self.follow():
            pass
        # The fragment's last act is to run the whole page, which then offers the picture.
        for _ in range(20):
            if self.download is not None:
                break
            await asyncio.sleep(0.1)
            await self._send(self._message(), _WHOLE)
        else:
            raise RuntimeError(f"no picture: {self.errors[-3:]}")
        request = urllib.request.Request(self.address + self.download)
        if self.cookies:  # by which a proxy finds the server that has it
            request.add_header("Cookie", self.cookies)
        return await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=60).read())

    async def _act(self, key: str, trigger: WidgetState | None = None) -> float:
        fragment = self.widgets[key].fragment
        message = self._message(fragment)
        if trigger is not None:
            message.rerun_script.widget_states.widgets.append(trigger)
        start = time.perf_counter()
        await self._send(message, *((_FRAGMENT, _WHOLE) if fragment else (_WHOLE,)))
        return time.perf_counter() - start

    def _message(self, fragment: str = "") -> BackMsg:
        """Return the request for a run of the whole page, or of a fragment, with what a tab says in each."""
        message = BackMsg()
        request = message.rerun_script
        request.query_string, request.fragment_id = self.query, fragment
        request.widget_states.widgets.extend(self._values.values())
        request.cached_message_hashes.extend(self._kept)
        return message

    async def _send(self, message: BackMsg, *ends: int) -> None:
        """Send a message and wait until the run that it starts has ended."""
        assert self._socket is not None
        while not self._ended.empty():
            self._ended.get_nowait()
        await self._socket.send(message.SerializeToString())
        while True:
            end = await asyncio.wait_for(self._ended.get(), 600)
            if end < 0:
                raise ConnectionError("the server has gone")
            if end in ends:
                return

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                message = ForwardMsg()
                assert isinstance(data, bytes)
                message.ParseFromString(data)
                self._take(message)
        except WebSocketException:
            pass
        finally:
            self._ended.put_nowait(-1)

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self._armed = False
                self._runs += 1
                self._fragments = tuple(message.metadata.run.fragment_ids)
                self._drawn = set()
            case "script_finished":
                self._tidy(message.script_finished)
                self._ended.put_nowait(message.script_finished)
            case "auto_rerun":
                self._timer = (message.auto_rerun.fragment_id, message.auto_rerun.interval)
                self._armed = True
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "file_urls_response":
                self._places.put_nowait(message.file_urls_response.file_urls[0])
            case "ref_hash":
                kept = self._kept[message.ref_hash]
                kept.run = self._runs
                self._element(kept.message)
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                if message.metadata.cacheable:
                    self._kept[message.hash] = Kept(message, message.delta.fragment_id, self._runs)
                self._element(message)

    def _tidy(self, ending: int) -> None:
        """Forget what was on the page before a run and is not any more."""
        if ending not in (_WHOLE, _FRAGMENT):
            return
        self._kept = {
            name: kept
            for name, kept in self._kept.items()
            if kept.run == self._runs or (self._fragments and kept.fragment not in self._fragments)
        }
        if ending == _WHOLE:
            if not self._armed:
                self._timer = None  # the page has no fragment any more that asks for news
            self.widgets = {key: widget for key, widget in self.widgets.items() if key in self._drawn}
            self._values = {key: state for key, state in self._values.items() if key in self._drawn}

    def _element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        inner = getattr(element, str(kind))
        if kind == "progress":
            self.progress = inner.text
        elif kind == "alert":
            self.errors = [*self.errors[-20:], inner.body]
        identity = getattr(inner, "id", "")
        if identity.startswith("$$ID-"):
            key = identity.split("-", 2)[2]
            self.widgets[key] = Widget(identity, message.delta.fragment_id)
            self._drawn.add(key)
            if getattr(inner, "set_value", False):
                self._values.pop(key, None)  # the page has decided otherwise
            if key == _SECRET:
                self._keep_secret(identity, json.loads(inner.json)["secret"])
            if key == "download_png":
                self.download = inner.url

    def _keep_secret(self, identity: str, offered: str) -> None:
        """Do as frontend/visitor.js: what the tab has kept wins over what a new session offers."""
        self.secret = self.secret or offered
        if offered != self.secret:
            self._values[_SECRET] = WidgetState(id=identity, json_value=json.dumps({"secret": self.secret}))


def token(address: str) -> tuple[str, str]:
    """Return the cookie that the server gives to a page, and what the page says to show that it has read it."""
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=60) as answer:
        cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
    return cookie, cookie.partition("=")[2].strip('"')


def put_file(address: str, path: str, name: str, data: bytes) -> None:
    """Send a file to where the server wants it."""
    cookie, secret = token(address)
    boundary = "a-file-of-the-visitor"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
    request = urllib.request.Request(address + path, head.encode() + data + f"\r\n--{boundary}--\r\n".encode())
    request.method = "PUT"
    request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
    request.add_header("Cookie", cookie)
    request.add_header("X-Xsrftoken", secret)
    urllib.request.urlopen(request, timeout=60).close()
