"""Memory and time over the size of the picture, beside what was estimated before.

`python -m benchmarks.size` paints one pair at several sizes, a few evaluations at the final size alone, each in a
process of its own within a memory budget and with the network warm, and writes seconds, processor seconds and peak
memory to `benchmarks/size.json`.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.quality import machine, run, said

OUTPUT = Path(__file__).with_suffix(".json")
PHOTO, PAINTING = "pagoda", "wheat-field-with-cypresses"
#: Evaluations at each size.
SIZES = {256: 40, 512: 30, 1024: 10, 2048: 4, 4096: 2, 8192: 1}
#: Megabytes of the goals, and how much more time a pixel of 4096 px may take than one of 512 px.
BUDGET, SLOWDOWN = 6000, 2.5

Record = dict[str, Any]


def measure(size: int, evaluations: int, budget: int) -> Record:
    """Paint in this process and return what it took, beside what was estimated; for a fresh process."""
    # Imported late: the parent process needs none of it.
    from nst.config import RunOptions, StyleTransferConfig
    from nst.engine.device import this_machine
    from nst.engine.transfer import stylize, warm_up
    from nst.errors import OversizeError
    from nst.pictures.gallery import load_gallery
    from nst.plan.run import plan_run

    gallery = load_gallery()
    photo, painting = gallery.find(PHOTO, "photo").read().pixels, gallery.find(PAINTING, "painting").read().pixels
    config = StyleTransferConfig(size=size, steps=evaluations, coarse_to_fine=False, upscale=True)
    options = RunOptions(memory=budget)
    shapes = [(pixels.shape[0], pixels.shape[1]) for pixels in (photo, painting)]
    try:
        expected = plan_run(shapes[0], (shapes[1],), config, options, this_machine("auto", budget, measured=True))
    except OversizeError as error:
        return {"size": size, "budget": budget, "refused": str(error)}
    warm_up()
    marks = [(time.perf_counter(), time.process_time())]
    records = []
    for record in stylize(photo, [painting], config, options, preview_seconds=None):
        # Without its picture, so that nothing is kept in memory that a run would not keep.
        records = [(record.width, record.height, record.options.precision, record.losses.total)]
        marks.append((time.perf_counter(), time.process_time()))
    width, height, precision, j = records[0]
    seconds, processor = marks[-1][0] - marks[-2][0], marks[-1][1] - marks[-2][1]
    return {
        "size": size,
        "width": width,
        "height": height,
        "budget": budget,
        "precision": precision,
        "estimate": expected.figures(),
        "seconds": seconds,
        "processor_seconds": processor,
        "all_seconds": marks[-1][0] - marks[0][0],
        "processor_microseconds_a_pixel": 1e6 * processor / (width * height),
        "peak_memory": peak_memory(),
        "J": j,
    }


def peak_memory() -> int:
    """Return the most bytes that this process has had in memory (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def summary(records: list[Record]) -> Record:
    """Return the goals with what was measured."""
    done = {record["size"]: record for record in records if "refused" not in record}
    found: Record = {
        "memory_over_estimate": {size: each["peak_memory"] / each["estimate"]["memory"] for size, each in done.items()},
        "seconds_over_estimate": {
            size: each["all_seconds"] / each["estimate"]["seconds"] for size, each in done.items()
        },
    }
    if 512 in done and 4096 in done:
        small, large = (done[size]["processor_microseconds_a_pixel"] for size in (512, 4096))
        found["slowdown_4096"] = large / small
        found["slowdown_reached"] = large / small <= SLOWDOWN
    for size in (4096, 8192):
        if size in done:
            found[f"memory_reached_{size}"] = done[size]["peak_memory"] <= BUDGET * 10**6
    return found


def main() -> None:
    """Measure every size and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=tuple(SIZES))
    parser.add_argument("--evaluations", type=int, help="at each size; the last one is timed")
    parser.add_argument("--budget", type=int, default=BUDGET, help="megabytes of each process")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--one", type=int, help="measure this size in this process and print it")
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(measure(options.one, options.evaluations or SIZES.get(options.one, 2), options.budget)))
        return
    records = []
    for size in options.sizes:
        arguments = [
            "--one",
            size,
            "--evaluations",
            options.evaluations or SIZES.get(size, 2),
            "--budget",
            options.budget,
        ]
        records.append(json.loads(run("benchmarks.size", *arguments).splitlines()[-1]))
        said(json.dumps(records[-1]))
    record = {"machine": machine(), "sizes": records, "summary": summary(records)}
    options.output.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
