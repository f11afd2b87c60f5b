"""What is said to be free, and how much of it a run takes."""

import os
import sys
from pathlib import Path

import pytest

from nst.plan import machine

#: A computer with 64 GB free.
MEMINFO = "MemTotal: 70000000 kB\nMemAvailable: 62500000 kB\n"
FREE = 64 * 10**9


def test_what_is_asked_for_is_the_budget() -> None:
    assert machine.budget(6000) == 6_000_000_000


def test_the_budget_is_a_share_of_what_is_free_and_what_the_process_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_memory", lambda: 900)
    monkeypatch.setattr(machine, "own_memory", lambda: 100)
    assert machine.budget(0) == 800


def test_this_process_and_this_computer_have_memory() -> None:
    assert 10**7 < machine.own_memory() < 10**11
    assert 0 < machine.free_memory() < 10**14


# Control groups: the files of real computers, below a folder


def _tree(root: Path, groups: str, **files: str) -> Path:
    """Write /proc of a process in these groups, and files of /sys/fs/cgroup by their paths."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(MEMINFO)
    (root / "proc/self/cgroup").write_text(groups)
    return _written(root, files)


def _written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / "sys/fs/cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    return root


SERVICE = "system.slice/nst.service"

LAYOUTS = {
    "docker, version 2": ("0::/\n", {"memory.max": "8000000000", "memory.current": "3000000000"}, 5 * 10**9),
    "a service with MemoryMax": (
        f"0::/{SERVICE}\n",
        {
            f"{SERVICE}/memory.max": "8000000000",
            f"{SERVICE}/memory.high": "max",
            f"{SERVICE}/memory.current": "2000000000",
            "system.slice/memory.max": "max",
            "system.slice/memory.current": "9000000000",
        },
        6 * 10**9,
    ),
    "a slice tighter than its service": (
        f"0::/{SERVICE}\n",
        {
            f"{SERVICE}/memory.max": "8000000000",
            f"{SERVICE}/memory.current": "1000000000",
            "system.slice/memory.max": "10000000000",
            "system.slice/memory.current": "9000000000",  # another server's
        },
        10**9,
    ),
    "MemoryHigh below MemoryMax": (
        f"0::/{SERVICE}\n",
        {
            f"{SERVICE}/memory.max": "8000000000",
            f"{SERVICE}/memory.high": "6000000000",
            f"{SERVICE}/memory.current": "1000000000",
        },
        5 * 10**9,
    ),
    "files that were read": (
        "0::/\n",
        {
            "memory.max": "8000000000",
            "memory.current": "7000000000",
            "memory.stat": "anon 3000000000\ninactive_file 4000000000",
        },
        5 * 10**9,
    ),
    "version 1": (
        "5:cpu,cpuacct:/batch\n4:memory:/batch/one\n",
        {
            "memory/memory.limit_in_bytes": "9223372036854771712",
            "memory/memory.usage_in_bytes": "20000000000",
            "memory/batch/one/memory.limit_in_bytes": "4000000000",
            "memory/batch/one/memory.usage_in_bytes": "1500000000",
        },
        2_500_000_000,
    ),
    "docker, version 1, which shows the computer's path": (
        "4:memory:/docker/0123abcd\n",
        {"memory/memory.limit_in_bytes": "4000000000", "memory/memory.usage_in_bytes": "1000000000"},
        3 * 10**9,
    ),
    "hybrid": (
        f"4:memory:/{SERVICE}\n1:name=systemd:/{SERVICE}\n0::/{SERVICE}\n",
        {
            f"unified/{SERVICE}/cgroup.procs": "1",
            f"memory/{SERVICE}/memory.limit_in_bytes": "7000000000",
            f"memory/{SERVICE}/memory.usage_in_bytes": "6000000000",
        },
        10**9,
    ),
    "more taken than allowed": ("0::/\n", {"memory.max": "500", "memory.current": "1000"}, 0),
    "no bound": ("0::/user.slice\n", {"user.slice/memory.max": "max", "user.slice/memory.current": "1000"}, FREE),
    "outside of the namespace": ("0::/../other\n", {"memory.max": "3000", "memory.current": "1000"}, 2000),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_free_is_what_the_tightest_group_leaves(layout: str, tmp_path: Path) -> None:
    groups, files, free = LAYOUTS[layout]
    assert machine.free_memory(_tree(tmp_path, groups, **files)) == free


def test_without_proc_the_memory_is_what_psutil_says(tmp_path: Path) -> None:
    [line] = [each for each in Path("/proc/meminfo").read_text().splitlines() if each.startswith("MemAvailable:")]
    # One after the other: other programs take and return memory meanwhile.
    assert machine.free_memory(tmp_path) == pytest.approx(1024 * int(line.split()[1]), rel=0.1)


def test_without_proc_and_psutil_a_modest_memory_is_taken_for_granted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert machine.free_memory(tmp_path) == machine.UNKNOWN_MEMORY


@pytest.mark.parametrize(
    ("groups", "files", "expected"),
    [
        (f"0::/{SERVICE}\n", {f"{SERVICE}/cpu.max": "250000 100000"}, 3),
        (f"0::/{SERVICE}\n", {f"{SERVICE}/cpu.max": "max 100000", "system.slice/cpu.max": "100000 100000"}, 1),
        ("0::/\n", {"cpu.max": "20000 100000"}, 1),
        ("3:cpu,cpuacct:/a\n", {"cpu/a/cpu.cfs_quota_us": "400000", "cpu/a/cpu.cfs_period_us": "100000"}, 4),
        ("3:cpu:/a\n", {"cpu/a/cpu.cfs_quota_us": "-1", "cpu/a/cpu.cfs_period_us": "100000"}, 8),
        ("3:memory:/a\n", {}, 8),
    ],
)  # fmt: skip
def test_the_processors_are_those_of_the_quota(
    groups: str, files: dict[str, str], expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert machine.processors(_tree(tmp_path, groups, **files)) == expected


def test_without_affinity_and_proc_all_processors_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert machine.processors(tmp_path) == 6


def _without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", lambda *_: (_ for _ in ()).throw(FileNotFoundError()))


def test_without_proc_own_memory_is_what_psutil_says(monkeypatch: pytest.MonkeyPatch) -> None:
    by_proc = machine.own_memory()
    _without_proc(monkeypatch)
    assert machine.own_memory() == pytest.approx(by_proc, rel=0.1)


def test_own_memory_is_nothing_where_the_system_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_proc(monkeypatch)
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert machine.own_memory() == 0
