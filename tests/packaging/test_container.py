"""What can be known of the container without a daemon that builds it."""

import fnmatch
import json
import re
import shlex
import urllib.request
from pathlib import Path

import pytest

from tests.packaging.installed import Installed, free_port

ROOT = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, each with its arguments on one line."""
    text = (ROOT / "hosting" / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, arguments) for name, _, arguments in (line.partition(" ") for line in lines)]


def arguments_of(name: str) -> list[str]:
    return [arguments for each, arguments in instructions() if each == name]


def reaches_the_build(path: str) -> bool:
    """Whether .dockerignore, which keeps everything out, lets a path in."""
    rules = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in rules
    return any(fnmatch.fnmatch(path, rule[1:]) for rule in rules if rule.startswith("!"))


def test_every_file_that_is_copied_exists_and_reaches_the_build() -> None:
    sources = [
        source
        for arguments in arguments_of("COPY")
        if not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    ]
    assert {"nst", "presets", ".streamlit", "requirements.lock"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert reaches_the_build(source), source


def test_the_build_copies_all_that_the_wheel_is_made_of() -> None:
    copied = {source for arguments in arguments_of("COPY") for source in arguments.split()[:-1]}
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    files = set(re.findall(r'"((?:tests/)?requirements[^"]*\.txt)"', text))
    assert files <= copied
    assert {"LICENSE", "NOTICE", "README.md", "app.py", "serve.py"} <= copied


def test_it_runs_as_an_ordinary_user_who_owns_the_state() -> None:
    assert arguments_of("USER")[-1] == "1000"
    assert any("--uid 1000 nst" in each and "-o nst -g nst" in each for each in arguments_of("RUN"))
    assert arguments_of("VOLUME") == ["/var/lib/nst"]
    assert "NST_STATE=/var/lib/nst" in arguments_of("ENV")[0].split()
    assert arguments_of("EXPOSE") == ["8501"]


@pytest.mark.page
@pytest.mark.slow
def test_its_command_starts_where_the_project_is_installed_and_is_healthy(installed: Installed) -> None:
    port = free_port()
    command = [each.replace("8501", str(port)) for each in json.loads(arguments_of("CMD")[-1])]
    with installed.serving(command, "/healthz", port):
        check = json.loads(arguments_of("HEALTHCHECK")[0].partition("CMD ")[2])
        assert installed.run(*(each.replace("8501", str(port)) for each in check)).returncode == 0
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            assert answer.read() == b"ok\n"
    assert installed.run(*check).returncode != 0


def test_what_it_installs_is_the_project_within_the_lock() -> None:
    (install,) = (shlex.split(each) for each in arguments_of("RUN") if "pip install" in each)
    assert install[-3:] == ["-c", "requirements.lock", "."]


def test_compose_bounds_the_memory_and_keeps_the_state() -> None:
    text = (ROOT / "hosting" / "compose.yaml").read_text("utf-8")
    settings = dict(re.findall(r"^    ([a-z_]+): (\S+)$", text, re.M))
    assert settings["mem_limit"] == settings["memswap_limit"] == "8g"
    assert re.search(r"^      - state:/var/lib/nst$", text, re.M)
    assert re.search(r"^volumes:\n  state:$", text, re.M)
    assert (ROOT / re.findall(r"^      dockerfile: (\S+)$", text, re.M)[0]).exists()
    assert "\t" not in text
