"""How much a film flickers: ``python -m benchmarks.video`` paints clips as films, and frame by frame for comparison.

Flicker is the mean warp error outside of occlusions: how far a painted frame is from the painted frame before it, moved
by the optical flow of the clip itself, where the flow can be believed (`nst.video.flow.reliable`). The clips are
rendered from the gallery's photos (`benchmarks.clips`); further ones may be given as files. The goal is a quarter of
the flicker of frames that are painted each by itself with the first frame's steps, at a fifth of the steps for each
frame after the first. J of the last frame shows whether it is still a painting. Writes benchmarks/video.json, and a
strip of each clip's frames to look at if asked for.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clips import CLIPS, save_frames
from nst.config import FilmConfig, RunOptions
from nst.engine.device import device_name, resolve_precision
from nst.engine.transfer import evaluate, stylize
from nst.pictures.codec import Pixels, encode_png, fitted_shape, read_picture_file, resize_to
from nst.pictures.gallery import load_gallery
from nst.video.film import open_film
from nst.video.flow import optical_flow, reliable, warped
from nst.video.transfer import stylize_film

GOAL = 0.25
#: A painting for each clip in turn: broad strokes, dots, flat colours.
PAINTINGS = ("wheat-field-with-cypresses", "study-for-la-grande-jatte", "irises")


def main(argv: Sequence[str] | None = None) -> None:
    """Paint, print the figures of each clip, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--clips", nargs="*", default=list(CLIPS), help=f"{', '.join(CLIPS)}, or files")
    parser.add_argument("--temporal-weight", type=float, default=FilmConfig().temporal_weight)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--looks", type=Path, help="folder for a strip of each clip's frames")
    options = parser.parse_args(argv)
    config = FilmConfig(size=options.size, steps=options.steps, temporal_weight=options.temporal_weight)
    machine = {
        "device": device_name(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **{name: version(name) for name in ("tensorflow", "opencv-python-headless", "av")},
    }
    rows = []
    for number, clip in enumerate(options.clips):
        rows.append(measured(clip, options.frames, PAINTINGS[number % len(PAINTINGS)], config, options.looks))
        print(json.dumps(rows[-1]), flush=True)
    record = {
        "size": options.size,
        "precision": resolve_precision("auto"),
        "temporal_weight": config.temporal_weight,
        "machine": machine,
        "goal": GOAL,
        "goal_reached": all(row["ratio"] <= GOAL for row in rows),
        "clips": rows,
    }
    options.output.write_text(json.dumps(record, indent=1) + "\n")


def measured(clip: str, frames: int, painting: str, config: FilmConfig, looks: Path | None) -> dict[str, Any]:
    """Return the figures of one clip, painted both ways."""
    style = load_gallery().find(painting, "painting").read().pixels
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "clip"
        if clip in CLIPS:
            save_frames(CLIPS[clip](frames, config.size), source)
        else:
            save_frames(taken(Path(clip), frames, config.size), source)
        originals = read_frames(source)
        start = time.perf_counter()
        film, steps = as_film(source, style, config, Path(folder) / "film.mp4")
        between = time.perf_counter()
        alone, steps_alone = one_by_one(originals, style, config)
        end = time.perf_counter()
    if looks is not None:
        looks.mkdir(parents=True, exist_ok=True)
        (looks / f"{Path(clip).stem}.png").write_bytes(encode_png(strip(originals, film, alone)))
    ours, theirs, own = (flicker(originals, painted) for painted in (film, alone, originals))
    # A film could also be steady because nothing is painted any more.
    last = {
        name: evaluate(originals[-1], [style], config.first_frame(), painted[-1]).total
        for name, painted in (("film", film), ("frame_by_frame", alone), ("unpainted", originals))
    }
    return {
        "clip": Path(clip).name,
        "frames": len(originals),
        "painting": painting,
        "flicker": ours,
        "frame_by_frame": theirs,
        "of_the_clip_itself": own,
        "ratio": ours["grey_levels"] / theirs["grey_levels"],
        "ratio_of_squares": ours["squares"] / theirs["squares"],
        "J_of_the_last_frame": last,
        "evaluations": {"first": steps[0], "following": statistics.mean(steps[1:]), "alone": steps_alone},
        "seconds": {"film": between - start, "frame_by_frame": end - between},
    }


def flicker(clip: list[Pixels], painted: list[Pixels]) -> dict[str, float]:
    """Return the mean warp error outside of occlusions, in grey levels and in squares of them.

    Args:
        clip: The frames, uint8 RGB (height, width, 3).
        painted: What was painted of them, likewise.
    """
    levels, squares = [], []
    for (before, now), (painted_before, painted_now) in zip(pairwise(clip), pairwise(painted), strict=True):
        back = optical_flow(now, before)
        known = reliable(optical_flow(before, now), back) > 0
        error = painted_now[known].astype(float) - warped(painted_before, back)[known].astype(float)
        levels.append(float(np.abs(error).mean()))
        squares.append(float(np.square(error).mean()))
    return {"grey_levels": statistics.mean(levels), "squares": statistics.mean(squares)}


def as_film(source: Path, style: Pixels, config: FilmConfig, output: Path) -> tuple[list[Pixels], list[int]]:
    """Paint a folder of frames as a film; return the painted frames and the evaluations of each."""
    steps: dict[int, int] = {}
    for record in stylize_film(source, [style], output, config, keep_frames=True):
        if record.record is not None:
            steps[record.frame] = record.record.step
    return read_frames(output.with_name(f"{output.name}.frames")), [steps[number] for number in sorted(steps)]


def one_by_one(frames: list[Pixels], style: Pixels, config: FilmConfig) -> tuple[list[Pixels], int]:
    """Paint each frame by itself, as the first one of a film; return them and the evaluations of each."""
    painted, steps = [], 0
    for frame in frames:
        *_, last = stylize(frame, [style], config.first_frame(), RunOptions(), preview_seconds=None)
        painted.append(last.picture())
        steps = last.step
    return painted, steps


def taken(path: Path, frames: int, side: int) -> list[Pixels]:
    """Return the first frames of a film, their sides even."""
    found = [frame.pixels for frame in islice(open_film(path).frames(), frames)]
    height, width = fitted_shape(found[0].shape[0], found[0].shape[1], side)
    return [resize_to(each, height // 2 * 2, width // 2 * 2) for each in found]


def read_frames(folder: Path) -> list[Pixels]:
    """Return the pictures of a folder in the order of their names."""
    return [read_picture_file(file).pixels for file in sorted(folder.glob("*.png"))]


def strip(*rows: list[Pixels]) -> Pixels:
    """Return every third frame of each row, the rows below each other."""
    return np.vstack([np.hstack(row[::3]) for row in rows])


if __name__ == "__main__":
    main()
