"""How much of the machine the engine uses: ``python -m benchmarks.rate``.

In one process and in turns, round after round: a large matrix product in bfloat16 and in float32, every convolution of
the network alone, forwards and backwards, the rest of an evaluation part by part, the whole evaluation of J and its
gradient, the optimiser's own arithmetic, and the whole step. Of each the fastest round counts, since anything else on
the machine can only slow it. Writes `benchmarks/rate.json`.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.quality import machine, row, said
from nst.config import PAPER, RunOptions, StyleTransferConfig
from nst.engine.bands import Bands
from nst.engine.canvas import as_tensor
from nst.engine.convolution import Forms, fastest_forms, rectified, turned
from nst.engine.device import compiles, convolution_rate, device_name, resolve_precision
from nst.engine.losses import content_loss, gram_matrix, total_variation_loss
from nst.engine.objective import value_and_gradient
from nst.engine.optimizers.best import BestSoFar
from nst.engine.optimizers.lbfgs import Lbfgs
from nst.engine.run_plan import EDGE
from nst.engine.targets import make_targets
from nst.engine.terms import Terms
from nst.engine.vgg import BLOCK_STARTS, Network
from nst.layers import LAYERS, block_of
from nst.pictures.codec import resize
from nst.pictures.gallery import load_gallery
from nst.plan.machine import processors
from nst.weights.bundled import load_weights

OUTPUT = Path(__file__).with_suffix(".json")
PHOTO, PAINTING = "pagoda", "wheat-field-with-cypresses"
#: Goals: the share of the step that is spent inside the convolutions, and the step's rate over the matmul's.
SHARE, RATE = 0.8, 0.8

Record = dict[str, Any]
#: Runs one thing once, and waits until the device is done with it.
Run = Callable[[], object]
Clock = Callable[[], float]


def processor_clock() -> float:
    """Return this process's seconds of processor time over its processors: what others do meanwhile hardly counts."""
    return time.process_time() / processors()


CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "processor": processor_clock}


def measure(size: int, matmul: int, rounds: int, precision: str, clock: str = "wall") -> Record:
    """Return seconds, operations and rates of everything at a long side of `size`.

    Args:
        matmul: Side of its matrices.
        rounds: Of which the fastest counts.
        precision: Of the convolutions.
        clock: One of `CLOCKS`.
    """
    device, precision = device_name(), resolve_precision(precision)
    gallery = load_gallery()
    photo = resize(gallery.find(PHOTO, "photo").read().pixels, size)
    painting = resize(gallery.find(PAINTING, "painting").read().pixels, size)
    config = PAPER
    network = Network.of(config, precision, EDGE)
    layers = Layers(network, photo.shape[0], photo.shape[1])
    matmuls = {kind: _product(matmul, kind) for kind in ("bfloat16", "float32")}
    whole = _whole(network, config, photo, painting)
    convolutions = {name: layers.convolution(name) for name in layers.names}
    parts = {"gram matrices": layers.grams(), "pooling and elementwise": layers.elementwise()}
    seconds = fastest({**matmuls, **whole, **convolutions, **parts}, rounds, CLOCKS[clock])
    layer_records = [
        {"layer": name, "operations": layers.operations(name), "seconds": seconds[name]} for name in layers.names
    ]
    evaluation_rate = sum(map(layers.operations, layers.names)) / seconds["evaluation"]
    return {
        "device": device,
        "precision": precision,
        "forms": fastest_forms(precision)._asdict(),
        "clock": clock,
        "efficiency": evaluation_rate / convolution_rate(precision) if clock == "wall" else None,
        "width": photo.shape[1],
        "height": photo.shape[0],
        "rounds": rounds,
        "matmul": {kind: {"side": matmul, "seconds": seconds[kind]} for kind in matmuls},
        "layers": layer_records,
        "seconds": {name: seconds[name] for name in (*whole, *parts)},
        **compared(layer_records, layers.gram_operations(), seconds, 2 * matmul**3 / seconds[precision]),
    }


def compared(layers: list[Record], grams: int, seconds: dict[str, float], matmul: float) -> Record:
    """Return the step's breakdown in shares, and rates in GFLOP/s beside that of the matrix product.

    Args:
        layers: Each convolution's operations and seconds.
        grams: Operations of the Gram matrices; with the convolutions' they are what a step has to compute.
        seconds: Of the step, the evaluation, the optimiser and the other parts, by name.
        matmul: Operations a second of the matrix product in the same precision.
    """
    operations = sum(layer["operations"] for layer in layers)
    alone = sum(layer["seconds"] for layer in layers)
    step = seconds["step"]
    parts = {
        "convolutions": alone,
        **{name: seconds[name] for name in ("gram matrices", "pooling and elementwise", "optimiser")},
    }
    breakdown = {name: part / step for name, part in parts.items()}
    # What joining parts into one operation saves can make this less than nothing.
    breakdown["other"] = 1.0 - sum(breakdown.values())
    rates = {
        "matmul": matmul / 1e9,
        "convolutions": operations / alone / 1e9,
        "evaluation": (operations + grams) / seconds["evaluation"] / 1e9,
        "step": (operations + grams) / step / 1e9,
    }
    of_matmul = {name: rate / rates["matmul"] for name, rate in rates.items() if name != "matmul"}
    return {
        "operations": {"convolutions": operations, "gram matrices": grams},
        "share": breakdown,
        "gflops": rates,
        "of_matmul": of_matmul,
        "share_reached": breakdown["convolutions"] >= SHARE,
        "rate_reached": of_matmul["step"] >= RATE,
    }


