"""Run every check and every test: ``python tests/run.py``; or the quick ones: ``python tests/run.py fast``.

The first installs what the tests need into this Python, then runs ruff, mypy and all tests. ``fast`` installs nothing,
and runs ruff, mypy and the tests that need neither TensorFlow, a page, a cluster nor much time. Further arguments go to
pytest: ``python tests/run.py fast -k gallery``.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: Groups of tests, by the marker that conftest.py and the tests themselves set.
MARKERS = ("engine", "page", "cluster", "slow")
#: Two processes, each with whole files: what waits for pages and clusters leaves most of a core to the others.
SIDE_BY_SIDE = ["-n", "2", "--dist", "loadgroup"]
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if everything passed, else the exit status of what failed."""
    options, further = parser().parse_known_args(arguments)
    if further[:1] == ["fast"]:
        further = further[1:]
        left_out: tuple[str, ...] = MARKERS
    else:
        left_out = tuple(options.without)
        run(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", "tests/requirements.txt")
        need = missing()
        if options.install_system:
            install(need)
            need = missing()
        if need and "page" not in left_out:
            print(absent(need), flush=True)
    for check in CHECKS:
        run(sys.executable, "-m", *check)
    chosen = ["-m", " and ".join(f"not {marker}" for marker in left_out)] if left_out else SIDE_BY_SIDE
    # Beside the tests: without its cache mypy takes a core for most of a minute.
    with ThreadPoolExecutor(1) as beside:
        types = beside.submit(subprocess.run, (sys.executable, "-m", "mypy"), cwd=ROOT, capture_output=True, text=True)
        status = subprocess.run((sys.executable, "-m", "pytest", *chosen, *further), cwd=ROOT).returncode
        print("+ mypy", types.result().stdout, types.result().stderr, sep="\n", flush=True)
    return status or types.result().returncode


def parser() -> argparse.ArgumentParser:
    """Return the command line; what it does not know is pytest's."""
    described = argparse.ArgumentParser(
        usage="python tests/run.py [fast] [--install-system] [--without GROUP] [arguments of pytest]",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    described.add_argument(
        "--install-system", action="store_true", help="install chromium and nginx if they are missing"
    )
    described.add_argument(
        "--without", choices=MARKERS, action="append", default=[], help="leave a group of tests out; may be repeated"
    )
    return described


def missing() -> list[str]:
    """Return the packages of the system that the tests of the page need and that are not here."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin"
    programs = {"chromium": BROWSERS, "nginx": ("nginx",)}
    return [
        package for package, names in programs.items() if not any(shutil.which(name, path=places) for name in names)
    ]


def absent(packages: Sequence[str]) -> str:
    """Return the sentence about packages of the system that are missing."""
    return (
        f"Expected {' and '.join(packages)} on this machine for the tests of the page, found none, so these tests will "
        "fail: add --install-system to install it, or --without page to leave them out."
    )


def install(packages: Sequence[str]) -> None:
    """Install packages of the system with apt-get as far as that is possible."""
    if not packages:
        return
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        command = [*as_root, "apt-get", *arguments]
        print("+", *command, flush=True)
        if shutil.which(command[0]) is None or subprocess.run(command, stdin=subprocess.DEVNULL).returncode != 0:
            print(f"Expected to install {' and '.join(packages)}, but {' '.join(command)} failed.", flush=True)
            return


def run(*command: str) -> None:
    """Run a command in the repository and stop with its exit status if it fails."""
    print("+", *command, flush=True)
    status = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode
    if status != 0:
        sys.exit(status)


if __name__ == "__main__":
    sys.exit(main())
