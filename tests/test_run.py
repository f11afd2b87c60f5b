"""The command that runs the tests: what it leaves out is said, and nothing of the system is installed unasked."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import run

ROOT = Path(__file__).parent.parent


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Every command that would have been run, on a machine without a browser and nginx."""
    called: list[tuple[str, ...]] = []

    def note(command: tuple[str, ...], **_: object) -> subprocess.CompletedProcess[bytes]:
        called.append(tuple(command))
        return subprocess.CompletedProcess(command, 0, b"", b"")

    monkeypatch.setattr(subprocess, "run", note)
    monkeypatch.setattr(shutil, "which", lambda name, path=None: name if name in ("apt-get", "sudo") else None)
    return called


def of_pytest(commands: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return what pytest was given."""
    return next(command[3:] for command in commands if command[2] == "pytest")


def words(commands: list[tuple[str, ...]]) -> str:
    return "\n".join(" ".join(command) for command in commands)


def test_every_check_and_every_test_runs_and_nothing_of_the_system_is_installed(
    commands: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["-k", "gallery"]) == 0
    assert "apt-get" not in words(commands)
    assert [command[2] for command in commands[:3]] == ["pip", "ruff", "ruff"]
    assert sorted(command[2] for command in commands[3:]) == ["mypy", "pytest"]
    assert of_pytest(commands) == (*run.SIDE_BY_SIDE, "-k", "gallery")
    assert "Expected chromium and nginx on this machine" in capsys.readouterr().out


def test_system_packages_are_installed_when_asked_for(commands: list[tuple[str, ...]]) -> None:
    assert run.main(["--install-system"]) == 0
    assert "apt-get install -y -qq --no-install-recommends chromium nginx" in words(commands)


def test_a_group_is_left_out_when_asked_for(
    commands: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["--without", "page", "--without", "cluster"]) == 0
    assert of_pytest(commands) == ("-m", "not page and not cluster")
    assert "chromium" not in capsys.readouterr().out


def test_fast_checks_all_and_installs_nothing(commands: list[tuple[str, ...]]) -> None:
    assert run.main(["fast", "-k", "gallery"]) == 0
    assert sorted(command[2] for command in commands) == ["mypy", "pytest", "ruff", "ruff"]
    assert of_pytest(commands) == ("-m", "not engine and not page and not cluster and not slow", "-k", "gallery")


@pytest.mark.parametrize(("broken", "expected"), [("mypy", 2), ("pytest", 3), ("ruff", 4)])
def test_whatever_fails_the_command_fails(broken: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(command: tuple[str, ...], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, expected if broken in command else 0, "", "")

    monkeypatch.setattr(subprocess, "run", fail)
    try:
        status: object = run.main(["fast"])
    except SystemExit as end:
        status = end.code
    assert status == expected


@pytest.mark.slow
def test_what_is_left_out_is_counted() -> None:
    arguments = (
        "tests/test_run.py",
        "tests/jobs/test_cluster.py",
        "-m",
        "not cluster",
        "-k",
        "installs_nothing or joins",
    )
    done = subprocess.run((sys.executable, "-m", "pytest", *arguments), cwd=ROOT, capture_output=True, text=True)
    assert re.search(r"\d cluster", done.stdout.split("Left out: ")[1]), done.stdout