def fastest(runs: dict[str, Run], rounds: int, clock: Clock = time.perf_counter) -> dict[str, float]:
    """Return the fewest seconds of each by `clock`, all of them once a round."""
    seconds = dict.fromkeys(runs, float("inf"))
    for number in range(rounds + 1):
        for name, run in runs.items():
            began = clock()
            run()
            took = clock() - began
            if number > 0:  # the first round traces and chooses kernels
                seconds[name] = min(seconds[name], took)
        said(f"round {number} of {rounds}")
    return seconds


class Layers:
    """The network's layers one by one, at the sizes that they have in a picture of (height, width)."""

    def __init__(self, network: Network, height: int, width: int) -> None:
        self._network = network
        self._picture = height, width
        self.names = LAYERS[: LAYERS.index(network.layers[-1]) + 1]

    def convolution(self, name: str) -> Run:
        """Return the run of a convolution, with bias and ReLU as in the engine, and of the way back to its input."""
        weights, offsets = load_weights()[name]
        kernel, turned_kernel, bias = (
            tf.constant(each, self._dtype(name)) for each in (weights, turned(weights), offsets)
        )
        forms = Forms() if name == LAYERS[0] else fastest_forms(self._network.precision)
        height, width = self._shape(name)
        maps = _random((1, height, width, kernel.shape[2]), self._dtype(name))
        slope = _random((1, height, width, kernel.shape[3]), self._dtype(name))

        def both() -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                read = tf.convert_to_tensor(maps)
                tape.watch(read)
                out = rectified(read, kernel, turned_kernel, bias, forms)
            return _corner(out), _corner(tape.gradient(out, read, tf.convert_to_tensor(slope)))

        return _traced(both)

    def operations(self, name: str) -> int:
        """Return the floating-point operations of a convolution, forwards and back to its input."""
        height, width = self._shape(name)
        inputs, outputs = load_weights()[name][0].shape[2:]
        return int(2 * 2 * 9 * inputs * outputs * height * width)

    def grams(self) -> Run:
        """Return the run of every style layer's Gram matrix and of its gradient."""
        maps = [self._maps(name) for name in self._network.style_layers]

        def both() -> list[tf.Tensor]:
            slopes = []
            for each in maps:
                with tf.GradientTape() as tape:
                    tape.watch(each)
                    total = tf.reduce_sum(tf.square(gram_matrix(each)))
                slopes.append(_corner(tape.gradient(total, each)))
            return slopes

        return _traced(both)

    def gram_operations(self) -> int:
        """Return the floating-point operations of the Gram matrices and of their gradients."""
        shapes = [self._maps_shape(name) for name in self._network.style_layers]
        return int(sum(2 * 2 * height * width * count**2 for _, height, width, count in shapes))

    def elementwise(self) -> Run:
        """Return the run of what else there is: pooling and its gradient, the other losses."""
        maps = {name: self._maps(name) for name in self.names}
        pooled = [self.names[self.names.index(name) - 1] for name in BLOCK_STARTS if name in self.names]
        content = [maps[name] for name in self._network.content_layers]
        pixels = _random((1, *self._picture, 3), tf.float32)

        def gradient(of: Callable[[tf.Tensor], tf.Tensor], at: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                tape.watch(at)
                value = of(at)
            return _corner(tape.gradient(value, at))

        def all_of_it() -> list[tf.Tensor]:
            pools = [gradient(lambda each: tf.nn.avg_pool2d(each, 2, 2, "VALID"), maps[name]) for name in pooled]
            losses = [gradient(lambda each: content_loss(each, 0.5 * each), each) for each in content]
            return [*pools, *losses, gradient(total_variation_loss, pixels)]

        return _traced(all_of_it)

    def _maps(self, name: str) -> tf.Variable:
        return _random(self._maps_shape(name), self._dtype(name))

    def _maps_shape(self, name: str) -> tuple[int, int, int, int]:
        return (1, *self._shape(name), int(load_weights()[name][1].size))

    def _shape(self, name: str) -> tuple[int, int]:
        halvings = block_of(name) - 1
        return self._picture[0] >> halvings, self._picture[1] >> halvings

    def _dtype(self, name: str) -> tf.DType:
        return tf.as_dtype("float32" if name == LAYERS[0] else self._network.precision)


def _whole(network: Network, config: StyleTransferConfig, photo: np.ndarray, painting: np.ndarray) -> dict[str, Run]:
    """Return the runs of the evaluation, of the optimiser alone and of both together, as the engine traces them."""
    targets, history = make_targets(network, config, photo, [painting]), RunOptions().history
    optimizer = BestSoFar(Lbfgs(history=history), Terms.filled(0))
    start = as_tensor(photo)

    def evaluated(pixels: tf.Tensor) -> Any:
        return value_and_gradient(network, pixels, targets)

    evaluation = tf.function(evaluated, autograph=False, jit_compile=compiles())
    state = _full_history(optimizer, history, start)
    bands = Bands.COMPILED if compiles() else Bands.WHOLE
    step = tf.function(lambda: optimizer.step(evaluated, state, bands), autograph=False, jit_compile=compiles())
    value, terms, gradient = evaluation(start)
    alone = tf.function(
        lambda: optimizer.step(lambda _: (value, terms, gradient), state, bands),
        autograph=False,
        jit_compile=compiles(),
    )

    def once(function: Callable[[], None]) -> float:
        function()
        return float(state.best.last_value)

    return {
        "evaluation": lambda: float(evaluation(start).total),
        "step": lambda: once(step),
        "optimiser": lambda: once(alone),
    }


def _full_history(optimizer: BestSoFar, history: int, start: tf.Tensor) -> Any:
    """Return the optimiser's state when every place of its memory is in use, as later in a run."""

    def bowl(x: tf.Tensor) -> tuple[tf.Tensor, Terms, tf.Tensor]:
        scales = tf.linspace(0.001, 1.0, tf.shape(x)[2])[None, None, :, None]
        return tf.reduce_sum(scales * tf.square(x - 100.0)) / 2.0, Terms.filled(tf.zeros(())), scales * (x - 100.0)

    state = optimizer.init(start, 1)
    function = tf.function(lambda: optimizer.step(bowl, state), autograph=False)
    for _ in range(history + 2):
        function()
    return state


def _product(side: int, kind: str) -> Run:
    a, b = (_random((side, side), tf.as_dtype(kind)) for _ in range(2))
    return _traced(lambda: tf.matmul(a, b)[0, 0])


def _traced(function: Callable[[], Any]) -> Run:
    """Return a run that ends when the results have arrived: a few numbers, so that copying them costs nothing."""
    traced = tf.function(function, autograph=False)
    return lambda: [each.numpy() for each in tf.nest.flatten(traced())]


def _corner(maps: tf.Tensor) -> tf.Tensor:
    return tf.cast(maps[0, 0, 0, 0], tf.float32)


def _random(shape: tuple[int, ...], dtype: tf.DType) -> tf.Variable:
    """Return a variable, which TensorFlow does not fold away, of ordinary size and sign."""
    values = np.random.default_rng(0).standard_normal(shape, np.float32)
    return tf.Variable(tf.cast(values, dtype), trainable=False)


def report(record: Record) -> str:
    """Return the record as Markdown."""
    rates, ratios = record["gflops"], record["of_matmul"]
    lines = [
        f"### The step at {record['width']}x{record['height']}, {record['precision']} on {record['device']}",
        "",
        row("", ["share of the step"]),
        "|---|---|",
        *(row(name, [f"{100 * share:.0f} %"]) for name, share in record["share"].items()),
        "",
        row("", ["GFLOP/s", "of the matmul's"]),
        "|---|---|---|",
        row("matmul, same precision", [f"{rates['matmul']:.0f}", ""]),
        *(row(name, [f"{rates[name]:.0f}", f"{100 * ratio:.0f} %"]) for name, ratio in ratios.items()),
        "",
        row("convolution", ["ms", "GFLOP/s"]),
        "|---|---|---|",
        *(
            row(each["layer"], [f"{1e3 * each['seconds']:.1f}", f"{each['operations'] / each['seconds'] / 1e9:.0f}"])
            for each in record["layers"]
        ),
        "",
        f"* {'pass' if record['share_reached'] else 'FAIL'}: {SHARE:.0%} of the step inside the convolutions",
        f"* {'pass' if record['rate_reached'] else 'FAIL'}: the step at {RATE:.0%} of the matmul's rate",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rate", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--size", type=int, default=512, help="long side in pixels (default 512)")
    parser.add_argument("--matmul", type=int, default=4096, help="side of the matrices (default 4096)")
    parser.add_argument("--rounds", type=int, default=15, help="the fastest of so many counts (default 15)")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="processor where others use the machine too")
    parser.add_argument("--precision", default="auto", help="of the convolutions (default: what the engine chooses)")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the JSON record")
    options = parser.parse_args()
    settings = options.size, options.matmul, options.rounds, options.precision, options.clock
    record = {"machine": machine(), **measure(*settings)}
    options.output.write_text(json.dumps(record, indent=1) + "\n")
    print(report(record), flush=True)


if __name__ == "__main__":
    main()
