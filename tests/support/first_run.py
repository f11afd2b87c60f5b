"""What a page sends over its websocket when it is opened, without a browser."""

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol


def first_run(port: int, cookie: str = "", seconds: float = 240.0) -> list[ForwardMsg]:
    """The messages from the start to the end of the page's first run."""
    messages: list[ForwardMsg] = []
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    with connect(
        address, subprotocols=[Subprotocol("streamlit")], max_size=None, additional_headers={"Cookie": cookie}
    ) as socket:
        message = BackMsg()
        message.rerun_script.query_string = ""
        socket.send(message.SerializeToString())
        while not messages or messages[-1].WhichOneof("type") != "script_finished":
            messages.append(ForwardMsg())
            messages[-1].ParseFromString(socket.recv(timeout=seconds))
    return messages
