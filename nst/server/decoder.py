"""Pictures and masks from strangers: decoded in processes of their own, so that no file can take the server down.

Each process lives for one file. It has bounds on its memory and its processor time, no network, may start no program
and write no file (`nst.server.sandbox`), and is killed when its time is up; what the image libraries do with hostile
bytes happens there. It gets the file through a pipe
and hands back plain numbers, whose count is checked, as few of them as are wanted: a picture of many megapixels is
reduced there too, so that the server never holds those of many visitors at a time. One process is always started ahead,
so that nobody waits for Python to start.
"""

import json
import logging
import math
import os
import signal
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from nst.errors import ImageError, MaskError
from nst.masks.mask import Mask, read_mask
from nst.pictures.codec import (
    MAX_FILE_BYTES,
    MAX_PIXELS,
    Picture,
    Thumbnail,
    printable_name,
    read_picture,
    read_thumbnail,
    resize_to,
)
from nst.server import sandbox
from nst.server.slots import Asker, Slots

#: Bytes that a process may answer beside the pixels: a few sentences.
_MAX_ANSWER = 64 * 2**10

#: What a process may raise for the visitor.
_SENTENCES = {error.__name__: error for error in (ImageError, MaskError)}

#: What a process is told of the server's environment: where Python finds its packages, and nothing secret.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")

#: A busy machine gives a file less than a whole processor: the clock is given this many times the processor's seconds.
PATIENCE = 4

#: Sent by the system when the processor's seconds are used up; not everywhere.
_OUT_OF_TIME = getattr(signal, "SIGXCPU", None)

#: For files of which it does not matter who sends them.
NOBODY = Asker()

_log = logging.getLogger(__name__)


