"""What ``nst page`` and ``nst serve`` start; that they do is shown in tests/packaging, where they are installed."""

import runpy
import sys
from typing import Any

import pytest

from nst.ui import guards, launch


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect the command lines that Streamlit is started with, and whether its guards were there."""
    calls: list[Any] = []
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(guards, "install", lambda: calls.append("guards"))
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: calls.append([name, *sys.argv[1:]]))
    return calls


@pytest.mark.parametrize(
    ("command", "script", "first"), [("page", "app.py", ()), ("serve", "serve.py", ("--server.headless=true",))]
)
def test_streamlit_runs_the_script_with_the_users_options_last(
    command: str, script: str, first: tuple[str, ...], started: list[Any]
) -> None:
    assert launch.launch(command, ["--server.port", "8600"]) == 0
    path = launch.entry_folder() / script
    assert path.is_file()
    assert (path.parent / ".streamlit" / "config.toml").is_file()
    assert started == ["guards", ["streamlit", "run", str(path), *first, "--server.port", "8600"]]


def test_without_streamlit_its_name_is_in_the_error(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError) as caught:
        launch.launch("page", [])
    assert caught.value.name == "streamlit"
    assert started == []
