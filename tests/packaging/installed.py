"""Running the installed command, and waiting for its server."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: A generous bound: the machine may be busy.
SECONDS = 240.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Installed:
    """The project in an environment of its own.

    Attributes:
        python: The environment's Python.
        folder: An empty folder that is none of the project's.
    """

    python: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a shell in which the virtual environment is active."""
        names = ("PYTHONPATH", "PYTHONHOME", "NST_CONFIG")
        kept = {name: value for name, value in os.environ.items() if name not in names}
        path = f"{self.python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**kept, "PATH": path, "NST_STATE": str(self.folder / "state"), "TF_CPP_MIN_LOG_LEVEL": "3"}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment from the empty folder."""
        program = str(self.python.parent / command[0])
        return subprocess.run(
            [program, *command[1:]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    @contextmanager
    def serving(self, command: Sequence[str], answers: str, port: int) -> Iterator[Path]:
        """Run a server until the block ends, once it answers the path; yield the file with all it has said."""
        log = self.folder / f"log-{port}"
        with open(log, "wb") as output:
            program = str(self.python.parent / command[0])
            process = subprocess.Popen(
                [program, *command[1:]], cwd=self.folder, env=self.environment, stdout=output, stderr=output
            )
        try:
            wait_for_answer(process, f"http://127.0.0.1:{port}{answers}", log)
            yield log
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for_answer(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Poll an address until it answers with success; a server that has ended fails the test at once."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server has ended by itself: {log.read_text()}"
        try:
            with urllib.request.urlopen(url, timeout=30):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer within {SECONDS} s: {log.read_text()}")
