"""Files that are there as a whole or not at all."""

import os
import secrets
from pathlib import Path

#: How the names of files begin that are not whole yet; what a process that was killed leaves of them is waste.
UNFINISHED = ".nst-"


def write_whole(data: bytes, path: Path) -> None:
    """Write beside the final name, then rename: nobody ever sees half a file, nor can place one in the way.

    Raises:
        OSError: if it cannot be written.
    """
    beside = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}{path.suffix}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
