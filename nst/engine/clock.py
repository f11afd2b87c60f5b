"""Time within one run: seconds so far, seconds left, and when the next preview is due."""

import time

from nst.plan.scales import Scale, work

#: Weight of the newest evaluation in the running mean of the speed.
_SMOOTHING = 0.2


class Clock:
    """Starts when it is made.

    The time left is predicted from the seconds that an evaluation takes a pixel, which hardly changes from
    scale to scale.

    Args:
        preview_seconds: Seconds between previews; 0 for one at every evaluation, None for none.
    """

    def __init__(self, preview_seconds: float | None) -> None:
        self._start = self._last = time.perf_counter()
        self._preview_seconds = preview_seconds
        self._last_preview: float | None = None
        self._pixel_seconds: float | None = None
        self.eta: float | None = None

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.perf_counter() - self._start

    def begin_scale(self) -> None:
        """Do not count what came before a scale's first evaluation as part of that evaluation."""
        self._last = time.perf_counter()

    def evaluated(self, scales: tuple[Scale, ...], number: int, done: int) -> None:
        """Note that `done` evaluations of scale `number`, from 1, have been made, and predict the time left."""
        now = time.perf_counter()
        height, width = scales[number - 1].shape
        latest = (now - self._last) / (height * width)
        self._last = now
        if number == 1 and done == 1:
            return  # It may hold TensorFlow's tracing.
        before = latest if self._pixel_seconds is None else self._pixel_seconds
        self._pixel_seconds = before + _SMOOTHING * (latest - before)
        left = (scales[number - 1].steps - done) * height * width
        left += work(scales[number:])
        self.eta = left * self._pixel_seconds

    def preview_due(self) -> bool:
        """Return whether it is time for a preview; if so, the next one is due that much later."""
        if self._preview_seconds is None:
            return False
        now = time.perf_counter()
        if self._last_preview is not None and now - self._last_preview < self._preview_seconds:
            return False
        self._last_preview = now
        return True
