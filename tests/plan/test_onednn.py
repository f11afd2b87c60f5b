"""TensorFlow is told to use oneDNN, in time, where that is of use, and unless the user has said otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nst.plan.onednn import SWITCH, enable, has_avx512, is_on

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
    "command line": "from nst.cli.run import load_engine; load_engine()",
    "page": "from nst.config import RunOptions; from nst.ui.warmup import load_network; load_network(RunOptions())",
}


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("baseline", "found", "not_found", "expected"),
    [
        (["SSE"], ["AVX2", "AVX512F"], [], True),
        (["X86_V2"], ["X86_V3", "X86_V4"], ["AVX512_ICL"], True),
        (["X86_V2"], ["X86_V3"], ["X86_V4", "AVX512_SPR"], False),
        (["X86_V4"], [], [], True),
        (["SSE"], [], [], None),  # built without looking for any
    ],
)
def test_avx512_is_known_by_numpy_of_every_version(
    baseline: list[str],
    found: list[str],
    not_found: list[str],
    expected: bool | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extensions = {"baseline": baseline, "found": found, "not found": not_found}
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    monkeypatch.setattr("numpy.show_config", lambda mode: {"SIMD Extensions": extensions})
    assert has_avx512() is expected


def test_avx512_that_onednn_may_not_use_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert has_avx512() is False


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="only Linux says it in a file")
def test_numpy_and_the_system_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    if has_avx512() is not None:
        assert has_avx512() == (" avx512f " in Path("/proc/cpuinfo").read_text())


def test_other_processors_have_none_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert has_avx512() is None
    assert not is_on()
