"""How long a photo takes in every painting of the gallery: ``python -m benchmarks.mosaic``.

The sketches are wished for as the page does it and painted by its worker, in a new process for each precision: the
seconds until the first nine are there and until all are, for a first photo, with which the paintings' statistics are
made, and for a second one. Then pictures that begin from a sketch beside those that begin from the photo: the style
weights that they find, and J of the one over J of the other at the same weight. And thirty mosaics one after the
other, of smaller photos and two evaluations a sketch, with the memory of the process after each. Writes
`benchmarks/mosaic.json`.
"""

import argparse
import gc
import json
import time
from collections import deque
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality import machine, run, said
from nst.config import RunOptions, StyleTransferConfig
from nst.jobs import JobRunner
from nst.jobs.sketches import SOURCE_SIDE, Wish, sketch_key, sketch_settings
from nst.pictures.codec import Pixels, resize
from nst.pictures.gallery import Kind, Preset, load_gallery
from nst.recipes.recipe import Source

OUTPUT = Path(__file__).with_suffix(".json")
PHOTOS = ("pagoda", "grace-hopper")
#: Pictures that are painted from a sketch and from the photo, at this size and with so many steps.
PAIRS = (("pagoda", "irises"), ("grace-hopper", "ia-orana-maria"), ("chelsea", "haystacks-autumn"))
SIZE, STEPS = 256, 40
#: Thumbnails that are seen at first, and the goals in seconds on two AVX2 cores.
FIRST = 9
GOALS = {"first": 15.0, "all": 90.0}
#: Long side of the photos of those that only show whether the process grows: their sketches are as large.
SMALL = 64
#: Megabytes that the process may grow over the later half of the mosaics.
NOISE = 20.0

KINDS: tuple[Kind, Kind] = ("photo", "painting")

Record = dict[str, Any]


def wishes(photo: Preset, side: int, **changes: float) -> list[Wish]:
    """Return what the page wishes for, with changed settings, for a photo of a long side of `side` pixels."""
    pixels = resize(photo.read().pixels, side)
    settings = sketch_settings(StyleTransferConfig()).with_changes(**changes)
    source = Source(photo.id, photo.sha256)
    return [
        Wish(
            sketch_key(source, Source(painting.id, painting.sha256), settings),
            lambda: pixels,
            partial(small, painting),
            settings,
        )
        for painting in load_gallery().paintings
    ]


@cache
def small(painting: Preset) -> Pixels:
    """Return a painting as the page keeps it for sketches."""
    return resize(painting.read().pixels, SOURCE_SIDE)


def arrivals(runner: JobRunner, wanted: list[Wish]) -> Iterator[float]:
    """Yield the seconds after which each sketch is there."""
    began, there = time.perf_counter(), 0
    while there < len(wanted):
        news = runner.sketches(wanted, "benchmark")
        for _ in range(len(news.done) - there):
            yield time.perf_counter() - began
        there = len(news.done)
        if there + news.left < len(wanted):
            raise RuntimeError("Expected every sketch to be painted, got an error; look at the log.")
        time.sleep(0.02)


def loaded(precision: str, counts: list[int] | None = None) -> JobRunner:
    """Return a queue whose network is loaded; the evaluations of each sketch are added to `counts`."""
    from nst.jobs import painter

    options = RunOptions(precision=precision)

    def sketch(*args: Any, **kwargs: Any) -> Any:
        made = painter.sketch(*args, options=options, **kwargs)
        if counts is not None:
            counts.append(made.evaluations)
        return made

    runner = JobRunner(warm_up=lambda: painter.warm_up(options), sketch=sketch, run=options)
    while runner.statistics().loading:
        time.sleep(0.02)
    return runner


