"""The folders of nst/ui use each other in one direction only."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

UI = Path(__file__).parents[2] / "nst" / "ui"


def test_no_two_folders_import_each_other() -> None:
    uses: dict[str, set[str]] = {}
    for path in UI.glob("*/**/*.py"):
        folder = path.relative_to(UI).parts[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("nst.ui."):
                used = node.module.split(".")[2]
                if used != folder and (UI / used).is_dir():
                    uses.setdefault(folder, set()).add(used)
    assert uses
    TopologicalSorter(uses).prepare()  # raises for a circle
