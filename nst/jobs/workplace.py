"""The folder in which a job's film is painted: whoever goes on with the job after a restart finds its frames there."""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX, _LOCK = "nst-film-", "lock"


@contextmanager
def workplace(job_id: str) -> Iterator[Path]:
    """Lend a folder for a job's files, removed when the work within has ended; it stays if the process ends first.

    For the same job it is the same one, unless another worker, taken for lost, is still in it.
    """
    folder = place_of(job_id)
    handle = _held(folder)
    if handle is None:
        with tempfile.TemporaryDirectory(prefix=_PREFIX) as fresh:
            yield Path(fresh)
        return
    try:
        try:
            yield folder
        except Exception:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def place_of(job_id: str) -> Path:
    """Return where the folder of a job is; its name does not tell the id, which is a secret."""
    name = hashlib.sha256(f"film {job_id}".encode()).hexdigest()[:32]
    return Path(tempfile.gettempdir()) / f"{_PREFIX}{name}"


def _held(folder: Path) -> int | None:
    """Make the folder and return a handle that holds it; None if it is somebody else's or in use."""
    try:
        import fcntl
    except ImportError:  # Windows, where what a killed server leaves is not found again
        return None
    handle = None
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
            return None
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if (folder / _LOCK).stat().st_ino == os.fstat(handle).st_ino:
            return handle
    except OSError:
        pass
    if handle is not None:
        os.close(handle)
    return None
