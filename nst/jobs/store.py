"""Jobs on the local disk, so that a restarted server goes on where the last one stopped.

A job is a folder of a few files under ``jobs/``; each is written beside its place and then moved there, so that a
server that is killed at any moment leaves whole files only. Only the server's own user can read them.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np

from nst.errors import HostingError
from nst.jobs.records import Checkpoint, JobSpec
from nst.pictures.codec import encode_png, read_picture, read_recipe_text
from nst.recipes.recipe import Recipe

_SPEC, _STATE, _CHECKPOINT, _PNG, _JPEG = "spec.npz", "state.json", "checkpoint.png", "result.png", "result.jpg"

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


class Store:
    """The folder of one server; made if it is not there.

    Args:
        folder: For this server alone; two that shared it would paint each other's jobs.

    Raises:
        HostingError: if the folder cannot be used, or another server uses it.
    """

    def __init__(self, folder: Path) -> None:
        self._jobs = folder / "jobs"
        try:
            self._jobs.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            self._lock = open(os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600), "r+")  # noqa: SIM115
        except OSError as error:
            raise HostingError(
                f"state: expected a folder that can be written, got {folder} ({error.strerror}); set NST_STATE."
            ) from error
        if not _locked(self._lock):
            self._lock.close()
            raise HostingError(f"state: expected a folder of its own for each server, got {folder}; set NST_STATE.")

    def close(self) -> None:
        """Let another server use the folder."""
        self._lock.close()

    def save_spec(self, job_id: str, spec: JobSpec) -> None:
        """Keep what is to be painted."""
        arrays: dict[str, Any] = {}
        for each in fields(spec):
            value = getattr(spec, each.name)
            if isinstance(value, Recipe):
                arrays[each.name] = np.frombuffer(value.to_json().encode(), np.uint8)
            elif isinstance(value, tuple):
                arrays.update({f"{each.name}.{index}": array for index, array in enumerate(value)})
            elif value is not None:
                arrays[each.name] = value
        with BytesIO() as stream:
            np.savez(stream, **arrays)
            self._write(job_id, _SPEC, stream.getvalue())

    def save_state(self, job_id: str, state: dict[str, Any]) -> None:
        """Keep where the job is in its life, JSON types only."""
        self._write(job_id, _STATE, json.dumps(state).encode())

    def save_checkpoint(self, job_id: str, checkpoint: Checkpoint) -> None:
        """Keep the picture so far in the place of the one before."""
        numbers = {"step": checkpoint.step, "left": checkpoint.left, "seconds": checkpoint.seconds}
        self._write(job_id, _CHECKPOINT, encode_png(checkpoint.picture, json.dumps(numbers)))

    def save_result(self, job_id: str, png: bytes, jpeg: bytes) -> None:
        """Keep the finished picture; the checkpoint has had its day."""
        self._write(job_id, _JPEG, jpeg)
        self._write(job_id, _PNG, png)
        (self._jobs / job_id / _CHECKPOINT).unlink(missing_ok=True)

    def remove(self, job_id: str) -> None:
        """Forget a job."""
        shutil.rmtree(self._jobs / job_id, ignore_errors=True)

    def load(self) -> Iterator[Stored]:
        """Yield every job that is whole, and remove the others."""
        for folder in sorted(self._jobs.iterdir()):
            try:
                yield self._stored(folder)
            except Exception:  # cut-off files raise nearly everything
                _log.warning("A job on the disk is not whole and is removed.", exc_info=True)
                self.remove(folder.name)

    def _stored(self, folder: Path) -> Stored:
        checkpoint = _read(folder / _CHECKPOINT)
        state = json.loads((folder / _STATE).read_bytes())
        return Stored(
            id=folder.name,
            spec=_spec(folder / _SPEC),
            state=state,
            checkpoint=None if checkpoint is None else _checkpoint(checkpoint),
            png=_read(folder / _PNG),
            jpeg=_read(folder / _JPEG),
        )

    def _write(self, job_id: str, name: str, data: bytes) -> None:
        folder = self._jobs / job_id
        folder.mkdir(mode=0o700, exist_ok=True)
        fresh = folder / f"{name}.new"
        with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, folder / name)


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


def _checkpoint(data: bytes) -> Checkpoint:
    numbers = json.loads(read_recipe_text(data) or "")
    return Checkpoint(read_picture(data, _CHECKPOINT).pixels, numbers["step"], numbers["left"], numbers["seconds"])


def _spec(path: Path) -> JobSpec:
    """Read the arrays back; those named ``styles.0``, ``styles.1`` ... are one tuple."""
    values: dict[str, Any] = {}
    with np.load(path, allow_pickle=False) as arrays:
        for name in arrays.files:
            field, numbered, _ = name.partition(".")
            if field == "recipe":
                values[field] = Recipe.from_json(arrays[name].tobytes().decode())
            elif numbered:
                values[field] = (*values.get(field, ()), arrays[name])
            else:
                values[field] = arrays[name]
    return JobSpec(**values)