def timed(precision: str) -> Record:
    """Return the seconds of two mosaics in this process, and the evaluations of a sketch."""
    counts: list[int] = []
    runner, gallery = loaded(precision, counts), load_gallery()
    found: Record = {"precision": precision, "photos": {}}
    for name in PHOTOS:
        counts.clear()
        seconds = list(arrivals(runner, wishes(gallery.find(name, "photo"), SOURCE_SIDE)))
        found["photos"][name] = {
            "first": round(seconds[FIRST - 1], 1),
            "all": round(seconds[-1], 1),
            "evaluations": round(float(np.mean(counts)), 1),
        }
    return found


def begun(precision: str) -> list[Record]:
    """Return for each of `PAIRS` what beginning from a sketch changes."""
    from nst.engine.transfer import sketch, stylize

    gallery, options, found = load_gallery(), RunOptions(precision=precision), []
    for names in PAIRS:
        photo, painting = (gallery.find(name, kind).read().pixels for name, kind in zip(names, KINDS, strict=True))
        config = StyleTransferConfig(size=SIZE, steps=STEPS)
        small_pictures = resize(photo, SOURCE_SIDE), [resize(painting, SOURCE_SIDE)]
        made = sketch(*small_pictures, sketch_settings(config), options)
        plain = deque(stylize(photo, [painting], config, options), maxlen=1).pop()
        from_sketch = config.with_changes(sketch_weight=made.style_weight)
        alike = plain.config.with_changes(sketch_weight=made.style_weight)
        searched, same = (
            deque(stylize(photo, [painting], each, options, initial=made.picture), maxlen=1).pop()
            for each in (from_sketch, alike)
        )
        found.append(
            {
                "pair": names,
                "sketch_weight": made.style_weight,
                "style_weight": plain.config.style_weight,
                "style_weight_from_sketch": searched.config.style_weight,
                "j_from_sketch_over_j": round(float(same.losses.total / plain.losses.total), 4),
            }
        )
    return found


def memory(precision: str, count: int) -> list[float]:
    """Return the megabytes that this process has after each of `count` small mosaics."""
    from nst.plan.machine import own_memory

    runner, photos, found = loaded(precision), load_gallery().photos, []
    for number in range(count):
        # Of the same photo there are other sketches each time.
        wanted = wishes(photos[number % len(photos)], SMALL, steps=2, tv_weight=2.0 + number / 1000)
        list(arrivals(runner, wanted))
        gc.collect()
        found.append(round(own_memory() / 1e6, 1))
        said(f"mosaic {number + 1}: {found[-1]:.0f} MB")
    return found


def precisions() -> list[str]:
    """Return float32, and bfloat16 where the processor has it."""
    flags = machine()["flags"]
    return ["float32", *(["bfloat16"] if {"avx512_bf16", "amx_bf16"} & set(flags) else [])]


def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mosaics", type=int, default=30, help="of the memory")
    parser.add_argument(
        "--part", choices=("timed", "begun", "memory"), help="one part in this process, for the others to call"
    )
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    if options.part == "timed":
        print(json.dumps(timed(options.precision)))
        return
    if options.part == "begun":
        print(json.dumps(begun(options.precision)))
        return
    if options.part == "memory":
        print(json.dumps(memory(options.precision, options.mosaics)))
        return
    times = [_part("timed", precision) for precision in precisions()]
    for each in times:
        said(json.dumps(each))
    megabytes = _part("memory", "float32", options.mosaics)
    late = megabytes[-1] - megabytes[len(megabytes) // 2 - 1]
    record = {
        "machine": machine(),
        "goals": GOALS,
        "mosaics": times,
        "begun": _part("begun", "float32"),
        "megabytes": megabytes,
        "growth_in_the_later_half": round(late, 1),
        "is_flat": late < NOISE,
    }
    options.output.write_text(json.dumps(record, indent=1) + "\n")


def _part(part: str, precision: str, mosaics: int = 30) -> Any:
    return json.loads(run("benchmarks.mosaic", "--part", part, "--precision", precision, "--mosaics", mosaics))


if __name__ == "__main__":
    main()
