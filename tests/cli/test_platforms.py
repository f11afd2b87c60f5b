"""The command line where the system has not what Linux has."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

#: Python as it is under Windows, as far as it can be had here: without what `signal`, `os` and the library lack there,
#: and without /proc.
WINDOWS = """
import os, signal, sys
from pathlib import Path
del signal.SIGHUP, os.sched_getaffinity, os.sysconf, os.nice
sys.modules["fcntl"] = sys.modules["resource"] = None
reading = Path.read_text
def read_text(path, *settings, **named):
    if str(path).startswith(("/proc", "/sys")):
        raise FileNotFoundError(path)
    return reading(path, *settings, **named)
Path.read_text = read_text
from nst.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_picture_is_painted_where_nothing_of_linux_is_there(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    asked = ["pagoda", "irises", "-o", str(out), "--size", "64", "--steps", "2", "--quiet"]
    done = subprocess.run([sys.executable, "-c", WINDOWS, *asked], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert max(Image.open(out).size) == 64
