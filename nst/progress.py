"""Where a run stands in numbers: what the engine's records and those of a job have in common."""

from collections.abc import Callable
from dataclasses import dataclass

from nst.errors import Interrupted


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


@dataclass(frozen=True)
class Interruption:
    """What long work asks whether to go on.

    Args:
        interrupted: Whether the work is to stop; asked often, so it has to be quick. None if nobody ever stops it.
    """

    interrupted: Callable[[], bool] | None = None

    def check(self) -> None:
        """Raise Interrupted if the work is to stop."""
        if self.interrupted is not None and self.interrupted():
            raise Interrupted


#: What lets all work go on.
UNINTERRUPTED = Interruption()
