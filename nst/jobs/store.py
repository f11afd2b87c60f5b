"""Jobs on the local disk, so that a restarted server goes on where the last one stopped.

A job is a folder of a few files under ``jobs/``; each is written beside its place and then moved there, so that a
server that is killed at any moment leaves whole files only. A whole folder comes and goes by one move too, from
``new/`` and to ``gone/``. The frames of films that are being painted are in ``films/``. Only the server's own user can
read them.

What cannot be read stays where it is, for the next start to try again, until it expires as everything does:

    python -m nst.jobs --expire FOLDER      # what a stopped server would remove at its next start
"""

import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np

from nst.config import FilmConfig
from nst.errors import HostingError
from nst.jobs.place import Place
from nst.jobs.records import Checkpoint, FilmClip, JobSpec, JobState, label
from nst.jobs.workplace import Workplaces
from nst.pictures.codec import encode_png, read_picture, read_recipe_text
from nst.recipes.recipe import Recipe

_SPEC, _STATE, _CHECKPOINT = "spec.npz", "state.json", "checkpoint.png"
_PNG, _JPEG, _FILM = "result.png", "result.jpg", "result.mp4"

#: Seconds for which what cannot be read is kept at least.
_DAY = 86_400.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stored:
    """A job as it was found on the disk; `state` is what `Store.save_state` was given."""

    id: str
    spec: JobSpec
    state: dict[str, Any]
    checkpoint: Checkpoint | None
    png: bytes | None
    jpeg: bytes | None
    film: bytes | None = None


class Store:
    """The folder of one server; made if it is not there.

    Args:
        folder: For this server alone; two that shared it would paint each other's jobs.

    Attributes:
        films: Folders in which films are painted; each goes with its job.

    Raises:
        HostingError: if the folder cannot be used, or another server uses it.
    """

    def __init__(self, folder: Path) -> None:
        self._jobs, self._new, self._gone, films = (folder / name for name in ("jobs", "new", "gone", "films"))
        self.films = Workplaces(films)
        try:
            for each in (self._jobs, self._new, self._gone, films):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            self._lock = open(os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600), "r+")  # noqa: SIM115
        except OSError as error:
            raise HostingError(
                f"state: expected a folder that can be written, got {folder} ({error.strerror}); set NST_STATE."
            ) from error
        if not _locked(self._lock):
            self._lock.close()
            raise HostingError(f"state: expected a folder of its own for each server, got {folder}; set NST_STATE.")
        # Cut off on the way: jobs that nobody was told of, and jobs that were to go.
        for each in (*self._new.iterdir(), *self._gone.iterdir()):
            shutil.rmtree(each, ignore_errors=True)

    def close(self) -> None:
        """Let another server use the folder."""
        self._lock.close()

    def add(self, job_id: str, spec: JobSpec, state: dict[str, Any]) -> None:
        """Keep a new job: what is to be painted, and where it is in its life, JSON types only."""
        fresh = self._new / job_id
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        _write(fresh / _SPEC, _packed(spec))
        _write(fresh / _STATE, json.dumps(state).encode())
        os.rename(fresh, self._jobs / job_id)
        _sync(self._jobs)

    def save_state(self, job_id: str, state: dict[str, Any]) -> None:
        """Keep where a job is in its life in the place of where it was."""
        _write(self._jobs / job_id / _STATE, json.dumps(state).encode())

    def save_checkpoint(self, job_id: str, checkpoint: Checkpoint) -> None:
        """Keep the picture so far in the place of the one before."""
        numbers = {"step": checkpoint.step, "left": checkpoint.left, "seconds": checkpoint.seconds}
        _write(self._jobs / job_id / _CHECKPOINT, encode_png(checkpoint.picture, json.dumps(numbers)))

    def save_result(self, job_id: str, png: bytes, jpeg: bytes, film: bytes | None = None) -> None:
        """Keep the last picture, and the film. The PNG goes last: where it is, all are."""
        if film is not None:
            _write(self._jobs / job_id / _FILM, film)
        _write(self._jobs / job_id / _JPEG, jpeg)
        _write(self._jobs / job_id / _PNG, png)

    def drop_checkpoint(self, job_id: str) -> None:
        """Forget the checkpoint; for a job whose state on the disk says already that it has ended."""
        (self._jobs / job_id / _CHECKPOINT).unlink(missing_ok=True)

    def remove(self, job_id: str) -> None:
        """Forget a job, by one move: it is never there in part."""
        try:
            os.rename(self._jobs / job_id, self._gone / job_id)
        except FileNotFoundError:
            return
        _sync(self._jobs)
        shutil.rmtree(self._gone / job_id, ignore_errors=True)

    def expire(self, seconds: float) -> int:
        """Remove the jobs that ended, or were last written to, longer ago; return how many.

        What cannot be read has a day at least, for the cause to be mended. The frames of films go with their jobs, or
        when these have ended; to be called while nobody paints.
        """
        count = 0
        for folder in self._folders():
            try:
                since = time.time() - _last(folder)
                if since > (seconds if _readable_state(folder) else max(seconds, _DAY)):
                    self.remove(folder.name)
                    count += 1
            except OSError as error:
                _log.warning("A job on the disk could not be removed (%s); the next start tries again.", error)
        self.films.keep([folder.name for folder in self._folders() if _ended(folder) is None])
        return count

    def load(self) -> Iterator[Stored]:
        """Yield every job that can be read. The others stay where they are, and the log says so."""
        for folder in self._folders():
            try:
                yield self._stored(folder)
            except Exception:  # cut-off files raise nearly everything
                self.leave(folder.name)

    def leave(self, job_id: str) -> None:
        """Say that a job cannot be read, in the handler of the error."""
        _log.warning(
            "Job %s on the disk cannot be read now; it stays there and the next start tries again.",
            label(job_id),
            exc_info=True,
        )

    def ids(self) -> list[str]:
        """Return the ids of all jobs that are there."""
        return [folder.name for folder in self._folders()]

    def _folders(self) -> list[Path]:
        return sorted(folder for folder in self._jobs.iterdir() if folder.is_dir())

    def _stored(self, folder: Path) -> Stored:
        state = json.loads((folder / _STATE).read_bytes())
        png, jpeg = _read(folder / _PNG), _read(folder / _JPEG)
        whole = png is not None and jpeg is not None
        return Stored(
            id=folder.name,
            spec=_spec(folder / _SPEC),
            state=state,
            # Beside a result it has had its day, whether it can be read or not.
            checkpoint=None if whole else _checkpoint(folder / _CHECKPOINT),
            png=png if whole else None,
            jpeg=jpeg if whole else None,
            film=_read(folder / _FILM) if whole else None,
        )


