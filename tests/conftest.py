"""Set before any test imports NumPy, TensorFlow or Ray; and which tests are left out by ``tests/run.py fast``."""

import os
import secrets
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

from benchmarks.serving import Server

# NumPy's own thread pool and TensorFlow's would fight over the same few cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The servers that tests start leave nothing in the user's home.
os.environ.setdefault("NST_STATE", "off")
# As hosting/README.md has it for several machines; the token is for these tests alone.
os.environ["RAY_AUTH_MODE"] = "token"
os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
# Else Ray's workers stand back behind everything, and so behind the tests that run beside these.
os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 - Ray spells it so

TESTS = Path(__file__).parent
#: What every test of a folder needs; a test or a file elsewhere marks itself.
MARKERS = {"engine": "engine", "ui": "page", "hosting": "page"}
#: Tests of these folders that need it not.
UNMARKED = {"ui/test_presence.py"}

LEFT_OUT = pytest.StashKey[Counter[str]]()
FOLDERS = pytest.StashKey[set[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = Counter()
    config.stash[FOLDERS] = set()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out unread what ``-m "not engine"`` would leave out anyway: reading it takes TensorFlow and seconds."""
    path = collection_path.relative_to(TESTS) if collection_path.is_relative_to(TESTS) else Path()
    if path.suffix != ".py" or path.parts[0] not in MARKERS or path.as_posix() in UNMARKED:
        return None
    if f"not {MARKERS[path.parts[0]]}" not in config.option.markexpr:
        return None
    config.stash[FOLDERS].add(path.parts[0])
    return True


# First, so that `-m` sees the markers.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = item.path.relative_to(TESTS)
        if path.parts[0] in MARKERS and path.as_posix() not in UNMARKED:
            item.add_marker(MARKERS[path.parts[0]])
        # Side by side, files go to the processes as wholes; what starts servers or a cluster is at no time there twice.
        alone = next((name for name in ("cluster", "page") if item.get_closest_marker(name)), path.as_posix())
        item.add_marker(pytest.mark.xdist_group(alone))


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        group = "/".join(
            mark.name for mark in item.iter_markers() if mark.name in ("engine", "page", "cluster", "slow")
        )
        item.config.stash[LEFT_OUT][group or "unmarked"] += 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the servers of a failed test have said."""
    report = yield
    if report.failed:
        servers = (each for each in getattr(item, "funcargs", {}).values() if isinstance(each, Server))
        report.sections.extend((f"log of the server at {server.address}", server.said()) for server in servers)
    return report


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was not run: a test that nobody misses is worth nothing."""
    left_out = config.stash[LEFT_OUT]
    if left_out:
        each = ", ".join(f"{count} {group}" for group, count in sorted(left_out.items()))
        terminalreporter.write_line(f"Left out: {left_out.total()} tests ({each}).", yellow=True)
    if folders := config.stash[FOLDERS]:
        terminalreporter.write_line(f"Left out unread: the tests in {', '.join(sorted(folders))}.", yellow=True)
