"""What J and its gradient cost on an ordinary processor, by what TensorFlow computes the convolutions with.

`python -m benchmarks.ordinary` takes every way in a process of its own, in turns, and writes the processor seconds,
system seconds and page faults of an evaluation, and the peak of memory, to `benchmarks/ordinary.json`. The ways:
oneDNN off, as TensorFlow leaves it on most processors, or on; the convolutions in TensorFlow's own forms or in the
fastest (`nst.engine.convolution`); and with glibc told to keep the memory that is given back to it (``mallopt``).

A processor with AVX-512 imitates one without: ONEDNN_MAX_CPU_ISA=AVX2 in the environment.
"""

import argparse
import ctypes
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.quality import ROOT, machine, said
from nst.plan.onednn import SWITCH
from nst.plan.tiling import WHOLE

OUTPUT = Path(__file__).with_suffix(".json")
PHOTO, PAINTING = "pagoda", "wheat-field-with-cypresses"

#: Of each way: whether oneDNN is on, the fastest forms are taken, memory is kept.
WAYS = {
    "oneDNN off": (False, False, False),
    "oneDNN off, memory kept": (False, False, True),
    "oneDNN off, fastest forms": (False, True, False),
    "oneDNN off, fastest forms, memory kept": (False, True, True),
    "oneDNN on": (True, False, False),
    "oneDNN on, fastest forms": (True, True, False),
    "oneDNN on, fastest forms, memory kept": (True, True, True),
}
#: Long side in pixels, precision, and the side of the tiles.
CASES = ((256, "float32", WHOLE), (512, "float32", WHOLE), (1024, "float32", WHOLE), (1024, "float32", 512))

Record = dict[str, Any]


def keep_memory() -> None:
    """Tell glibc to take large arrays from one pool that never shrinks."""
    # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_ARENA_MAX.
    mallopt = ctypes.CDLL(None).mallopt
    for parameter, value in ((-3, 2**30), (-1, 2**31 - 1), (-8, 1)):
        if not mallopt(parameter, value):
            raise OSError(f"mallopt: expected glibc to take {parameter} = {value}.")


def measure(way: str, size: int, precision: str, side: int, evaluations: int) -> Record:
    """Return what an evaluation costs in this process, which must not have imported TensorFlow yet."""
    onednn, fast, kept = WAYS[way]
    os.environ[SWITCH] = str(int(onednn))
    if kept:
        keep_memory()
    # Only now: TensorFlow reads its environment once.
    import tensorflow as tf

    from nst.config import PAPER
    from nst.engine import vgg
    from nst.engine.canvas import as_tensor
    from nst.engine.convolution import Forms
    from nst.engine.device import device_name
    from nst.engine.objective import value_and_gradient
    from nst.engine.run_plan import EDGE
    from nst.engine.targets import make_targets
    from nst.engine.tiled import evaluated_by_tiles
    from nst.pictures.codec import resize_to
    from nst.pictures.gallery import load_gallery
    from nst.plan.tiling import cut

    device_name()
    if not fast:
        setattr(vgg, "fastest_forms", lambda _: Forms())  # noqa: B010, for the network's sake alone
    gallery = load_gallery()
    pictures = (gallery.find(PHOTO, "photo"), gallery.find(PAINTING, "painting"))
    photo, painting = (_fitted(each.read().pixels, size, resize_to) for each in pictures)
    config = PAPER
    network = vgg.Network.of(config, precision, EDGE)
    targets = make_targets(network, config, photo, [painting], side)
    height, width = photo.shape[:2]
    tiles = cut(height, width, network.layers[-1], side)
    whole = tf.function(lambda pixels: value_and_gradient(network, pixels, targets), autograph=False)

    def function(pixels: tf.Tensor) -> Any:
        return whole(pixels) if len(tiles) == 1 else evaluated_by_tiles(network, pixels, targets, tiles)

    costs = []
    for _ in range(evaluations + 1):
        before = resource.getrusage(resource.RUSAGE_SELF)
        value = float(function(as_tensor(photo)).total)
        after = resource.getrusage(resource.RUSAGE_SELF)
        system, faults = after.ru_stime - before.ru_stime, after.ru_minflt - before.ru_minflt
        costs.append((after.ru_utime - before.ru_utime + system, system, faults))
    seconds, system, faults = (median(each) for each in zip(*costs[1:], strict=True))  # the first one traces
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "processor_seconds": seconds,
        "system_seconds": system,
        "page_faults": faults,
        "peak_memory": peak,
        "J": value,
    }


def _fitted(pixels: Any, size: int, resize_to: Any) -> Any:
    """Return a picture with its long side at `size`, upscaled if need be: it is its cost that matters."""
    height, width = pixels.shape[:2]
    return resize_to(pixels, *(round(size * side / max(height, width)) for side in (height, width)))


def in_turns(sizes: list[int], rounds: int, evaluations: int) -> list[Record]:
    """Return what each way costs in each case of these sizes: each figure's least of the rounds."""
    records = []
    for size, precision, side in CASES:
        if size not in sizes:
            continue
        runs: dict[str, list[Record]] = {way: [] for way in WAYS}
        for number in range(rounds):
            for way, found in runs.items():
                one = [way, size, precision, side, evaluations]
                command = [sys.executable, "-m", "benchmarks.ordinary", "--one", json.dumps(one)]
                environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
                done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
                found.append(json.loads(done.stdout.splitlines()[-1]))
                said(f"{size} px, {precision}, tiles {side}, round {number + 1}, {way}: {found[-1]}")
        ways = {way: {key: min(each[key] for each in found) for key in found[0]} for way, found in runs.items()}
        records.append({"size": size, "precision": precision, "tile": side if side < WHOLE else 0, "ways": ways})
    return records


def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=sorted({size for size, _, _ in CASES}))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--evaluations", type=int, default=3)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--one", type=json.loads, help="measure one case in this process and print it")
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(measure(*options.one)))
        return
    record = {"machine": machine(), "cases": in_turns(options.sizes, options.rounds, options.evaluations)}
    options.output.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
