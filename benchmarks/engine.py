"""This project's engine on one pair: the pictures that cancelling would have kept, and when.

`python -m benchmarks.engine CONTENT STYLE --config JSON --folder FOLDER` runs it once and writes FOLDER/engine.json and
one PNG a snapshot. It imports no PyTorch, so that the two thread pools never meet in one process.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pictures import Pixels, read_rgb, write_png
from nst.config import RunOptions, StyleTransferConfig
from nst.engine.transfer import stylize


@dataclass(frozen=True)
class Snapshot:
    """The best picture so far at the final size, in hand `seconds` after `stylize` was called."""

    seconds: float
    step: int
    scale: int
    picture: Pixels


def run_engine(
    content: Pixels, styles: Sequence[Pixels], config: StyleTransferConfig, options: RunOptions | None = None
) -> list[Snapshot]:
    """Run `stylize` to its end and take a picture off it every quarter second or 2 % of the time, and at the end."""
    snapshots: list[Snapshot] = []
    due = 0.0
    began = time.perf_counter()
    for progress in stylize(content, styles, config, options=options, preview_seconds=None):
        if time.perf_counter() - began < due and progress.step < progress.steps:
            continue
        picture = progress.picture()
        # Read after the copy: a picture counts when it can be saved, not when it was computed.
        seconds = time.perf_counter() - began
        snapshots.append(Snapshot(seconds, progress.step, progress.scale, picture))
        due = max(seconds + 0.25, 1.02 * seconds)
    return snapshots


def main() -> None:
    """Run the engine once for `benchmarks.quality`, alone in its process."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description="this engine, once")
    parser.add_argument("content", type=Path)
    parser.add_argument("style", type=Path)
    parser.add_argument("--config", type=json.loads, default={}, help="StyleTransferConfig as JSON")
    parser.add_argument("--folder", type=Path, required=True, help="where the record and the pictures go")
    parser.add_argument("--precision", default="auto", help="of the convolutions")
    parser.add_argument("--network", default="auto")
    parser.add_argument("--history", type=int, default=RunOptions().history)
    options = parser.parse_args()
    how = RunOptions(precision=options.precision, network=options.network, history=options.history)
    config = StyleTransferConfig.from_dict(options.config)
    content, style = read_rgb(options.content), read_rgb(options.style)
    # The page keeps one warm model for all jobs and sizes. A 64 px run loads the weights, chooses the precision and
    # traces the functions, once for all sizes; what the real size costs beyond that is inside the measured time.
    for _ in stylize(content, [style], config.with_changes(size=64, steps=1), options=how, preview_seconds=None):
        pass
    snapshots = run_engine(content, [style], config, how)
    options.folder.mkdir(parents=True, exist_ok=True)
    records = []
    for number, snapshot in enumerate(snapshots):
        file = f"engine-{number:04d}.png"
        write_png(options.folder / file, snapshot.picture)
        records.append({"seconds": snapshot.seconds, "step": snapshot.step, "scale": snapshot.scale, "file": file})
    (options.folder / "engine.json").write_text(json.dumps(records))


if __name__ == "__main__":
    main()
