"""Removes what has expired from the folder of a stopped server: ``python -m nst.jobs --expire FOLDER``."""

import argparse
import sys
from pathlib import Path

from nst.errors import HostingError
from nst.jobs.limits import Limits
from nst.jobs.store import Store


def main() -> int:
    """Do so, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m nst.jobs", description=__doc__)
    parser.add_argument("--expire", type=Path, metavar="FOLDER", required=True, help="NST_STATE of the stopped server")
    parser.add_argument(
        "--seconds", type=float, default=Limits().result_seconds, help="for which a job is kept (default: %(default)g)"
    )
    options = parser.parse_args()
    try:
        if not options.expire.is_dir():
            raise HostingError(f"--expire: expected the folder of a server, got {options.expire}; check the name.")
        store = Store(options.expire)
    except HostingError as error:
        print(error, file=sys.stderr)
        return 1
    removed = store.expire(options.seconds)
    print(f"{removed} expired jobs were removed, {len(store.ids())} are kept.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
