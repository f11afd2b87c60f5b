"""How far a series of pictures is, and how long it still takes."""

from collections.abc import Sequence


class Forecast:
    """The time left of a series, from the work of its pictures and the time that the work took so far.

    Args:
        works: Of each picture that is to be painted, in any unit.
    """

    def __init__(self, works: Sequence[float]) -> None:
        self._total = sum(works)
        self._done = self._seconds = self._present = 0.0

    def begin(self, work: float) -> None:
        """Begin a picture of so much work."""
        self._present = work

    def end(self, seconds: float) -> None:
        """End the picture, which took so many seconds."""
        self._done += self._present
        self._seconds += seconds
        self._present = 0.0

    def leave_out(self) -> None:
        """End the picture unpainted: its work is not there any more."""
        self._total -= self._present
        self._present = 0.0

    def share(self, fraction: float) -> float:
        """Return how much of the series is done, 0..1, with that fraction of the present picture done."""
        return min(1.0, (self._done + fraction * self._present) / self._total) if self._total > 0 else 0.0

    def left(self, seconds: float, eta: float | None) -> float | None:
        """Return the seconds left of the series; None before there is something to go by.

        Args:
            seconds: That the present picture has taken so far.
            eta: That it will still take, None if that is not known.
        """
        if eta is None and self._done == 0:
            return None
        if eta is None:
            rate = self._seconds / self._done
            return max(0.0, rate * (self._total - self._done) - seconds)
        worked = self._done + self._present
        rate = (self._seconds + seconds + eta) / worked if worked > 0 else 0.0
        return eta + rate * max(0.0, self._total - worked)
