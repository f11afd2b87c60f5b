"""What a machine has to offer: the speed of its convolutions and the memory that a run may take."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: Share of the free memory that a run takes unless it is told otherwise; others live here too.
SHARE = 0.8
#: Taken for granted where the system does not say what is free.
UNKNOWN_MEMORY = 4 * 10**9

_CGROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)


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


def budget(megabytes: int) -> int:
    """Return the bytes of memory that this process may take: what was asked for, or with 0 a safe share of what is."""
    return megabytes * 10**6 if megabytes else int(SHARE * (free_memory() + own_memory()))


def free_memory() -> int:
    """Return the bytes that new programs can have without swapping, in this container if it is one."""
    free = [UNKNOWN_MEMORY]
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")] or free
    for limit, usage in _CGROUPS:
        # "max" stands for no limit.
        with suppress(OSError, ValueError):
            free.append(int(limit.read_text()) - int(usage.read_text()))
    return max(0, min(free))


def own_memory() -> int:
    """Return the bytes of memory that this process has now, 0 where the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
