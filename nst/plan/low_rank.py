"""When a run takes the network of fewer operations, see `nst.engine.low_rank`, and what it then costs."""

from nst.config import RunOptions, StyleTransferConfig
from nst.plan.machine import Machine

#: Time of its passes over those of the network itself, in float32, see `benchmarks/low_rank.json`.
TIME_SHARE = 0.5


def uses_low_rank(config: StyleTransferConfig, options: RunOptions, machine: Machine) -> bool:
    """Return whether all passes but the last one, which paints the fine structure anew, take the low-rank network.

    That is where such a pass follows, on a CPU in float32: in bfloat16 the operations that it saves are few of the
    seconds, and on a GPU nobody has measured it. Its axes are of the bundled weights with the paper's pooling.
    """
    suits = config.ends_with_neighbours and config.pooling == "average" and not options.weights
    return suits and options.network == "auto" and machine.precision == "float32" and machine.device == "CPU"
