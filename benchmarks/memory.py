"""The memory of whole runs beside what was promised: ``python -m benchmarks.memory`` writes benchmarks/memory.json.

Each case paints in a process of its own, as the command line does it, one step at the final size, and the most memory
that the process ever had (``ru_maxrss``) is held against the plan's. The cases differ in what takes memory: size, brush
size with paintings larger than the picture, paintings, regions, layers, what is compared, precision, and a budget that
forces tiles.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality import ROOT, said
from nst.config import RunOptions, StyleTransferConfig
from nst.layers import LAYERS
from nst.pictures.codec import encode_png
from nst.pictures.gallery import load_gallery
from nst.plan.machine import Machine, processors
from nst.plan.run import plan_run

PHOTO = "pagoda"
PAINTINGS = ("wheat-field-with-cypresses", "irises", "mada-primavesi", "view-of-toledo")
#: The estimate over the peak: no less, so that a run stays within its memory, and not much more.
LEAST, MOST = 1 / 1.1, 1.25


@dataclass(frozen=True)
class Case:
    """One run: its settings, how many of the paintings and regions, and megabytes that it may take.

    `layers` are the style layers that are compared, from the first on; 0 for those of the settings.
    """

    size: int
    precision: str = "float32"
    style_scale: float = 1.0
    paintings: int = 1
    regions: int = 0
    budget: int = 8000
    layers: int = 0
    statistics: str = "wasserstein"
    method: str = "statistics"
    tile: int = 0

    def config(self) -> StyleTransferConfig:
        """Return the settings."""
        config = StyleTransferConfig(
            size=self.size, steps=1, coarse_to_fine=False, upscale=True, style_scale=self.style_scale,
            style_statistics=self.statistics, method=self.method,
        )  # fmt: skip
        return config.with_changes(style_layers=self.style_layers) if self.layers else config

    @property
    def style_layers(self) -> str:
        """As the command line takes them."""
        return ",".join(LAYERS[: self.layers])

    def options(self) -> RunOptions:
        """Return how it is computed."""
        return RunOptions(precision=self.precision, memory=self.budget, tile=self.tile)


CASES = (
    *(Case(size, precision) for size in (256, 512, 768, 1024, 2048) for precision in ("float32", "bfloat16")),
    *(Case(size, style_scale=scale) for size in (512, 768) for scale in (2.0, 4.0)),
    Case(768, "bfloat16", style_scale=4.0, paintings=2),
    *(Case(512, paintings=count) for count in (2, 4)),
    *(Case(512, paintings=min(count, 4), regions=count) for count in (1, 2, 4)),
    Case(1024, budget=1800),
    Case(1024, "bfloat16", budget=1600),
    Case(2048, "bfloat16", budget=3000),
    Case(256, layers=16, paintings=4, regions=8),
    Case(256, layers=16, paintings=4, regions=8, statistics="gram"),
    Case(256, layers=16, paintings=4, regions=8, tile=128),
    Case(256, paintings=1, method="neighbours"),
    Case(512, paintings=4, method="neighbours"),
)


def this_computer() -> dict[str, Any]:
    """Return what the figures depend on besides the code."""
    return {
        "processors": processors(),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("tensorflow", "numpy", "pillow")},
    }


def planned(case: Case) -> dict[str, Any]:
    """Return the figures of the plan of a case."""
    gallery = load_gallery()
    pictures = [gallery.find(PHOTO, "photo"), *(gallery.find(each, "painting") for each in PAINTINGS[: case.paintings])]
    photo, *styles = (each.read().pixels.shape[:2] for each in pictures)
    machine = Machine("CPU", case.precision, case.budget * 10**6)
    return plan_run(photo, tuple(styles), case.config(), case.options(), machine, case.regions).figures()


def peak(case: Case, folder: Path) -> int:
    """Paint in a process of its own and return the most bytes that it had in memory."""
    command = [sys.executable, "-m", "nst", PHOTO, *([] if case.regions else PAINTINGS[: case.paintings])]
    for number in range(case.regions):
        mask = np.zeros((427, 640, 3), np.uint8)
        mask[:, 640 * number // case.regions : 640 * (number + 1) // case.regions] = 255
        (folder / f"{number}.png").write_bytes(encode_png(mask))
        command += ["--region", str(folder / f"{number}.png"), PAINTINGS[number % case.paintings]]
    command += ["-o", str(folder / "out.png"), "--size", str(case.size), "--steps", "1", "--no-coarse-to-fine"]
    command += ["--upscale", "--quiet", "--colour", "none", "--style-scale", str(case.style_scale)]
    command += ["--precision", case.precision, "--memory", str(case.budget), "--tile", str(case.tile)]
    command += ["--style-statistics", case.statistics, "--method", case.method]
    if case.layers:
        command += ["--style-layers", case.style_layers]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"{case}: expected a picture, got status {status}")
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)  # kilobytes on Linux


def measured(case: Case) -> dict[str, Any]:
    """Return what a case took, beside its plan."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        most = peak(case, Path(folder))
    plan = planned(case)
    figures = {"peak": most, "plan": plan, "plan_over_peak": round(plan["memory"] / most, 3)}
    return {**asdict(case), **figures, "seconds": round(time.monotonic() - start, 1)}


def summary(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how far the plans are from what was measured, and whether that is near enough."""
    ratios = [record["plan"]["memory"] / record["peak"] for record in records]
    return {"least": min(ratios), "most": max(ratios), "reached": all(LEAST <= ratio <= MOST for ratio in ratios)}


def main(argv: Sequence[str] | None = None) -> None:
    """Measure the cases; the record is complete after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=8192, help="leave out the cases above this size")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), help="leave out the cases of the other")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args(argv)
    records: list[dict[str, Any]] = []
    for case in CASES:
        if case.size > options.largest or (options.precision or case.precision) != case.precision:
            continue
        records.append(measured(case))
        said(json.dumps(records[-1]))
        record = {"machine": this_computer(), "cases": records, "summary": summary(records)}
        options.output.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
