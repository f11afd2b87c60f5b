"""Every requirement is written down once, and what hosts install is within it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
HOOK: dict[str, Any] = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["requirements_txt"]


def requirements(path: Path) -> Iterator[Requirement]:
    """The requirements of a file and of those that it names by -r."""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("-r "):
            yield from requirements(path.parent / line[3:])
        elif line and not line.startswith("#"):
            yield Requirement(line)


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_extras_take_all_that_their_files_install() -> None:
    own = {str(each) for name in HOOK["files"] for each in requirements(ROOT / name)}
    for files in HOOK["optional-dependencies"].values():
        # The build reads the lines of each file, but does not follow -r: then all of them have to be named.
        named = {line for name in files for line in (ROOT / name).read_text("utf-8").splitlines()}
        for name in files:
            assert {str(each) for each in requirements(ROOT / name)} <= own | {
                str(Requirement(line)) for line in named if line and not line.startswith(("#", "-"))
            }


def test_no_requirement_is_written_in_pyproject() -> None:
    assert {"dependencies", "optional-dependencies"} <= set(PROJECT["project"]["dynamic"])


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-ray.txt"])
def test_the_lock_holds_an_allowed_version_of_each_requirement(name: str) -> None:
    versions = locked()
    for requirement in requirements(ROOT / name):
        if requirement.marker is not None and not requirement.marker.evaluate({"sys_platform": "linux"}):
            continue  # the lock is for hosts, under Linux
        assert requirement.specifier.contains(versions[requirement.name]), f"renew requirements.lock: {requirement}"


def test_the_lock_holds_exact_versions_and_no_address() -> None:
    for name, version in locked().items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert re.fullmatch(r"[0-9][0-9a-z.]*", version)
