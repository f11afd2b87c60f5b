"""How long the default picture takes beside the textbook method: ``python -m benchmarks.minute``.

For each pair of `benchmarks.quality` and each precision, in turns and each in a process of its own: the seconds of a
run with the defaults at each named quality, and those of the textbook's 300 evaluations, as 300 times the median of a
few, since the first is not like the others and the rest are alike. Both as the clock has it and as the processor:
the former is what people wait, the latter says the same on a machine that others use too. Not counted is what is done
once for all pictures: the start of the process, the weights, tracing. The record also has what `plan_run` promised,
with the rate of this machine, as the page tells it before a picture. Writes benchmarks/minute.json.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.pictures import fitted, read_rgb
from benchmarks.quality import PAIRS, ROOT, machine, said
from nst.config import PAPER, STEPS, RunOptions, StyleTransferConfig

OUTPUT = Path(__file__).with_suffix(".json")
#: Evaluations of the textbook method that the others are compared with.
EVALUATIONS = 300

Record = dict[str, Any]


def timed(function: Callable[[], object]) -> Record:
    """Return the seconds that a call takes, by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    function()
    return {"seconds": time.perf_counter() - clock, "processor": time.process_time() - processor}


def textbook(photo: str, painting: str, size: int, evaluations: int) -> Record:
    """Return the seconds of `EVALUATIONS` evaluations of the textbook method, from the median of a few."""
    from benchmarks.textbook import run_textbook

    content, style = _pair(photo, painting)
    run = run_textbook(fitted(content, size), [style], PAPER.with_changes(size=size), evaluations)
    whole = timed(lambda: run_textbook(fitted(content, size), [style], PAPER.with_changes(size=size), evaluations))
    gaps = [after - before for before, after in zip(run.seconds, run.seconds[1:], strict=False)]
    return {
        "seconds": EVALUATIONS * median(gaps),
        "processor": EVALUATIONS * whole["processor"] / evaluations,
    }


def engine(photo: str, painting: str, size: int, quality: str, precision: str) -> Record:
    """Return the seconds of a run with the defaults, and what was promised."""
    from nst.engine.device import this_machine
    from nst.engine.transfer import stylize, warm_up
    from nst.plan.run import plan_run

    content, style = _pair(photo, painting)
    config = StyleTransferConfig(size=size, steps=STEPS[quality])
    options = RunOptions(precision=precision)
    shapes = (content.shape[0], content.shape[1]), ((style.shape[0], style.shape[1]),)
    plan = plan_run(*shapes, config, options, this_machine(precision, options.memory, measured=True))
    warm_up(options)

    def paint() -> None:
        *_, last = stylize(content, [style], config, options, preview_seconds=0.5)
        last.picture()

    return {**timed(paint), "promised": plan.seconds}


def _pair(photo: str, painting: str) -> Any:
    presets = ROOT / "presets"
    return read_rgb(presets / "photos" / f"{photo}.jpg"), read_rgb(presets / "paintings" / f"{painting}.jpg")


def alone(*call: Any) -> Record:
    """Return what a function of this module returns when it is called in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.minute", "--one", json.dumps(call)]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: Record = json.loads(done.stdout.splitlines()[-1])
    said(f"{', '.join(map(str, call))}: {found}")
    return found


def measured(pair: tuple[str, str], options: argparse.Namespace) -> Record:
    """Return the figures of one pair: of the textbook, and of each quality in each precision."""
    record: Record = {"photo": pair[0], "painting": pair[1]}
    record["textbook"] = alone("textbook", *pair, options.size, options.evaluations)
    for precision in options.precisions:
        runs = record[precision] = {}
        for quality in options.qualities:
            runs[quality] = found = alone("engine", *pair, options.size, quality, precision)
            found["sooner"] = record["textbook"]["seconds"] / found["seconds"]
            found["fewer processor seconds"] = record["textbook"]["processor"] / found["processor"]
    return record


def main() -> None:
    """Measure and write the record, after each pair."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--evaluations", type=int, default=6, help="of the textbook that are timed")
    parser.add_argument("--qualities", nargs="+", default=["draft", "standard"], choices=list(STEPS))
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--one", type=json.loads, help="call one function in this process and print what it returns")
    options = parser.parse_args()
    if options.one is not None:
        name, *values = options.one
        print(json.dumps(engine(*values) if name == "engine" else textbook(*values)))
        return
    record: Record = {"size": options.size, "machine": machine(), "load": os.getloadavg()[1], "pairs": []}
    for pair in PAIRS[: options.pairs]:
        record["pairs"].append(measured(pair, options))
        options.output.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
