"""Writes down what a Python process asks of other machines: put this folder first on PYTHONPATH, and NST_WATCH.

UDP sockets are left out: connecting one sends nothing.
"""

import os
import socket
import sys


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        target = arguments[0]
    elif event == "socket.connect":
        connecting, address = arguments
        if not isinstance(connecting, socket.socket) or connecting.type & socket.SOCK_DGRAM:
            return
        target = address[0] if isinstance(address, tuple) else ""
    else:
        return
    if target not in (None, "", b"", "127.0.0.1", "::1", "localhost", "0.0.0.0", "::"):
        with open(os.environ["NST_WATCH"], "a") as file:
            file.write(f"{event} {target!r}\n")


sys.addaudithook(_watch)
