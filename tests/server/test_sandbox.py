"""What a decoder that a hostile file has taken over can still do on this machine."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from nst.server import sandbox

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "aarch64") or sys.platform != "linux", reason="no filter for this system"
)


def confined(code: str, folder: Path) -> str:
    """Run `code` in a process that has given everything up, and return what it prints."""
    program = f"""
import os, socket, subprocess, sys, threading
from nst.server import sandbox
missing = sandbox.enter()
{code}
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_filter_is_there(tmp_path: Path) -> None:
    assert "filter of system calls" not in confined("print(missing)", tmp_path)


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "socket.socketpair()",
        "os.execv(sys.executable, [sys.executable, '-c', ''])",
        "subprocess.run([sys.executable, '-c', ''])",
        "os.fork()",
        "open('file', 'w')",
        "open('there', 'r+')",
        "os.open('file', os.O_CREAT)",
        "os.remove('there')",
        "os.rename('there', 'elsewhere')",
        "os.mkdir('folder')",
        "os.symlink('there', 'link')",
        "os.kill(os.getppid(), 0)",
        "os.chmod('there', 0o777)",
    ],
)
def test_it_is_refused(attempt: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("as it was")
    code = f"""
try:
    {attempt}
except PermissionError:
    print("refused")
"""
    assert confined(code, tmp_path) == "refused"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"there": "as it was"}


def test_reading_and_threads_still_work(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("as it was")
    code = """
thread = threading.Thread(target=lambda: print(open("there").read()))
thread.start()
thread.join()
"""
    assert confined(code, tmp_path) == "as it was"


def test_what_another_system_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert sandbox.enter() == sandbox.PROTECTIONS
