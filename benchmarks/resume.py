"""How good a result is that was interrupted and went on from its checkpoint: ``python -m benchmarks.resume``.

Each pair is painted once without interruption. Then a run is stopped after some evaluations of the final size, and
goes on as `nst.jobs.painter` does: from the picture as it was saved, with L-BFGS's memory empty and `RESUMED_STEPS`
more evaluations. J is that of the saved picture.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nst.config import RunOptions, StyleTransferConfig
from nst.engine.transfer import evaluate, stylize
from nst.jobs.painter import paint
from nst.jobs.records import Checkpoint, JobProgress, JobSpec, Order, Outcome
from nst.pictures.codec import read_picture
from nst.pictures.gallery import Preset, load_gallery
from nst.recipes.painting import RESUMED_STEPS
from nst.recipes.recipe import Recipe, Source

PAIRS = (("pagoda", "wheat-field-with-cypresses"), ("raccoon", "circus-sideshow"))
CONFIG = StyleTransferConfig(size=192)
ENGINE = partial(stylize, options=RunOptions(precision="float32"))
STOPS = (8, 20, 40, 60, 72)


@dataclass
class Desk:
    """Takes a checkpoint at every evaluation, and the result."""

    kept: list[Checkpoint]
    outcome: Outcome | None = None

    def note(self, worker: str, job_id: str, progress: JobProgress, note: str, preview: bytes | None) -> bool:
        """Never ask for an end."""
        return False

    def is_to_end(self, worker: str, job_id: str) -> bool:
        """Go on."""
        return False

    def keep(self, worker: str, job_id: str, checkpoint: Checkpoint) -> None:
        """Write the checkpoint down."""
        self.kept.append(checkpoint)

    def finish(self, worker: str, job_id: str, outcome: Outcome) -> None:
        """Write the result down."""
        self.outcome = outcome


def main() -> None:
    """Measure and write ``benchmarks/resume.json``."""
    gallery = load_gallery()
    rows = [
        row
        for photo, painting in PAIRS
        for row in measure(gallery.find(photo, "photo"), gallery.find(painting, "painting"))
    ]
    report = {"size": CONFIG.size, "steps": CONFIG.steps, "extra_steps": RESUMED_STEPS, "rows": rows}
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n")


def measure(photo: Preset, painting: Preset) -> Iterator[dict[str, Any]]:
    """Yield J of the interrupted runs over J of the run that was not, one row for each place of interruption."""
    content, style = photo.read().pixels, painting.read().pixels
    spec = JobSpec(content, (style,), Recipe(source(photo), (source(painting),), CONFIG, "benchmark"))
    whole = run(spec, None)
    best = j_of(content, [style], whole)
    for stop in STOPS:
        checkpoint = whole.kept[stop - 1]
        row = {
            "pair": f"{photo.id}, {painting.id}",
            "stopped_after": stop,
            "j_uninterrupted": best,
            "j_at_checkpoint": round(loss(content, [style], checkpoint.picture) / best, 4),
            "j_resumed": round(j_of(content, [style], run(spec, checkpoint)) / best, 4),
        }
        print(row, flush=True)
        yield row


def run(spec: JobSpec, checkpoint: Checkpoint | None) -> Desk:
    """Paint a job, or the rest of it."""
    desk = Desk([])
    paint("benchmark", Order("benchmark", spec, checkpoint, 1e6, 0.0), desk, ENGINE, lambda: None)
    return desk


def j_of(content: np.ndarray, styles: Sequence[np.ndarray], desk: Desk) -> float:
    """Return J of a finished run's file."""
    assert desk.outcome is not None
    assert desk.outcome.png is not None
    return loss(content, styles, read_picture(desk.outcome.png).pixels)


def loss(content: np.ndarray, styles: Sequence[np.ndarray], picture: np.ndarray) -> float:
    """Return J of a picture."""
    return evaluate(content, styles, CONFIG, picture).total


def source(preset: Preset) -> Source:
    """Return a preset's entry in the recipe."""
    return Source(preset.id, preset.sha256)


if __name__ == "__main__":
    main()
