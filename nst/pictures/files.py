"""Files that are there as a whole or not at all."""

import os
import secrets
from pathlib import Path


def unfinished(path: Path) -> Path:
    """Return a name beside `path`, with its ending, under which the file can be made before it is renamed."""
    return path.with_name(f".nst-{secrets.token_hex(8)}{path.suffix}")


def write_whole(data: bytes, path: Path) -> None:
    """Write beside the final name, then rename: nobody ever sees half a file, nor can place one in the way."""
    beside = unfinished(path)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
