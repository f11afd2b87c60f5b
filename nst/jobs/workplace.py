"""The folders in which films are painted: whoever goes on with a job after a restart finds its frames there.

A server that keeps its jobs on the disk has these folders beside them (`nst.jobs.store.Store.films`), and they go with
their jobs. Where nothing is kept, and for the workers of a cluster, they are in the system's temporary folder; what is
left behind there goes a day later.

Whoever works in one holds a lock in it, which ends with the process at the latest: nothing here removes a folder that
is in use, be it by another server.
"""

import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: What a film, and what is painted of it, are called in its folder.
SOURCE, PAINTED = "film", "painted.mp4"
_PREFIX, _LOCK = "nst-film-", "lock"

#: Seconds after which a folder that nobody works in and no job is known of is taken for left behind.
LEFT_BEHIND = 86_400.0


class Workplaces:
    """The films' folders of one server, or of all workers of one machine.

    Args:
        root: In which they are; the system's temporary folder if None.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root

    @contextmanager
    def lent(self, job_id: str) -> Iterator[Path]:
        """Lend a folder for a job's files, removed when the work within has ended; it stays if the process ends first.

        For the same job it is the same one, unless another worker, taken for lost, is still in it.
        """
        folder = place = self.place_of(job_id)
        handle = _held(place)
        if handle is None:
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._folder()))
            handle = _held(folder)
        has_ended = folder != place  # nobody would find it again
        try:
            try:
                yield folder
                has_ended = True
            except Exception:
                has_ended = True
                raise
        finally:
            if has_ended:
                shutil.rmtree(folder, ignore_errors=True)
            if handle is not None:
                os.close(handle)

    def place_of(self, job_id: str) -> Path:
        """Return where the folder of a job is; its name does not tell the id, which is a secret."""
        name = hashlib.sha256(f"film {job_id}".encode()).hexdigest()[:32]
        return self._folder() / f"{_PREFIX}{name}"

    def remove(self, job_id: str) -> None:
        """Remove the folder of a job that nobody will go on with; harmless if there is none, or somebody is in it."""
        _remove(self.place_of(job_id))

    def keep(self, job_ids: Collection[str]) -> None:
        """Remove all folders but those of these jobs and those that are in use."""
        kept = {self.place_of(job_id) for job_id in job_ids}
        for each in self._all():
            if each not in kept:
                _remove(each)

    def expire(self, seconds: float = LEFT_BEHIND) -> None:
        """Remove what nobody works in and what was last written to longer ago."""
        for each in self._all():
            with suppress(OSError):  # somebody else's, or gone meanwhile
                if time.time() - _written(each) > seconds:
                    _remove(each)

    def _folder(self) -> Path:
        return self._root or Path(tempfile.gettempdir())

    def _all(self) -> list[Path]:
        return sorted(self._folder().glob(f"{_PREFIX}*"))


def _written(path: Path) -> float:
    """Return when a file, or something in a folder, was last written; seconds of the calendar."""
    inside = path.iterdir() if path.is_dir() else ()
    return max(each.lstat().st_mtime for each in (path, *inside))


def _remove(path: Path) -> None:
    """Remove a folder that is this user's own and that nobody works in, or a file."""
    if path.is_file() and not path.is_symlink():  # a film that a page was reading when its server was killed
        with suppress(OSError):
            path.unlink()
    elif path.exists():
        handle = _held(path)
        if handle is not None or os.name == "nt":
            shutil.rmtree(path, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _held(folder: Path) -> int | None:
    """Make the folder and return a handle that holds it; None if it is somebody else's or in use."""
    try:
        import fcntl
    except ImportError:  # Windows, where what a killed server leaves is not found again
        return None
    handle = None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
