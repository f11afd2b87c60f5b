"""Dependencies point one way, and the page is on screen before TensorFlow loads."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: From the ground up. A module imports from lower layers only; the panels of nst.ui also from each other.
LAYERS: tuple[frozenset[str], ...] = tuple(
    map(
        frozenset,
        (
            {"nst", "nst.errors", "nst.quality", "nst.progress"},
            {"nst.config", "nst.pictures.codec", "nst.plan.machine"},
            {"nst.masks.mask", "nst.plan.scales", "nst.plan.tiling", "nst.pictures.colour"},
            {"nst.masks.packed", "nst.masks.strokes", "nst.masks.selection"},
            {"nst.masks.regions", "nst.masks.editing"},
            {"nst.pictures.gallery", "nst.recipes.recipe", "nst.plan.guidance"},
            {"nst.jobs.limits", "nst.server.decoder", "nst.pictures.timelapse"},
            {"nst.plan.estimate"},
            {
                "nst.engine.losses",
                "nst.engine.vgg",
                "nst.engine.tensors",
                "nst.engine.device",
                "nst.engine.bands",
                "nst.engine.optimizers",
            },
            {"nst.engine.network", "nst.engine.tiles", "nst.engine.optimizers.base", "nst.engine.clock"},
            {"nst.engine.optimizers.lbfgs", "nst.engine.optimizers.adam"},
            {"nst.engine.targets", "nst.engine.canvas"},
            {"nst.engine.objective", "nst.engine.border"},
            {"nst.engine.descent"},
            {"nst.engine.transfer"},
            {"nst.cli.console", "nst.recipes.link", "nst.jobs.records"},
            {"nst.jobs.painter", "nst.jobs.forecast", "nst.jobs.store"},
            {"nst.jobs.job"},
            {"nst.jobs.admission", "nst.jobs.line", "nst.jobs.disk"},
            {"nst.jobs.queue"},
            {"nst.jobs.local", "nst.jobs.ray"},
            {"nst.jobs"},
            {"nst.server.settings", "nst.server.metrics", "nst.server.logs"},
            {"nst.cli.request", "nst.cli.options"},
            {"nst.cli.inputs"},
            {"nst.cli.main"},
            {"nst.__main__", "nst.ui"},
            {"app"},
        ),
    )
)

#: What the page needs before the first job; TensorFlow takes seconds to import.
LIGHT = (
    "config",
    "quality",
    "errors",
    "pictures.codec",
    "pictures.gallery",
    "recipes.recipe",
    "plan.scales",
    "plan.tiling",
    "plan.machine",
    "plan.estimate",
    "progress",
    "pictures.colour",
    "masks.mask",
    "masks.editing",
    "masks.packed",
    "masks.regions",
    "plan.guidance",
    "masks.strokes",
    "masks.selection",
    "jobs",
    "server.settings",
    "jobs.limits",
    "server.decoder",
    "pictures.timelapse",
    "server.metrics",
    "server.logs",
    "recipes.link",
    "cli.console",
    "cli.request",
    "cli.options",
    "cli.inputs",
    "cli.main",
)


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {module_name(path): path for path in [ROOT / "app.py", *sorted((ROOT / "nst").rglob("*.py"))]}


def layer(module: str) -> int:
    room = "nst.ui" if module.startswith("nst.ui.") else module
    for height, layer in enumerate(LAYERS):
        if room in layer:
            return height
    if MODULES[module].name == "__init__.py":
        return 0
    pytest.fail(f"{module} is in no layer; add it to LAYERS.")


def imported(module: str) -> Iterator[str]:
    """Every module that `module` imports anywhere in its file, lazily and for types too."""
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import hides its layer"
            assert node.module is not None
            # `from nst import jobs` imports the module nst.jobs, `from nst.jobs import JobRunner` imports nst.jobs.
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from (name if name in MODULES else node.module for name in names)


@pytest.mark.parametrize("module", MODULES)
def test_dependencies_point_one_way(module: str) -> None:
    height = layer(module)
    for name in imported(module):
        if name.split(".")[0] not in ("nst", "app"):
            continue
        assert name in MODULES, f"{module} imports {name}, which is not there"
        within_ui = module.startswith("nst.ui") and name.startswith("nst.ui")
        # A package's __init__ is below the modules in it.
        below = layer(name) < height or module.startswith(f"{name}.")
        assert below or within_ui, f"{module} must not import {name}"


def test_every_layer_still_exists() -> None:
    assert set.union(*map(set, LAYERS)) <= MODULES.keys()


@pytest.mark.parametrize("module", MODULES)
def test_only_the_page_imports_streamlit_and_only_the_engine_tensorflow(module: str) -> None:
    packages = {name.split(".")[0] for name in imported(module)}
    page = module == "app" or module.startswith("nst.ui")
    assert page or "streamlit" not in packages
    if page or module.removeprefix("nst.") in LIGHT:
        assert not packages & {"tensorflow", "keras"}


def test_light_modules_load_neither_tensorflow_nor_streamlit() -> None:
    names = ", ".join(f"nst.{name}" for name in LIGHT)
    code = f"import sys, {names}; print(*sorted({{'tensorflow', 'keras', 'streamlit'}} & sys.modules.keys()))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""
