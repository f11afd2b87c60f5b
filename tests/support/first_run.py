"""What a page sends over its websocket when it is opened, without a browser."""

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol


def first_run(port: int, cookie: str = "", seconds: float = 240.0) -> list[ForwardMsg]:
    """The messages from the start to the end of the page's first run."""
    with opened(port, cookie, seconds=seconds) as messages:
        return messages


@contextmanager
def opened(port: int, cookie: str = "", session: str = "", seconds: float = 240.0) -> Iterator[list[ForwardMsg]]:
    """Keep a tab open, and give the messages of its first run.

    Args:
        session: The tab's session, if it had a connection before.
    """
    messages: list[ForwardMsg] = []
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    said = [Subprotocol(each) for each in ("streamlit", "none", session) if each]
    with connect(address, subprotocols=said, max_size=None, additional_headers={"Cookie": cookie}) as socket:
        message = BackMsg()
        message.rerun_script.query_string = ""
        socket.send(message.SerializeToString())
        while not messages or messages[-1].WhichOneof("type") != "script_finished":
            messages.append(ForwardMsg())
            messages[-1].ParseFromString(socket.recv(timeout=seconds))
        yield messages
