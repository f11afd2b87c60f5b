"""A visitor without a browser: speaks the page's own protocol over a websocket, as Streamlit's script in a tab does.

Widgets are known by the keys that the page gives them, results by the download button's file.
"""

import asyncio
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

#: Kinds of a finished run that answer a message: the whole page, or a fragment.
_WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY
_FRAGMENT = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


@dataclass
class Visitor:
    """One tab.

    Attributes:
        address: Of the page, e.g. ``http://127.0.0.1:8501``.
        query: What stands behind the question mark of the tab's address.
        widgets: Ids of the page's widgets by their keys, as of the last whole run.
        download: Path of the finished PNG, as soon as the page offers it.
        texts: Errors and progress lines of the page, newest last.
    """

    address: str
    query: str = ""
    widgets: dict[str, str] = field(default_factory=dict)
    download: str | None = None
    texts: list[str] = field(default_factory=list)
    cookies: str = ""
    _socket: ClientConnection | None = None
    _timer: tuple[str, float] | None = None
    _armed: bool = False
    _reader: "asyncio.Task[None] | None" = None
    _ended: "asyncio.Queue[int]" = field(default_factory=asyncio.Queue)

    async def open(self) -> None:
        """Open the page, or find its job again after the connection was lost."""
        await self.close()
        address = self.address.replace("http://", "ws://") + "/_stcore/stream"
        headers = {"Cookie": self.cookies} if self.cookies else None
        self._socket = await connect(
            address,
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            open_timeout=300,
            ping_interval=None,  # a busy machine is no lost connection
            additional_headers=headers,
        )
        self._ended = asyncio.Queue()
        self._reader = asyncio.create_task(self._read(self._socket))
        await self.run()

    async def close(self) -> None:
        """Close the tab."""
        if self._reader is not None:
            self._reader.cancel()
        if self._socket is not None:
            await self._socket.close()
        self._socket = self._reader = self._timer = None

    async def run(self, **values: float | bool) -> float:
        """Run the whole page with widgets set to new values, True for a button; return the seconds it took."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        for key, value in values.items():
            message.rerun_script.widget_states.widgets.append(self._state(key, value))
        start = time.perf_counter()
        await self._send(message, _WHOLE)
        return time.perf_counter() - start

    async def submit(self, size: int, steps: int, seed: int) -> None:
        """Choose small settings and press the button."""
        await self.run(size=size, steps=steps, seed=seed)
        self.download = None
        await self.run(stylise=True)

    async def follow(self) -> bool:
        """Let the page's fragment ask for news once; return whether it will ask again."""
        if self._timer is None:
            return False
        fragment, seconds = self._timer
        await asyncio.sleep(seconds)
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = True
        await self._send(message, _FRAGMENT, _WHOLE)
        return self._timer is not None

    async def result(self) -> bytes:
        """Follow the job to its end and return the PNG that the page offers.

        Raises:
            RuntimeError: with what the page says, if it offers none.
        """
        while await self.follow():
            pass
        # The fragment's last act is to run the whole page, which then offers the picture.
        for _ in range(20):
            if self.download is not None:
                break
            await asyncio.sleep(0.1)
            await self.run()
        else:
            raise RuntimeError(f"no picture: {self.texts[-3:]}")
        url = self.address + self.download
        return await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=60).read())

    def _state(self, key: str, value: float | bool) -> WidgetState:
        state = WidgetState(id=self.widgets[key])
        if value is True:
            state.trigger_value = True
        elif key == "size":  # a slider
            state.double_array_value.data.append(value)
        else:
            state.double_value = value
        return state

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
            case "script_finished":
                if message.script_finished == _WHOLE and not self._armed:
                    self._timer = None  # the page has no fragment any more that asks for news
                self._ended.put_nowait(message.script_finished)
            case "auto_rerun":
                self._timer = (message.auto_rerun.fragment_id, message.auto_rerun.interval)
                self._armed = True
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                self._element(message.delta.new_element)

    def _element(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        inner = getattr(element, kind)
        if kind in ("alert", "progress", "markdown"):
            self.texts = [*self.texts[-20:], str(getattr(inner, "body", "") or getattr(inner, "text", ""))]
        identity = getattr(inner, "id", "")
        if identity.startswith("$$ID-"):
            key = identity.split("-", 2)[2]
            self.widgets[key] = identity
            if key == "download_png":
                self.download = inner.url
