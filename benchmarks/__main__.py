"""The whole suite: ``python -m benchmarks``, or some of its parts: ``python -m benchmarks rate start``.

Each part runs alone in its own process and writes its record, `benchmarks/<part>.json`. ``--plots`` draws the plots and
``--tables`` prints the Markdown tables of the records that are there, without measuring anything again.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.quality import ROOT, said

FOLDER = Path(__file__).parent
#: Records of tiny settings, which prove only that everything runs; git ignores them.
QUICK_FOLDER = FOLDER / "quick"

#: The parts in order, and their tiny settings.
PARTS = {
    "quality": "--pairs 1 --size 96 --evaluations 12 --steps 4",
    "rate": "--size 96 --matmul 512 --rounds 2",
    "size": "--sizes 96 128 --evaluations 2",
    "start": "--size 96 --runs 1",
    "soak": "--jobs 4 --steps 1",
}
#: Those that print tables.
TABLES = ("quality", "rate", "start")


def measure(parts: list[str], folder: Path, quick: bool) -> list[str]:
    """Run the parts one after the other and return the names of those that failed."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    for part in parts:
        settings = PARTS[part].split() if quick else []
        began = time.perf_counter()
        said(f"{part}:")
        command = [sys.executable, "-m", f"benchmarks.{part}", *settings, "--output", str(folder / f"{part}.json")]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        if subprocess.run(command, cwd=ROOT, env=environment).returncode != 0:
            failed.append(part)
        said(f"{part}: {time.perf_counter() - began:.0f} s")
    return failed


def tables(folder: Path) -> None:
    """Print the Markdown tables of the records in a folder."""
    for part in TABLES:
        record = folder / f"{part}.json"
        if record.exists():
            print(import_module(f"benchmarks.{part}").report(json.loads(record.read_text())))


def main() -> int:
    """Measure, draw or print, and return 1 if a part failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all of them)")
    parser.add_argument("--quick", action="store_true", help="tiny settings: whether all of it runs, and no figures")
    parser.add_argument("--folder", type=Path, help="of the records (default: benchmarks, or with --quick its quick)")
    parser.add_argument("--plots", action="store_true", help="only draw the plots, into the folder's plots")
    parser.add_argument("--tables", action="store_true", help="only print the tables")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"PART: expected some of {', '.join(PARTS)}, got {unknown[0]!r}")
    folder = (options.folder or (QUICK_FOLDER if options.quick else FOLDER)).resolve()
    if options.plots:
        from benchmarks.plots import draw

        draw(folder)
    if options.tables:
        tables(folder)
    if options.plots or options.tables:
        return 0
    failed = measure(options.parts or list(PARTS), folder, options.quick)
    if failed:
        said(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
