"""What a machine has to offer: the speed of its convolutions, its processors, and the memory that a run may take.

A service or a container has less than its computer: Linux keeps the bounds in control groups, which are nested, each
one within what the one above it leaves. They are read from this process's own group up to the root, in both versions.
Other systems have none of these files; there psutil tells the memory, and the quota is none.
"""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nst.config import RunOptions

#: Share of the free memory that a run takes unless it is told otherwise; others live here too.
SHARE = 0.8
#: Taken for granted where the system does not say what is free.
UNKNOWN_MEMORY = 4 * 10**9

#: Bytes that no run takes: the memory of a machine of which nobody knows what it has.
ENDLESS = 2**62

_ROOT = Path("/")
#: Version 1 writes about 2^63 where there is no bound; version 2 writes "max".
_UNBOUNDED = 2**60


@dataclass(frozen=True)
class _Files:
    """Where one version of the control groups keeps its figures.

    Attributes:
        limits: Of memory; the tightest counts.
        usage: What the group's processes have now.
        reclaimable: In memory.stat: files that were read and that nobody uses now; they go before a limit bites.
    """

    limits: tuple[str, ...]
    usage: str
    reclaimable: str


_VERSION_1 = _Files(("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file")
_VERSION_2 = _Files(("memory.max", "memory.high"), "memory.current", "inactive_file")


@dataclass(frozen=True)
class Machine:
    """What one process computes on.

    Attributes:
        device: E.g. ``"CPU"`` or ``"NVIDIA H200"``.
        precision: Of the convolutions, ``"float32"`` or ``"bfloat16"``.
        memory: Bytes that a run may take, the process itself included.
        rate: Floating-point operations a second of a convolution in that precision; None if not measured.
    """

    device: str
    precision: str
    memory: int
    rate: float | None = None


def assumed(options: RunOptions, *, here: bool) -> Machine:
    """Return what can be said, before anything is measured and without TensorFlow, of what paints with these options.

    Its memory is what the options allow. Where they leave it open, it is a safe share of what is free if the processors
    of this computer paint (`here`), and endless if others do, or a GPU with memory of its own. Where the precision is
    open, it is the one that needs less memory.
    """
    known = options.memory or (here and not _has_gpu())
    precision = "bfloat16" if options.precision == "auto" else options.precision
    return Machine("unknown", precision, budget(options.memory) if known else ENDLESS)


def budget(megabytes: int) -> int:
    """Return the bytes of memory that this process may take: what was asked for, or with 0 a safe share of what is.

    What is free is read anew at each call, so that programs which share a computer see what the others have taken.
    """
    return megabytes * 10**6 if megabytes else int(SHARE * (free_memory() + own_memory()))


def free_memory(root: Path = _ROOT) -> int:
    """Return the bytes that new programs can have without swapping, in the tightest control group of this process.

    Args:
        root: The folder in which ``proc`` and ``sys`` are.
    """
    left = (
        limit - usage + _reclaimable(group / "memory.stat", files.reclaimable)
        for group in _groups(root, "memory")
        for files in (_VERSION_1, _VERSION_2)
        for usage in (_whole(group / files.usage),)
        for limit in (_whole(group / name) for name in files.limits)
        if usage is not None and limit is not None and limit < _UNBOUNDED
    )
    return max(0, min((_available(root), *left)))


def processors(root: Path = _ROOT) -> int:
    """Return how many processors this process may keep busy: those it may run on, as far as its quota reaches.

    Args:
        root: The folder in which ``proc`` and ``sys`` are.
    """
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it
    shares = [float(len(affinity(0)) if affinity else os.cpu_count() or 1)]
    for group in _groups(root, "cpu"):
        with suppress(OSError, ValueError):
            quota, period = (group / "cpu.max").read_text().split()  # "max" for no quota is no number
            shares.append(int(quota) / int(period))
        quota_1, period_1 = _whole(group / "cpu.cfs_quota_us"), _whole(group / "cpu.cfs_period_us")
        if quota_1 is not None and period_1 and quota_1 > 0:  # -1 is no quota
            shares.append(quota_1 / period_1)
    return max(1, math.ceil(min(shares)))


def own_memory() -> int:
    """Return the bytes of memory that this process has now, 0 where the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with suppress(ImportError, OSError):
        import psutil

        return int(psutil.Process().memory_info().rss)
    return 0


def _has_gpu(root: Path = _ROOT) -> bool:
    """Return whether the system has a device file of an NVIDIA or AMD GPU."""
    return (root / "dev/kfd").exists() or any((root / "dev").glob("nvidia[0-9]*"))


def _available(root: Path) -> int:
    with suppress(OSError, ValueError, IndexError):
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    with suppress(ImportError, OSError):  # required where there is no such file: macOS, Windows
        import psutil

        return int(psutil.virtual_memory().available)
    return UNKNOWN_MEMORY


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of this process's control groups for a controller, each from its own up to the root.

    In a container the path may be that of its computer, and what is mounted its own group: folders that are not there
    are left out by those who read them, and the mounted root comes last.
    """
    lines: list[str] = []
    with suppress(OSError):
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    mounted = root / "sys/fs/cgroup"
    for line in lines:
        _, names, path = (*line.split(":", 2), "", "")[:3]
        if not names:  # version 2, alone or beside version 1
            mounts = [mounted, mounted / "unified"]
        elif controller in names.split(","):
            mounts = [mounted / each for each in {names, controller}]
        else:
            continue
        # Seen from outside of its own namespace a path begins with "..".
        own = PurePosixPath("/", *(part for part in PurePosixPath(path).parts if part != ".."))
        for mount in mounts:
            for group in (own, *own.parents):
                yield mount / group.relative_to("/")


def _whole(file: Path) -> int | None:
    """Return the number in a file, None if there is none."""
    with suppress(OSError, ValueError):
        return int(file.read_text())
    return None


def _reclaimable(statistics: Path, name: str) -> int:
    with suppress(OSError, ValueError, IndexError):
        for line in statistics.read_text().splitlines():
            if line.split()[0] == name:
                return int(line.split()[1])
    return 0
