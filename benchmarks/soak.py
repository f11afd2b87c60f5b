"""Whether a process that paints again and again keeps growing.

`python -m benchmarks.soak` paints fifty small pictures of changing sizes one after the other in one process and writes
its memory after each to `benchmarks/soak.json`.
"""

import argparse
import gc
import json
from pathlib import Path

from benchmarks.quality import machine, said

OUTPUT = Path(__file__).with_suffix(".json")
PHOTO, PAINTING = "pagoda", "wheat-field-with-cypresses"
#: Changing from job to job, as visitors' pictures do.
SIZES = (96, 160, 128, 144, 112)
#: Megabytes that the process may grow from the first job to the last, and what is taken for noise in the later half.
GROWTH, NOISE = 100.0, 20.0


def soak(jobs: int, steps: int) -> list[float]:
    """Return the megabytes that the process has after each of `jobs`."""
    from nst.config import StyleTransferConfig
    from nst.engine.transfer import stylize
    from nst.pictures.gallery import load_gallery
    from nst.plan.machine import own_memory

    gallery = load_gallery()
    photo, painting = gallery.find(PHOTO, "photo").read().pixels, gallery.find(PAINTING, "painting").read().pixels
    memory = []
    for number in range(jobs):
        config = StyleTransferConfig(size=SIZES[number % len(SIZES)], steps=steps, style_weight=100.0 * (1 + number))
        for record in stylize(photo, [painting], config, preview_seconds=0):
            record.picture()
        del record
        gc.collect()
        memory.append(own_memory() / 1e6)
        said(f"job {number + 1}: {memory[-1]:.0f} MB")
    return memory


def main() -> None:
    """Paint and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    memory = soak(options.jobs, options.steps)
    growth, late = memory[-1] - memory[0], memory[-1] - memory[len(memory) // 2 - 1]
    record = {
        "machine": machine(),
        "jobs": options.jobs,
        "steps": options.steps,
        "megabytes": [round(each, 1) for each in memory],
        "growth": growth,
        "growth_in_the_later_half": late,
        "reached": growth < GROWTH and late < NOISE,
    }
    options.output.write_text(json.dumps(record, indent=1) + "\n")
    said(f"grew by {growth:.0f} MB, by {late:.0f} MB in the later half")


if __name__ == "__main__":
    main()
