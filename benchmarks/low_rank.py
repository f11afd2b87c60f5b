"""What J and its gradient cost by the low-rank network (`nst.engine.low_rank`) and by VGG-19 itself.

`python -m benchmarks.low_rank` takes both in turns, in a process of its own for each precision, and writes the
processor seconds of an evaluation with statistics, and of one of the last pass, to `benchmarks/low_rank.json`.

A processor with AVX-512 imitates one without: ``--narrow`` sets ONEDNN_MAX_CPU_ISA=AVX2 for float32.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.quality import ROOT, machine, said

OUTPUT = Path(__file__).with_suffix(".json")
PHOTO, PAINTING = "pagoda", "wheat-field-with-cypresses"


def measure(precision: str, size: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return the least processor seconds of an evaluation in each pass, by each network."""
    # Only here: TensorFlow reads its environment once.
    from nst.config import StyleTransferConfig
    from nst.engine.canvas import as_tensor
    from nst.engine.device import device_name
    from nst.engine.neighbours.matching import Matching
    from nst.engine.run_plan import EDGE
    from nst.engine.targets import make_targets
    from nst.engine.vgg import Network
    from nst.pictures.codec import fitted_shape, resize_to
    from nst.pictures.gallery import load_gallery
    from nst.plan.low_rank import low_rank_of

    device_name()
    config, gallery = StyleTransferConfig(), load_gallery()
    pictures = [gallery.find(PHOTO, "photo").read().pixels, gallery.find(PAINTING, "painting").read().pixels]
    photo, painting = (resize_to(each, *fitted_shape(each.shape[0], each.shape[1], size)) for each in pictures)
    functions: dict[tuple[str, str], Any] = {}
    for by_layer in (False, True):
        settings = config.of_pass(by_layer)
        for name in ("exact", "low-rank"):
            low_rank = low_rank_of(name == "low-rank", by_layer)
            network = Network.of(settings, precision, EDGE, low_rank=low_rank).of_pass(by_layer)
            targets = make_targets(network, settings, photo, [painting])
            if network.matching:
                targets = Matching(network, settings, [painting]).matched(targets, as_tensor(photo))
            functions["last pass" if by_layer else "statistics", name] = _traced(network, targets)
    seconds = dict.fromkeys(functions, float("inf"))
    for done in range(rounds + 1):
        for key, function in functions.items():
            start = time.process_time()
            function(as_tensor(photo))
            if done:  # the first one traces
                seconds[key] = min(seconds[key], time.process_time() - start)
    passes = {name for name, _ in functions}
    return {each: {name: value for (of, name), value in seconds.items() if of == each} for each in sorted(passes)}


def _traced(network: Any, targets: Any) -> Any:
    """Return a function that computes J and its gradient at a picture, and waits for both."""
    import tensorflow as tf

    from nst.engine.objective import value_and_gradient

    function = tf.function(lambda pixels: value_and_gradient(network, pixels, targets), autograph=False)
    return lambda pixels: float(function(pixels).total)


def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--narrow", action="store_true", help="float32 without AVX-512")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--one", help="measure this precision in this process and print it")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.size, options.rounds)))
        return
    record: dict[str, Any] = {"machine": machine(), "size": options.size, "processor_seconds": {}}
    for precision in ("float32", "bfloat16"):
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        name = precision
        if options.narrow and precision == "float32":
            environment["ONEDNN_MAX_CPU_ISA"], name = "AVX2", "float32, AVX2"
        command = [sys.executable, "-m", "benchmarks.low_rank", "--one", precision]
        command += ["--size", str(options.size), "--rounds", str(options.rounds)]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        record["processor_seconds"][name] = json.loads(done.stdout.splitlines()[-1])
        said(f"{name}: {record['processor_seconds'][name]}")
    options.output.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
