"""What the second way to paint takes and keeps: ``python -m benchmarks.neighbours`` writes benchmarks/neighbours.json.

Three questions, each a part of the record:

* ``strength``: Which beta is found for the default `photo_kept`, and how much of the photo does the finished picture
  keep? The measure is that of `nst.engine.strength`, at the final size.
* ``cost``: How much processor time does a whole run take beside one by statistics, in turns in one process?
* ``updates``: How many evaluations does L-BFGS need to be where 200 updates of Adam on a Laplacian pyramid are, the way
  of Kolkin et al. 2022, on the same J with the same neighbours?
"""

import argparse
import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from benchmarks.kept import measured
from benchmarks.quality import machine, said
from nst.config import RunOptions, StyleTransferConfig
from nst.engine.canvas import as_tensor
from nst.engine.descent import step_function
from nst.engine.device import resolve_precision
from nst.engine.neighbours.matching import Matching
from nst.engine.objective import value_and_gradient
from nst.engine.optimizers.base import Box
from nst.engine.optimizers.best import BestSoFar
from nst.engine.optimizers.lbfgs import Lbfgs
from nst.engine.records import Progress
from nst.engine.run_plan import EDGE
from nst.engine.targets import Targets, make_targets, targets_signature
from nst.engine.terms import Terms
from nst.engine.transfer import stylize
from nst.engine.vgg import Network, build
from nst.pictures.codec import Pixels, resize
from nst.pictures.gallery import load_gallery

OUTPUT = Path(__file__).with_suffix(".json")
PAIRS = (
    ("pagoda", "mada-primavesi"),
    ("raccoon", "circus-sideshow"),
    ("astronaut", "irises"),
    ("serengeti", "harvesters"),
)
#: Of the paper's program, for pixels in 0..1: updates at a size, and Adam's rate.
UPDATES, RATE = 200, 2e-3
#: Levels of its pyramid at most, and the shortest side of the smallest.
LEVELS, SHORTEST = 8, 2
#: beta with neighbours where none is looked for.
BETA = 300.0

Record = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure the parts that are asked for, and leave the others of the record as they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[])
    parser.add_argument("--size", type=int, help="long side in pixels; 512 for the cost, 256 for the others")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1, help="of the cost")
    parser.add_argument("--steps", type=int, default=75, help="evaluations at the final size")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(argv)
    record = json.loads(options.output.read_text()) if options.output.exists() else {}
    for part in options.parts or PARTS:
        record[part] = {**record.get(part, {}), **PARTS[part](options), "machine": machine()}
        options.output.write_text(json.dumps(record, indent=1) + "\n")
        said(json.dumps(record[part]))


def strength(options: argparse.Namespace) -> Record:
    """Return beta and the share of the photo that is kept, for each pair."""
    size, precision = options.size or 256, resolve_precision(options.precision)
    found = []
    for photo, painting, names in _pairs(size, options.pairs):
        config = StyleTransferConfig(method="neighbours", size=size, steps=options.steps)
        _, row = measured(photo, painting, config, precision)
        found.append({**names, "style_weight": row["style_weight"], "photo_kept": row["full"]["kept"]})
    return {"size": size, "steps": options.steps, "pairs": found}


def cost(options: argparse.Namespace) -> Record:
    """Return the processor seconds of whole runs by either way, in turns, and their ratio."""
    size, precision = options.size or 512, resolve_precision(options.precision)
    photo, painting, names = next(_pairs(size, 1))
    methods = ("statistics", "neighbours")
    seconds: dict[str, list[float]] = {method: [] for method in methods}
    for method in methods:  # traced and warm
        _painted(photo, painting, StyleTransferConfig(method=method, size=128, steps=2), precision)
    for _ in range(options.rounds):
        for method in methods:
            began = time.process_time()
            _painted(photo, painting, StyleTransferConfig(method=method, size=size, steps=options.steps), precision)
            seconds[method].append(round(time.process_time() - began, 2))
    ratio = min(seconds["neighbours"]) / min(seconds["statistics"])
    return {precision: {**names, "size": size, "steps": options.steps, "seconds": seconds, "ratio": round(ratio, 3)}}


