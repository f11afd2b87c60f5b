"""TensorFlow is told to use oneDNN, in time, where that is of use, and unless the user has said otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nst.plan.onednn import SWITCH, enable

ROOT = Path(__file__).parents[2]

#: Prints the switch as it stands when TensorFlow is asked for, and ends there.
WATCH = f"""
import os, sys
class Watch:
    def find_spec(self, name, *_):
        if name == "tensorflow":
            print(os.environ.get("{SWITCH}"), flush=True)
            os._exit(0)
sys.meta_path.insert(0, Watch())
"""

#: The library, the jobs (in the page's process or on a cluster), the command line, the page's start.
ENTRIES = {
    "library": "from nst.engine.transfer import stylize",
    "single module": "import nst.engine.losses",
    "jobs": "from nst.jobs.painter import warm_up; warm_up()",
    "command line": "from nst.cli.main import load_engine; load_engine()",
    "page": "from nst.config import RunOptions; from nst.ui.warmup import load_network; load_network(RunOptions())",
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_it_is_switched_on_before_tensorflow_is_imported(entry: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != SWITCH}
    code = f"{WATCH}\nimport platform\nplatform.machine = lambda: 'x86_64'\n{entry}"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert result.stdout.split() == ["1"], result.stderr


@pytest.mark.parametrize(("machine", "expected"), [("x86_64", "1"), ("AMD64", "1"), ("arm64", None), ("", None)])
def test_only_x86_is_switched(machine: str, expected: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "x")
    monkeypatch.delenv(SWITCH)
    monkeypatch.setattr("platform.machine", lambda: machine)
    enable()
    assert os.environ.get(SWITCH) == expected


def test_the_users_own_choice_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    enable()
    assert os.environ[SWITCH] == "0"
