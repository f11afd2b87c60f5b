"""What regions cost: ``python -m benchmarks.regions`` times J and its gradient with 0, 2, 3 and 4 regions, interleaved.

The regions are upright stripes of equal width with soft edges, each with a target of its own; together they cover the
picture. The goal is that R regions take at most (1 + 0.15 R) times as long as none. Writes benchmarks/regions.json.
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from nst.config import PAPER
from nst.engine.canvas import as_tensor
from nst.engine.device import device_name, resolve_precision
from nst.engine.objective import Value, value_and_gradient
from nst.engine.targets import make_targets, targets_signature
from nst.engine.vgg import Network
from nst.masks.mask import Mask, feathered
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region
from nst.pictures.gallery import load_gallery

COUNTS = (0, 2, 3, 4)
ALLOWED = 0.15


def main(argv: Sequence[str] | None = None) -> None:
    """Time in turns, print the ratios, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args(argv)
    device = device_name()
    precision = resolve_precision(options.precision)
    evaluations = {count: evaluation(options.size, precision, count) for count in COUNTS}
    seconds: dict[int, list[float]] = {count: [] for count in COUNTS}
    # The first round traces and warms up.
    for number in range(options.rounds + 1):
        for count, evaluate in evaluations.items():
            start = time.perf_counter()
            evaluate().total.numpy()
            if number:
                seconds[count].append(time.perf_counter() - start)
    found = report(seconds)
    machine = {
        "device": device,
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "tf": tf.__version__,
    }
    record = {"size": options.size, "precision": precision, "machine": machine, **found}
    options.output.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(found["regions"], indent=1))


def report(seconds: dict[int, list[float]]) -> dict[str, Any]:
    """Return the ratios; of each round's evaluations with and without regions, the median over the rounds."""
    rows = []
    for count in COUNTS[1:]:
        ratios = [one / none for one, none in zip(seconds[count], seconds[0], strict=True)]
        ratio = min(seconds[count]) / min(seconds[0])
        rows.append(
            {
                "regions": count,
                "ratio_of_medians": statistics.median(ratios),
                "ratio_of_fastest": ratio,
                "allowed": 1 + ALLOWED * count,
            }
        )
    return {"regions": rows, "seconds": {str(count): times for count, times in seconds.items()}}


def evaluation(size: int, precision: str, count: int) -> Callable[[], Value]:
    """Return a function that computes J and its gradient once, with so many regions."""
    gallery = load_gallery()
    config = PAPER
    network = Network.of(config, precision, "replicate")
    photo, *paintings = (
        np.asarray(tf.image.resize(preset.read().pixels, (size, size))).astype(np.uint8)
        for preset in (gallery.photos[0], *gallery.paintings[: max(count, 1)])
    )
    regions = [
        Region(str(index), PackedMask.of(mask), tuple(float(index == each) for each in range(count)))
        for index, mask in enumerate(stripes(size, count))
    ]
    layout = Layout.of(regions, (), (size, size), len(paintings))
    targets = make_targets(network, config, photo, paintings, layout=layout)
    signature = [tf.TensorSpec((1, None, None, 3), tf.float32), targets_signature(network, count)]
    function = tf.function(
        lambda pixels, targets: value_and_gradient(network, pixels, targets), input_signature=signature, autograph=False
    )
    picture = as_tensor(photo)
    return lambda: function(picture, targets)


def stripes(size: int, count: int) -> list[Mask]:
    """Return upright stripes that cover a square of `size` pixels."""
    bounds = np.linspace(0, size, count + 1).astype(int)
    masks = []
    for left, right in pairwise(bounds):
        mask = np.zeros((size, size), np.float32)
        mask[:, left:right] = 1
        masks.append(feathered(mask, 2))
    return masks


if __name__ == "__main__":
    main()
