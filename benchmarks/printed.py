"""An A3 print from end to end: ``python -m benchmarks.printed`` paints it with the command line's own defaults.

The command is the user's, in a process of its own, within the default memory. Recorded are what it promised before
(``--estimate``), the seconds and the most memory that it took (``ru_maxrss``), and what the file says of itself:
pixels, dots per inch, profile. `--picture` keeps it to be looked at.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

from benchmarks.quality import ROOT, machine, said

PHOTO, PAINTING, SHEET = "raccoon", "wheat-field-with-cypresses", "A3@150dpi,crop"


def main(argv: Sequence[str] | None = None) -> None:
    """Paint the print and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print", default=SHEET, metavar="SIZE@DPI")
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--picture", type=Path, help="file for the picture, .png or .tif")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args(argv)
    words = [sys.executable, "-m", "nst", PHOTO, PAINTING, "--print", options.print, "--quality", options.quality]
    with tempfile.TemporaryDirectory() as folder:
        picture = options.picture or Path(folder) / "print.png"
        expected = json.loads(subprocess.run([*words, "--estimate", "--json"], cwd=ROOT, stdout=-1, check=True).stdout)
        said(json.dumps(expected))
        took = painted([*words, "-o", str(picture.resolve())])
        record = {
            "machine": {**machine(), "cores": len(os.sched_getaffinity(0)), "load": os.getloadavg()},
            "command": " ".join(["nst", *words[3:], "-o", picture.name]),
            "estimate": expected,
            **took,
            "memory_over_estimate": took["peak_memory"] / expected["memory"],
            "seconds_over_estimate": took["seconds"] / expected["seconds"],
            "file": file_of(picture.read_bytes()),
        }
    options.output.write_text(json.dumps(record, indent=1) + "\n")
    said(json.dumps(record))


def painted(command: Sequence[str]) -> dict[str, Any]:
    """Run a command of nst and return its seconds, those of the processor, and its most memory in bytes."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"expected a picture, got status {process.returncode}")
    return {
        "seconds": time.monotonic() - start,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "peak_memory": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),  # kilobytes on Linux
    }


def file_of(data: bytes) -> dict[str, Any]:
    """Return what a picture file says of itself."""
    with Image.open(BytesIO(data)) as image:
        profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
        return {
            "format": image.format,
            "width": image.width,
            "height": image.height,
            "dpi": [round(float(each), 2) for each in image.info["dpi"]],
            "profile": ImageCms.getProfileDescription(profile).strip(),
            "megabytes": round(len(data) / 1e6, 1),
        }


if __name__ == "__main__":
    main()