def updates(options: argparse.Namespace) -> Record:
    """Return for each pair and pass J after Adam's updates, and after how many evaluations L-BFGS is below it."""
    size, precision = options.size or 256, resolve_precision(options.precision)
    found = []
    for photo, painting, names in _pairs(size, options.pairs):
        for by_layer in (False, True):
            config = StyleTransferConfig(method="neighbours", style_weight=BETA, size=size)
            network = Network.of(config, precision, EDGE).of_pass(by_layer)
            start = as_tensor(photo)
            targets = make_targets(network, config, photo, [painting])
            targets = Matching(network, config, [painting]).matched(targets, start)
            theirs, ours = _adam(network, targets, start), _lbfgs(network, targets, start)
            reached = next((number for number, value in enumerate(ours, start=1) if value <= theirs[-1]), None)
            found.append(
                {**names, "pass": "layers" if by_layer else "columns", "start": round(theirs[0], 4),
                 "adam": round(theirs[-1], 4), "evaluations": reached, "after_40": round(ours[39], 4)}
            )  # fmt: skip
            said(json.dumps(found[-1]))
    return {"size": size, "precision": precision, "updates": UPDATES, "pairs": found}


PARTS: dict[str, Callable[[argparse.Namespace], Record]] = {"strength": strength, "cost": cost, "updates": updates}


def _pairs(size: int, count: int) -> Any:
    """Yield the photo and the painting of each of so many pairs at a long side, with their names."""
    gallery = load_gallery()
    for photo, painting in PAIRS[:count]:
        pixels = (gallery.find(photo, "photo").read().pixels, gallery.find(painting, "painting").read().pixels)
        yield *(resize(each, size) for each in pixels), {"photo": photo, "painting": painting}


def _painted(photo: Pixels, painting: Pixels, config: StyleTransferConfig, precision: str) -> Progress:
    """Return the last record of a run."""
    records = stylize(photo, [painting], config, RunOptions(precision=precision), preview_seconds=None)
    return deque(records, maxlen=1).pop()


def _lbfgs(network: Network, targets: Targets, start: tf.Tensor) -> list[float]:
    """Return the best J after each of as many evaluations of L-BFGS as Adam has updates."""
    optimizer = BestSoFar(Lbfgs(history=20, pairs=""), terms=Terms.filled(0))
    search = optimizer.init(start, UPDATES, Box.uniform(start, 0.0, 255.0))
    step, values = step_function(network, optimizer, 0), []
    for _ in range(UPDATES):
        step(search, targets)
        values.append(float(search.best.value))
    return values


def _adam(network: Network, targets: Targets, start: tf.Tensor) -> list[float]:
    """Return J at the start and after each update of Adam on the start's Laplacian pyramid; pixels are not clipped."""
    build(network)
    pyramid = [tf.Variable(level) for level in laplacian_pyramid(start)]
    optimizer = tf.keras.optimizers.Adam(RATE * 255)
    optimizer.build(pyramid)

    def update(targets: Targets) -> tf.Tensor:
        with tf.GradientTape() as tape:
            picture = put_together(pyramid)
        value = value_and_gradient(network, picture, targets)
        slopes = tape.gradient(picture, pyramid, output_gradients=value.gradient)
        optimizer.apply_gradients(zip(slopes, pyramid, strict=True))
        return value.total

    step = tf.function(update, input_signature=[targets_signature(network, 0)], autograph=False)
    # The last value is that of the picture after all updates.
    return [float(step(targets)) for _ in range(UPDATES + 1)]


def laplacian_pyramid(picture: tf.Tensor) -> list[tf.Tensor]:
    """Return what each size of a picture (1, height, width, 3) adds to the next smaller one, the smallest as it is."""
    levels: list[tf.Tensor] = []
    while len(levels) < LEVELS and min(picture.shape[1:3]) >= 2 * SHORTEST:
        smaller = tf.image.resize(picture, [side // 2 for side in picture.shape[1:3]], antialias=True)
        levels.append(picture - tf.image.resize(smaller, picture.shape[1:3]))
        picture = smaller
    return [*levels, picture]


def put_together(pyramid: Sequence[tf.Tensor]) -> tf.Tensor:
    """Return the picture of a pyramid."""
    *levels, picture = pyramid
    for level in reversed(levels):
        picture = tf.image.resize(picture, level.shape[1:3]) + level
    return picture


if __name__ == "__main__":
    main()
