"""A process that gives up, for good, what it does not need to decode a picture: the network, other programs, writing.

Two things of Linux, each where the system allows it: a network namespace of its own, in which there is no network, and
a filter of system calls (seccomp). The filter is written by hand: a list of calls that decoding never makes.
"""

import ctypes
import errno
import platform
import struct
import sys

#: The protections by the names that the log calls them by.
PROTECTIONS = ("network namespace", "filter of system calls")

_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_THREAD = 0x10000000, 0x40000000, 0x10000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000

#: Flags with which a file is opened for more than reading: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC.
_WRITING = 0o1 | 0o2 | 0o100 | 0o1000

# Of classic BPF: load a word of seccomp_data, return, jump if equal, at least, or any bit is set.
_LOAD, _RETURN, _EQUAL, _AT_LEAST, _ANY = 0x20, 0x06, 0x15, 0x35, 0x45
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

#: By the machine: its number in the kernel's audit, and the calls by theirs.
_MACHINES: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (0xC000003E, {
        "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "bind": 49, "listen": 50,
        "socketpair": 53, "accept4": 288, "sendmmsg": 307, "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
        "kill": 62, "tkill": 200, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
        "pidfd_open": 434, "pidfd_getfd": 438, "creat": 85, "truncate": 76, "ftruncate": 77, "rename": 82,
        "renameat": 264, "renameat2": 316, "mkdir": 83, "mkdirat": 258, "mknod": 133, "mknodat": 259, "rmdir": 84,
        "link": 86, "linkat": 265, "unlink": 87, "unlinkat": 263, "symlink": 88, "symlinkat": 266, "chmod": 90,
        "fchmod": 91, "fchmodat": 268, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260, "mount": 165,
        "umount2": 166, "chroot": 161, "pivot_root": 155, "unshare": 272, "setns": 308, "bpf": 321,
        "perf_event_open": 298, "io_uring_setup": 425, "add_key": 248, "request_key": 249, "keyctl": 250,
        "userfaultfd": 323, "open": 2, "openat": 257, "openat2": 437, "clone": 56, "clone3": 435,
    }),
    "aarch64": (0xC00000B7, {
        "socket": 198, "connect": 203, "accept": 202, "sendto": 206, "sendmsg": 211, "bind": 200, "listen": 201,
        "socketpair": 199, "accept4": 242, "sendmmsg": 269, "execve": 221, "execveat": 281, "kill": 129,
        "tkill": 130, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_open": 434,
        "pidfd_getfd": 438, "truncate": 45, "ftruncate": 46, "renameat": 38, "renameat2": 276, "mkdirat": 34,
        "mknodat": 33, "linkat": 37, "unlinkat": 35, "symlinkat": 36, "fchmod": 52, "fchmodat": 53, "fchown": 55,
        "fchownat": 54, "mount": 40, "umount2": 39, "chroot": 51, "pivot_root": 41, "unshare": 97, "setns": 268,
        "bpf": 280, "perf_event_open": 241, "io_uring_setup": 425, "add_key": 217, "request_key": 218, "keyctl": 219,
        "userfaultfd": 282, "openat": 56, "openat2": 437, "clone": 220, "clone3": 435,
    }),
}  # fmt: skip

#: Calls of which it depends on an argument whether they are refused: its index, the bits, and whether they allow.
_BY_ARGUMENT = {"open": (1, _WRITING, False), "openat": (2, _WRITING, False), "clone": (0, _CLONE_THREAD, True)}
#: Calls whose arguments a filter cannot see; without them the C library falls back to those that it can.
_UNKNOWN = ("openat2", "clone3")


def enter() -> tuple[str, ...]:
    """Give everything up for the rest of this process's life; return those of `PROTECTIONS` that are not to be had.

    To be called while there is one thread only, and when all that must be opened for writing has been.
    """
    if not sys.platform.startswith("linux"):
        return PROTECTIONS
    libc = ctypes.CDLL(None, use_errno=True)
    done = (libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0, _filtered(libc))
    return tuple(name for name, has in zip(PROTECTIONS, done, strict=True) if not has)


def _filtered(libc: ctypes.CDLL) -> bool:
    if platform.machine() not in _MACHINES:
        return False
    code = _program(*_MACHINES[platform.machine()])
    buffer = ctypes.create_string_buffer(code)
    # struct sock_fprog: a count of instructions, eight bytes each, and where they are.
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0) == 0)


def _program(architecture: int, numbers: dict[str, int]) -> bytes:
    """Return the filter: calls that are not named are allowed, those of another architecture end the process."""
    code = [
        _step(_LOAD, _ARCHITECTURE), _step(_EQUAL, architecture, 1, 0), _step(_RETURN, _KILL),
        # From here on x86_64 has the calls of its 32-bit variant.
        _step(_LOAD, _NUMBER), _step(_AT_LEAST, 0x40000000, 0, 1), _refused(errno.EPERM),
    ]  # fmt: skip
    for name, number in numbers.items():
        if name in _BY_ARGUMENT:
            index, bits, allows = _BY_ARGUMENT[name]
            code += [
                _step(_EQUAL, number, 0, 4), _step(_LOAD, _ARGUMENTS + 8 * index),
                _step(_ANY, bits, *((1, 0) if allows else (0, 1))), _refused(errno.EPERM), _step(_RETURN, _ALLOW),
            ]  # fmt: skip
        else:
            code += [_step(_EQUAL, number, 0, 1), _refused(errno.ENOSYS if name in _UNKNOWN else errno.EPERM)]
    return b"".join([*code, _step(_RETURN, _ALLOW)])


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction (struct sock_filter), with how many to skip."""
    return struct.pack("HBBI", operation, if_true, if_false, value)


def _refused(error: int) -> bytes:
    return _step(_RETURN, _ERRNO | error)