class Decoder:
    """Decodes files that nothing is known about; safe to use from any thread.

    Args:
        seconds: Of a processor, the longest that one file may take; on the clock `PATIENCE` times as long.
        megabytes: Memory in which one file is decoded.
        at_once: Files that are decoded at a time, of each visitor one; others wait, as long as the line moves.
    """

    def __init__(self, seconds: float = 10.0, megabytes: int = 2000, at_once: int = 2) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._slots = Slots(at_once)
        self._exposed: set[str] = set()
        self._lock = threading.Lock()
        self._spare: subprocess.Popen[bytes] | None = self._start()

    def read(
        self, data: bytes, name: str = "picture", asker: Asker = NOBODY, shape: tuple[int, int] | None = None
    ) -> Picture:
        """Decode a picture file into sRGB; see `nst.pictures.codec.read_picture`.

        Args:
            data: The whole file.
            name: What its owner calls it, for errors and notes.
            asker: Who sent it.
            shape: (height, width) to which it is resampled, as by `nst.pictures.codec.resize_to`; None for its own.

        Raises:
            ImageError: as `read_picture`, and if it takes too long or too much memory, or the server is busy.
        """
        order = {"kind": "picture", "name": printable_name(name), "shape": shape}
        pixels, answer = self._read(data, order, asker)
        return Picture(pixels, answer.notes)

    def read_thumbnail(self, data: bytes, side: int, name: str = "picture", asker: Asker = NOBODY) -> Thumbnail:
        """Decode a picture file in small, as `nst.pictures.codec.read_thumbnail`; arguments and errors as of `read`."""
        order = {"kind": "thumbnail", "name": printable_name(name), "side": side}
        pixels, answer = self._read(data, order, asker)
        return Thumbnail(pixels, answer.whole, answer.notes)

    def read_mask(self, data: bytes, shape: tuple[int, int], name: str, asker: Asker = NOBODY) -> Mask:
        """Decode a picture file as a mask for a photo of (height, width); see `nst.masks.mask.read_mask`.

        Raises:
            ImageError: as `read`.
            MaskError: as `nst.masks.mask.read_mask`.
        """
        mask, _ = self._read(data, {"kind": "mask", "name": printable_name(name), "shape": shape}, asker)
        return mask

    def close(self) -> None:
        """End the process that waits for a file."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            _end(spare)

    def _read(self, data: bytes, order: dict[str, Any], asker: Asker) -> tuple[npt.NDArray[Any], "_Answer"]:
        """Return what is asked for, as soon as it is this file's turn."""
        name = order["name"]
        if len(data) > MAX_FILE_BYTES:
            raise ImageError(f"{name}: expected at most {MAX_FILE_BYTES // 2**20} MB, got more; scale it down.")
        with self._slots.one(asker, 2 * PATIENCE * self._seconds) as free:
            if not free:
                raise ImageError(f"{name}: the server is busy with other people's pictures; try again in a moment.")
            return self._decode(data, order)

    def _decode(self, data: bytes, order: dict[str, Any]) -> tuple[npt.NDArray[Any], "_Answer"]:
        name = order["name"]
        process = self._take()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(PATIENCE * self._seconds, stop)
        timer.start()
        try:
            array, answer = _asked(process, data, order)
            self._note(answer.exposed)
            return array, answer
        except (ImageError, MaskError):
            raise
        except Exception as error:  # it crashed, was killed, or answers nonsense
            _end(process)
            if late.is_set() or (_OUT_OF_TIME is not None and process.returncode == -_OUT_OF_TIME):
                raise ImageError(
                    f"{name}: expected a picture that can be read in {self._seconds:g} seconds, got one that takes "
                    "longer; save it as a plain PNG or JPEG."
                ) from error
            raise ImageError(
                f"{name}: expected a whole picture, got a file that cannot be decoded; save or download it again."
            ) from error
        finally:
            timer.cancel()
            _end(process)

    def _note(self, exposed: tuple[str, ...]) -> None:
        """Say once in the log what the system does not protect by."""
        for protection in exposed:
            if protection in sandbox.PROTECTIONS and protection not in self._exposed:
                self._exposed.add(protection)
                _log.warning("Files of visitors are decoded without a %s: this system allows none.", protection)

    def _take(self) -> subprocess.Popen[bytes]:
        """Return a process that waits for a file, and start the next one."""
        with self._lock:
            process, self._spare = self._spare, None
        if process is None or process.poll() is not None:
            process = self._start()
        with self._lock:
            if self._spare is None:
                self._spare = self._start()
        return process

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "nst.server.decoder", str(self._seconds), str(self._megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            # One thread is enough for NumPy here, and each would take address space.
            env={**environment, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )


@dataclass(frozen=True)
class _Answer:
    """What a process says beside the numbers.

    Attributes:
        shape: (height, width) of what follows.
        whole: That of the file's picture.
        notes: On the picture.
        exposed: The protections that the process lacked.
    """

    shape: tuple[int, int]
    whole: tuple[int, int]
    notes: tuple[str, ...]
    exposed: tuple[str, ...]


def _asked(process: subprocess.Popen[bytes], data: bytes, order: dict[str, Any]) -> tuple[npt.NDArray[Any], _Answer]:
    """Send a file to a process; return the numbers that come back, and what is said of them. Anything odd raises."""
    assert process.stdin is not None
    assert process.stdout is not None
    text = json.dumps(order).encode()
    process.stdin.write(struct.pack("<II", len(text), len(data)) + text)
    process.stdin.write(data)
    process.stdin.flush()
    answer = _received(process.stdout)
    wanted, longest = order.get("shape") or answer.shape, order.get("side", math.inf)
    if answer.shape != wanted or max(answer.shape) > longest:
        raise ValueError("an answer of another size than was asked for")
    if order["kind"] != "mask":
        return _numbers(process.stdout, np.uint8, (*answer.shape, 3)), answer
    mask = _numbers(process.stdout, np.float32, answer.shape)
    if not np.all((mask >= 0) & (mask <= 1)):
        raise ValueError("no shares of a pixel")
    return mask, answer


def _numbers(stream: IO[bytes], kind: type[np.uint8] | type[np.float32], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    length = math.prod(shape) * np.dtype(kind).itemsize
    return np.frombuffer(_exactly(stream, length), kind).reshape(shape)


def _received(stream: IO[bytes]) -> _Answer:
    """Read what a process says before the numbers, or raise the sentence that it has for the visitor."""
    (length,) = struct.unpack("<I", _exactly(stream, 4))
    if length > _MAX_ANSWER:
        raise ValueError("too long an answer")
    answer = json.loads(_exactly(stream, length))
    if not isinstance(answer, dict):
        raise TypeError("no answer")
    if "error" in answer:
        raise _SENTENCES[answer["kind"]](str(answer["error"]))
    texts = (tuple(map(str, answer.get(name, ()))) for name in ("notes", "exposed"))
    return _Answer(_sides(answer["shape"]), _sides(answer.get("whole", answer["shape"])), *texts)


def _sides(shape: Any) -> tuple[int, int]:
    """Return (height, width) as a process says it."""
    height, width = (int(side) for side in shape)
    if height < 1 or width < 1 or height * width > MAX_PIXELS:
        raise ValueError("an answer of an impossible size")
    return height, width


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) != length:
        raise EOFError("the process has ended")
    return data


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not written yet has nowhere to go
                pipe.close()
    process.wait()


def main() -> None:
    """Be the process: take one file from stdin, write its pixels, or those of the mask, to stdout."""
    _confine(float(sys.argv[1]), int(sys.argv[2]))
    exposed = sandbox.enter()
    header = sys.stdin.buffer.read(8)
    if len(header) < 8:
        return  # the server has ended, or needs no more
    order_length, length = struct.unpack("<II", header)
    order = json.loads(sys.stdin.buffer.read(order_length))
    data = sys.stdin.buffer.read(length)
    numbers = memoryview(b"")
    try:
        array, found = _read(data, order)
    except (ImageError, MaskError) as error:
        answer: dict[str, Any] = {"error": str(error), "kind": type(error).__name__}
    else:
        numbers = np.ascontiguousarray(array).data
        answer = {"shape": array.shape[:2], "exposed": exposed, **found}
    text = json.dumps(answer).encode()
    sys.stdout.buffer.write(struct.pack("<I", len(text)) + text)
    sys.stdout.buffer.write(numbers)
    sys.stdout.buffer.flush()


def _read(data: bytes, order: dict[str, Any]) -> tuple[npt.NDArray[Any], dict[str, Any]]:
    """Return what is asked for, and what is to be said of it."""
    name = order["name"]
    if order["kind"] == "thumbnail":
        small = read_thumbnail(data, order["side"], name)
        return small.pixels, {"whole": small.shape, "notes": small.notes}
    if order["kind"] == "mask":
        return read_mask(data, _sides(order["shape"]), name), {}
    picture = read_picture(data, name)
    shape = picture.pixels.shape[:2] if order["shape"] is None else _sides(order["shape"])
    pixels = picture.pixels if shape == picture.pixels.shape[:2] else resize_to(picture.pixels, *shape)
    return pixels, {"notes": picture.notes}


def _confine(seconds: float, megabytes: int) -> None:
    """Bound what this process may take; without effect where the system has no such bounds (Windows)."""
    try:
        import resource
    except ImportError:
        return
    bounds = {
        resource.RLIMIT_AS: megabytes * 2**20,
        resource.RLIMIT_CPU: int(seconds) + 1,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 32,
    }
    for kind, most in bounds.items():
        with suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
