"""Where a run stands in numbers: what the engine's records and those of a job have in common."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class RunProgress:
    """Where a run stands after one evaluation of J.

    Attributes:
        step, steps: Evaluations done and planned, over all scales.
        scale, scales: Which size, from 1, of how many.
        width, height: Of this scale, in pixels.
        seconds: Since the start.
        eta: Seconds left, or None before there is something to go by.
    """

    step: int
    steps: int
    scale: int
    scales: int
    width: int
    height: int
    seconds: float
    eta: float | None
