"""Install what the tests need into this Python, then run every check and every test: ``python tests/run.py``.

Further arguments go to pytest: ``python tests/run.py -k gallery``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
)


def main() -> int:
    """Return 0 if everything passed, else the exit status of what failed."""
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "tests/requirements.txt"
    )
    if not any(shutil.which(browser) for browser in BROWSERS):
        install("chromium", "The page's tests need a chromium browser on the PATH")
    if shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        install("nginx", "The tests of hosting/nginx.conf need nginx")
    for check in CHECKS:
        run(sys.executable, "-m", *check)
    return subprocess.run((sys.executable, "-m", "pytest", *sys.argv[1:]), cwd=ROOT).returncode


def install(package: str, need: str) -> None:
    """Install one of the system's packages if that is possible; without it the tests that need it will fail."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        command = [*as_root, "apt-get", *arguments]
        print("+", *command, flush=True)
        if shutil.which(command[0]) is None or subprocess.run(command, stdin=subprocess.DEVNULL).returncode != 0:
            print(f"{need}, and it could not be installed.", flush=True)
            return


def run(*command: str) -> None:
    """Run a command in the repository and stop with its exit status if it fails."""
    print("+", *command, flush=True)
    status = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode
    if status != 0:
        sys.exit(status)


if __name__ == "__main__":
    sys.exit(main())
