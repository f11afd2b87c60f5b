"""When a run takes the network of fewer operations, see `nst.engine.low_rank`, and what it then costs."""

from nst.config import RunOptions, StyleTransferConfig
from nst.plan.machine import Machine

#: The number of the block from which on layers are computed nearly, and the one in the last pass: it paints the finest
#: strokes, in which the first two blocks would leave a lattice.
FROM_BLOCK, LAST_FROM_BLOCK = 1, 3
#: Time of the passes of each over those of the network itself, in float32, see `benchmarks/low_rank.json`.
TIME_SHARES = 0.5, 0.65
#: Share of the final size's evaluations that it makes where statistics alone paint: the others take the network itself.
FIRST_SHARE = 0.5


def low_rank_of(is_used: bool, by_layer: bool) -> int:
    """Return the block from which on a pass computes layers nearly, 0 for none.

    Args:
        is_used: As `uses_low_rank` says.
        by_layer: Whether the pass is the last one, in which each layer has neighbours by itself.
    """
    if not is_used:
        return 0
    return LAST_FROM_BLOCK if by_layer else FROM_BLOCK


def uses_low_rank(config: StyleTransferConfig, options: RunOptions, machine: Machine) -> bool:
    """Return whether a run takes the low-rank network.

    That is where statistics paint, on a CPU in float32: in bfloat16 the operations that it saves are few of the
    seconds, and on a GPU nobody has measured it. Its axes are of the bundled weights with the paper's pooling. By
    itself it is not taken for the paper's objective, nor for a film's later frames, which have few evaluations.
    """
    suits = config.method != "neighbours" and config.pooling == "average" and not options.weights
    if options.network == "auto":
        is_paper = config.style_statistics == "gram" and not config.ends_with_neighbours
        suits = suits and not is_paper and config.temporal_weight == 0
    return suits and options.network != "exact" and machine.precision == "float32" and machine.device == "CPU"


def exact_from(config: StyleTransferConfig, steps: int) -> int | None:
    """Return after how many of the `steps` at the final size a low-rank network gives way to the network itself.

    None for never: where a last pass follows that paints the fine structure anew.
    """
    return None if config.ends_with_neighbours else round(FIRST_SHARE * steps)


def time_shares(config: StyleTransferConfig) -> tuple[float, float, float]:
    """Return what a run with it takes of the time otherwise: at small sizes, at the final one, in the last pass."""
    small, last = TIME_SHARES
    return small, small if config.ends_with_neighbours else 1.0 - FIRST_SHARE * (1.0 - small), last