def _write(path: Path, data: bytes) -> None:
    """Write a file beside its place, move it there, and wait until the disk has both."""
    fresh = path.with_name(f"{path.name}.new")
    with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    if os.name == "nt":  # which cannot open one
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _locked(file: IO[str]) -> bool:
    """Take the lock that lasts as long as the process; return whether it was free."""
    try:
        import fcntl
    except ImportError:  # Windows, where a demo for strangers is not run
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _readable_state(folder: Path) -> bool:
    try:
        return isinstance(json.loads((folder / _STATE).read_bytes()), dict)
    except (OSError, ValueError):
        return False


def _ended(folder: Path) -> float | None:
    """Return when a job ended, in seconds of the calendar; None if it has not, or that cannot be read."""
    try:
        state = json.loads((folder / _STATE).read_bytes())
        return float(state["ended"]) if JobState(state["state"]).final else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _last(folder: Path) -> float:
    """Return when a job ended, or else when it was last written to; seconds of the calendar."""
    ended = _ended(folder)
    if ended is not None:
        return ended
    return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))


def _checkpoint(path: Path) -> Checkpoint | None:
    """Read a checkpoint; a damaged one costs the job its first part only, and stays until there is a new one."""
    data = _read(path)
    if data is None:
        return None
    try:
        numbers = json.loads(read_recipe_text(data) or "")
        picture = read_picture(data, _CHECKPOINT).pixels
        return Checkpoint(picture, int(numbers["step"]), int(numbers["left"]), float(numbers["seconds"]))
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error.__cause__, MemoryError):  # nothing is wrong with the file
            raise
        _log.warning(
            "A checkpoint of job %s cannot be read; it starts from its beginning.",
            label(path.parent.name),
            exc_info=True,
        )
        return None


def _packed(spec: JobSpec) -> bytes:
    """Return a spec as an NPZ file; `_spec` reads it back."""
    arrays: dict[str, Any] = {}
    for each in fields(spec):
        value = getattr(spec, each.name)
        if isinstance(value, Recipe):
            arrays[each.name] = np.frombuffer(value.to_json().encode(), np.uint8)
        elif isinstance(value, FilmClip):
            about = json.dumps({"name": value.name, "config": value.config.to_dict()}).encode()
            parts = {"film.data": value.data, "film.about": about}
            arrays |= {name: np.frombuffer(data, np.uint8) for name, data in parts.items()}
        elif isinstance(value, Place):
            arrays["series.about"] = np.frombuffer(value.to_json().encode(), np.uint8)
            arrays |= {f"series.{sha256}": pixels for sha256, pixels in value.paintings.items()}
        elif isinstance(value, tuple):
            arrays.update({f"{each.name}.{index}": array for index, array in enumerate(value)})
        elif value is not None:
            arrays[each.name] = value
    with BytesIO() as stream:
        np.savez(stream, **arrays)
        return stream.getvalue()


def _spec(path: Path) -> JobSpec:
    """Read the arrays back; those named ``styles.0``, ``styles.1`` ... are one tuple."""
    values: dict[str, Any] = {}
    with np.load(path, allow_pickle=False) as arrays:
        if "film.about" in arrays.files:
            about = json.loads(arrays["film.about"].tobytes())
            config = FilmConfig.from_dict(about["config"])
            values["film"] = FilmClip(arrays["film.data"].tobytes(), str(about["name"]), config)
        if "series.about" in arrays.files:
            own = [name for name in arrays.files if name.startswith("series.") and name != "series.about"]
            paintings = {name.removeprefix("series."): arrays[name] for name in own}
            values["series"] = Place.from_json(arrays["series.about"].tobytes().decode(), paintings)
        for name in arrays.files:
            field, numbered, _ = name.partition(".")
            if field == "recipe":
                values[field] = Recipe.from_json(arrays[name].tobytes().decode())
            elif field in ("film", "series"):
                continue
            elif numbered:
                values[field] = (*values.get(field, ()), arrays[name])
            elif field in ("dpi", "bits", "reached"):
                values[field] = arrays[name].item()
            else:
                values[field] = arrays[name]
    return JobSpec(**values)
