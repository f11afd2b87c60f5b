"""What the command line shows while it works, and what Ctrl-C does to it.

Everything here goes to stderr; stdout is for results.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from tqdm import tqdm  # type: ignore[import-untyped]

from nst.cli.forecast import Forecast

if TYPE_CHECKING:
    from nst.engine.records import Progress
    from nst.video.transfer import FilmProgress

#: Seconds between the lines that stand in for the bar when stderr is a file or a pipe.
LINE_SECONDS = 10.0

_BAR = "{desc} |{bar}| {n_fmt}/{total_fmt}{postfix}"
_SERIES_BAR = "{desc} |{bar}| {percentage:.0f} %{postfix}"


class Reporter:
    """Shows progress and sentences: a bar on a terminal, a line now and then elsewhere, nothing if `quiet`."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._last_line = -LINE_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        if not self._quiet:
            self._shown(partial(tqdm.write, f"nst: {sentence}", file=sys.stderr))

    def complain(self, sentence: str) -> None:
        """Print an error that does not end the work, even if `quiet`."""
        with suppress(OSError):
            tqdm.write(f"nst: {' '.join(sentence.splitlines())}", file=sys.stderr)

    def show(self, record: "Progress") -> None:
        """Show where the work stands, and the record's note."""
        if record.note:
            self.say(record.note)
        if self._quiet:
            return
        if sys.stderr.isatty():
            self._shown(partial(self._draw, record))
        elif time.monotonic() - self._last_line >= LINE_SECONDS:
            self._last_line = time.monotonic()
            self.say(self._line(record))

    def _line(self, record: "Progress") -> str:
        return f"{_size(record)}, {record.step} of {record.steps} evaluations, {_figures(record)}"

    def show_film(self, progress: "FilmProgress") -> None:
        """Show where a film stands: frames painted, and the time left by those that were."""
        if progress.record is not None and progress.record.note:
            self.say(f"frame {progress.frame}: {progress.record.note}")
        if self._quiet:
            return
        if sys.stderr.isatty():
            self._shown(partial(self._draw_film, progress))
        elif progress.picture is not None and (
            progress.done <= 2 or time.monotonic() - self._last_line >= LINE_SECONDS
        ):
            self._last_line = time.monotonic()
            self.say(f"{progress.done} of {progress.frames} frames, {_film_figures(progress)}")

    def _draw_film(self, progress: "FilmProgress") -> None:
        if self._bar is None:
            self._bar = tqdm(total=progress.frames, file=sys.stderr, bar_format=_BAR, dynamic_ncols=True, leave=False)
        record = progress.record
        self._bar.set_description_str(
            f"frame {progress.frame}" + (f", {record.step}/{record.steps}" if record is not None else ""), refresh=False
        )
        self._bar.set_postfix_str(_film_figures(progress), refresh=False)
        self._bar.n = progress.done
        self._bar.refresh()

    def _shown(self, show: Callable[[], None]) -> None:
        """Show something; once the terminal is gone, as after SIGHUP, nothing more is shown, and the work goes on."""
        try:
            show()
        except OSError:
            self._quiet, self._bar = True, None

    def _draw(self, record: "Progress") -> None:
        if self._bar is None:
            self._bar = tqdm(total=record.steps, file=sys.stderr, bar_format=_BAR, dynamic_ncols=True, leave=False)
        self._bar.set_description_str(_size(record), refresh=False)
        self._bar.set_postfix_str(_figures(record), refresh=False)
        self._bar.n = record.step
        self._bar.refresh()


class SeriesReporter(Reporter):
    """Shows how far a whole series of pictures is, with the time that all of them still take.

    `begin_series` comes first; then `begin` and `end` around each picture.
    """

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self._forecast = Forecast(())
        self._title = ""

    def begin_series(self, works: Sequence[float]) -> None:
        """Begin a series of pictures that are so much work each, in any unit."""
        self._forecast = Forecast(works)

    def begin(self, title: str, work: float) -> None:
        """Begin the next picture."""
        self._title = title
        self._forecast.begin(work)

    def end(self, seconds: float | None) -> None:
        """End the picture after so many seconds; None if it was not painted."""
        if seconds is None:
            self._forecast.leave_out()
        else:
            self._forecast.end(seconds)

    def _line(self, record: "Progress") -> str:
        return f"{self._title}, {record.step} of {record.steps} evaluations, {self._series_figures(record)}"

    def _draw(self, record: "Progress") -> None:
        if self._bar is None:
            self._bar = tqdm(total=1.0, file=sys.stderr, bar_format=_SERIES_BAR, dynamic_ncols=True, leave=False)
        self._bar.set_description_str(self._title, refresh=False)
        self._bar.set_postfix_str(self._series_figures(record), refresh=False)
        self._bar.n = self._forecast.share(record.step / record.steps)
        self._bar.refresh()

    def _series_figures(self, record: "Progress") -> str:
        left = self._forecast.left(record.seconds, record.eta)
        return _size(record) if left is None else f"{_size(record)}, {duration(left)} left for all"


#: Windows has no SIGHUP.
_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class StopSignals:
    """Within it the first Ctrl-C, SIGTERM or SIGHUP is noted, so that the best picture can be saved; the second kills.

    Attributes:
        signal: Number of the signal that came, or None.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        # Python delivers signals to the main thread alone. A signal that the shell has us ignore stays ignored.
        if threading.current_thread() is threading.main_thread():
            for number in _STOPPING:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def has_come(self) -> bool:
        """Return whether a signal has come."""
        return self.signal is not None

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()


@contextmanager
def hushed() -> Iterator[None]:
    """Within it nothing that a C library writes to stderr is shown.

    TensorFlow's libraries announce themselves on loading, whatever TF_CPP_MIN_LOG_LEVEL says.
    """
    sys.stderr.flush()
    shown = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(shown, 2)
        os.close(shown)


def _size(record: "Progress") -> str:
    return f"{record.width}x{record.height}"


def _figures(record: "Progress") -> str:
    """Return J, the speed and the time left, e.g. ``J 0.2134, 2.1 evaluations/s, 1:05 left``."""
    figures = [f"J {record.losses.total:.4g}", f"{record.step / max(record.seconds, 1e-9):.3g} evaluations/s"]
    if record.eta is not None:
        figures.append(f"{duration(record.eta)} left")
    return ", ".join(figures)


def duration(seconds: float) -> str:
    """Return a time as minutes and seconds, e.g. ``1:05``, or with hours before them, ``2:01:05``."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _film_figures(progress: "FilmProgress") -> str:
    """Return the time so far and the time left, e.g. ``2:10 so far, 1:05:00 left``."""
    left = "" if progress.eta is None else f", {duration(progress.eta)} left"
    return f"{duration(progress.seconds)} so far{left}"


def failed(sentence: str, status: int) -> int:
    """Print an error as one line and return `status`, the exit status."""
    print(f"nst: {' '.join(sentence.splitlines())}", file=sys.stderr)
    return status
