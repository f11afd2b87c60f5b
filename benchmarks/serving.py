"""A page's server of one's own, as the README starts it: for the benchmarks and the tests that visit one."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: Seconds after which a server that does not answer is given up; a busy machine loads the network in minutes.
PATIENCE = 300.0
HEALTH, READY = "/_stcore/health", "/readyz"


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server on a port of its own, which it keeps when it is started again.

    Attributes:
        port: The free port that was found.
        address: The page's address.
        script: What it runs, relative to the repository.
        log: The file that the server's output is added to.
        process: The running or ended server; it leads a group of processes of its own.
        began: The moment of its last start, by `time.perf_counter`.
    """

    process: subprocess.Popen[bytes]
    began: float

    def __init__(self, script: str, log: Path, **settings: object) -> None:
        """Start `script`, relative to the repository, with `settings` as environment variables."""
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.script = script
        self._settings = {name: str(value) for name, value in settings.items()}
        self.start()

    def start(self) -> None:
        """Start the server, or start it again; it need not answer yet."""
        options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={self.port}"]
        defaults = {"TF_CPP_MIN_LOG_LEVEL": "3", "NST_STATE": "off", "PYTHONPATH": str(ROOT)}
        self.began = time.perf_counter()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", self.script, *options],
                cwd=ROOT,
                env={**os.environ, **defaults, **self._settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def answers(self, path: str = HEALTH) -> bool:
        """Return whether the server answers a request for `path` with success."""
        with suppress(OSError), urllib.request.urlopen(f"{self.address}{path}", timeout=30) as response:
            return bool(response.status == 200)
        return False

    def wait(self, path: str = HEALTH, seconds: float = PATIENCE, pause: float = 0.05) -> None:
        """Wait until `path` is answered with success.

        Raises:
            RuntimeError: If the server has ended by itself; the message has the end of its log.
            TimeoutError: If there is no such answer within `seconds`, likewise.
        """
        while not self.answers(path):
            if self.process.poll() is not None:
                raise RuntimeError(f"Expected a server, but it has ended by itself. Its log:\n{self.said()}")
            if time.perf_counter() - self.began > seconds:
                raise TimeoutError(
                    f"Expected the server to answer {path} within {seconds:.0f} s, got nothing. Its log:\n{self.said()}"
                )
            time.sleep(pause)

    def said(self, lines: int = 40) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    def kill(self) -> None:
        """Kill the server alone, without notice, as the system does when memory is short."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the server and all that it has started."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(script: str = "app.py", ready: str | None = HEALTH, **settings: object) -> Iterator[Server]:
    """Start a server, wait until `ready` is answered unless it is None, and stop the server at the end."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(script, Path(folder) / "log", **settings)
        try:
            if ready is not None:
                server.wait(ready)
            yield server
        finally:
            server.stop()
