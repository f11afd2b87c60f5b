"""Packages depend in one direction, and the page is on screen before TensorFlow loads."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: A room imports only from rooms before it; those of one row not from each other.
ROOMS = (
    {"errors", "layers"},
    {"progress"},
    {"config"},
    {"pictures"},
    {"masks", "weights"},
    {"plan"},
    {"recipes", "engine"},
    {"video"},
    {"jobs", "cli"},
    {"server"},
    {"ui"},
)
FLOORS = {room: floor for floor, rooms in enumerate(ROOMS) for room in rooms}

#: The command itself, which starts what it is asked for.
ABOVE = ("nst.__main__",)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in sorted((ROOT / "nst").rglob("*.py"))}
ROOMED = [module for module in MODULES if module != "nst" and module not in ABOVE]


def room(module: str) -> str:
    """The room of a module: the part of its name after nst."""
    return module.split(".")[1]


def imported(module: str) -> Iterator[tuple[str, bool]]:
    """Every module that `module` imports anywhere in its file, and whether at the time of its own import."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    at_import = set(map(id, _at_import(tree)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in at_import) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import hides its room"
            assert node.module is not None
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield (name if name in MODULES else node.module), id(node) in at_import


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """The statements that run when a module is imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _at_import(node)


@pytest.mark.parametrize("module", ROOMED)
def test_a_room_imports_only_from_rooms_before_it(module: str) -> None:
    assert room(module) in FLOORS, f"{module} is in no room; add its package to ROOMS."
    for name, _ in imported(module):
        if name.split(".")[0] != "nst" or name == "nst":
            continue
        assert name in MODULES, f"{module} imports {name}, which is not there"
        same = room(name) == room(module)
        assert same or FLOORS[room(name)] < FLOORS[room(module)], f"{module} must not import {name}"


def test_every_room_is_there() -> None:
    assert {room(module) for module in ROOMED} == FLOORS.keys()


@pytest.mark.parametrize("module", ROOMED)
def test_only_the_page_imports_streamlit_and_only_the_engine_tensorflow(module: str) -> None:
    packages = {name.split(".")[0] for name, _ in imported(module)}
    assert room(module) == "ui" or "streamlit" not in packages
    at_import = {name.split(".")[0] for name, now in imported(module) if now}
    assert room(module) == "engine" or not at_import & {"tensorflow", "keras"}


def test_what_comes_before_the_engine_and_the_page_loads_neither_tensorflow_nor_streamlit() -> None:
    light = [name for name in ROOMED if room(name) not in ("engine", "ui") and name != "nst.jobs.ray"]
    names = ", ".join(light)
    code = f"import sys, {names}; print(*sorted({{'tensorflow', 'keras', 'streamlit'}} & sys.modules.keys()))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""
