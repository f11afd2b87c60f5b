"""How long one waits at a cold and at a warm start: ``python -m benchmarks.start``.

Cold: from the start of the process until the page's server answers, until its first script run has been sent to a
visitor, and until the network is ready, each time in a new process. Warm: from submitting a job to its first preview,
of a first and of a second job in a process whose network is loaded. Writes `benchmarks/start.json`.
"""

import argparse
import asyncio
import gc
import json
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.quality import machine, row, run, said
from benchmarks.serving import HEALTH, READY, Server, serving

OUTPUT = Path(__file__).with_suffix(".json")
#: What the two jobs paint: of the same size, so that the second meets nothing new.
JOBS = (("pagoda", "wheat-field-with-cypresses"), ("coffee", "irises"))
#: Evaluations at each size: the first preview comes after one.
STEPS = 2
#: Goals in seconds: until the page is sent, and until a warm job's first preview.
PAGE, PREVIEW = 2.0, 1.0

Record = dict[str, Any]


def until(server: Server, path: str) -> float:
    """Return the seconds from the start of the server's process until it answers `path`."""
    server.wait(path, pause=0.01)
    return time.perf_counter() - server.began


def visit(server: Server) -> float:
    """Open the page as a tab does; return the seconds from the start of the process to the end of its first run."""
    # Imported late: the process that times the jobs needs none of it.
    from benchmarks.visitor import Visitor

    async def first_run() -> None:
        visitor = Visitor(server.address)
        await visitor.open()
        await visitor.close()

    asyncio.run(first_run())
    return time.perf_counter() - server.began


def cold() -> Record:
    """Return the seconds of one cold start of the page, and of one of the server that loads the network at once."""
    with serving("app.py", ready=None) as page:
        health = until(page, HEALTH)
        painted = visit(page)
    with serving("serve.py", ready=None) as host:
        ready = until(host, READY)
    return {"health": health, "page": painted, "network": ready}


def warm(size: int) -> Record:
    """Return the seconds of loading the network and of two jobs in this process; for a fresh one."""
    from nst.jobs import JobRunner

    began = time.perf_counter()
    runner = JobRunner()
    while runner.statistics().loading:
        time.sleep(0.005)
    loaded = time.perf_counter() - began
    previews, counts = [], [traces()]
    for photo, painting in JOBS:
        previews.append(first_preview(runner, photo, painting, size))
        counts.append(traces())
    return {
        "network": loaded,
        "first_preview": previews,
        "traces": [after - before for before, after in pairwise(counts)],
    }


def first_preview(runner: Any, photo: str, painting: str, size: int) -> float:
    """Return the seconds from submitting a job to its first preview, once the whole job has ended."""
    from nst.config import StyleTransferConfig
    from nst.jobs import JobSpec
    from nst.pictures.gallery import load_gallery
    from nst.recipes.recipe import Recipe, Source

    gallery = load_gallery()
    pictures = gallery.find(photo, "photo"), gallery.find(painting, "painting")
    content, style = (Source(each.id, each.sha256) for each in pictures)
    spec = JobSpec(
        pictures[0].read().pixels,
        (pictures[1].read().pixels,),
        Recipe(content, (style,), StyleTransferConfig(size=size, steps=STEPS), "benchmark"),
    )
    began, seconds = time.perf_counter(), None
    job_id = runner.submit(spec)
    while not (snapshot := runner.poll(job_id)).state.final:
        if seconds is None and snapshot.preview_jpeg is not None:
            seconds = time.perf_counter() - began
        time.sleep(0.002)
    if seconds is None:
        raise RuntimeError(f"Expected a preview, got none: {snapshot.error}")
    return seconds


def traces() -> int:
    """Return how many functions that TensorFlow has traced exist in this process; functions made anew count."""
    import tensorflow as tf

    return sum(isinstance(each, tf.types.experimental.ConcreteFunction) for each in gc.get_objects())


def summary(starts: list[Record], warm: list[Record]) -> Record:
    """Return the medians, and the goals with whether they are reached."""
    page = median(each["page"] for each in starts)
    previews = [median(each["first_preview"][job] for each in warm) for job in range(len(JOBS))]
    return {
        "health": median(each["health"] for each in starts),
        "page": page,
        "network": median(each["network"] for each in starts),
        "first_preview": previews,
        "page_reached": page <= PAGE,
        "preview_reached": max(previews) < PREVIEW,
        "second_job_traces_nothing": not any(each["traces"][-1] for each in warm),
    }


def report(record: Record) -> str:
    """Return the record as Markdown."""
    found = record["summary"]
    lines = [
        f"### Cold and warm start, {record['size']} px, median of {len(record['cold'])}",
        "",
        row("from a cold start to", ["seconds"]),
        "|---|---|",
        row("the server answers", [f"{found['health']:.2f}"]),
        row("the page is sent", [f"{found['page']:.2f}"]),
        row("the network is ready", [f"{found['network']:.2f}"]),
        "",
        row("from submitting to the first preview, network loaded", ["seconds"]),
        "|---|---|",
        *(
            row(name, [f"{seconds:.2f}"])
            for name, seconds in zip(("first job", "second job"), found["first_preview"], strict=True)
        ),
        "",
        f"* {'pass' if found['page_reached'] else 'FAIL'}: the page within {PAGE:.0f} s of a cold start",
        f"* {'pass' if found['preview_reached'] else 'FAIL'}: a warm job's first preview within {PREVIEW:.0f} s",
        f"* {'pass' if found['second_job_traces_nothing'] else 'FAIL'}: the second job traces nothing",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--size", type=int, default=512, help="long side in pixels of the jobs (default 512)")
    parser.add_argument("--runs", type=int, default=3, help="starts of each kind (default 3)")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the JSON record")
    parser.add_argument("--warm", action="store_true", help="time the jobs in this process and print them")
    options = parser.parse_args()
    if options.warm:
        print(json.dumps(warm(options.size)))
        return
    starts, jobs = [], []
    for number in range(options.runs):
        starts.append(cold())
        jobs.append(json.loads(run("benchmarks.start", "--warm", "--size", options.size).splitlines()[-1]))
        said(f"start {number + 1}: {json.dumps({'cold': starts[-1], 'warm': jobs[-1]})}")
    record = {
        "machine": machine(),
        "size": options.size,
        "cold": starts,
        "warm": jobs,
        "summary": summary(starts, jobs),
    }
    options.output.write_text(json.dumps(record, indent=1) + "\n")
    print(report(record), flush=True)


if __name__ == "__main__":
    main()
