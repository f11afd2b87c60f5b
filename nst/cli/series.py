"""A series of pictures, painted one after the other: what is done is left, what was interrupted goes on.

What has been painted tells by the recipe inside whether it is what is asked for now. A picture that cannot be painted
is said, and the next one comes.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst.cli.console import SeriesReporter, StopSignals
from nst.cli.output import keep
from nst.cli.prepared import Prepared, read_started
from nst.cli.printing import PLAIN, Printing
from nst.cli.request import Inputs, Request
from nst.cli.run import figures_of_saved, paint, save_best
from nst.config import RunOptions
from nst.errors import StyleTransferError, is_out_of_memory
from nst.pictures.codec import printable_name
from nst.pictures.gallery import Preset
from nst.plan.scales import is_at_final_size
from nst.recipes.painting import Painting, going_on, is_finishing
from nst.recipes.recipe import Recipe

if TYPE_CHECKING:
    from nst.engine.records import Progress

#: Seconds after which the best picture so far is saved at the last size, so that even a killed run can go on from it.
KEEPING_SECONDS = 60.0
#: Folder beside the results to which a picture of other settings is moved before a new one takes its name.
EARLIER = "earlier"


@dataclass
class Series:
    """A series under way.

    Args:
        run: How the pictures are computed.
        reporter: Shows progress.
        signals: Say when to stop.
        as_json: Whether to print a line of JSON for each picture.
        printing: How the files are written, and for which print.
    """

    run: RunOptions
    reporter: SeriesReporter
    signals: StopSignals
    as_json: bool
    printing: Printing = PLAIN
    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    said: set[str] = field(default_factory=set)

    def paint_all(self, prepared: Sequence[Prepared]) -> int:
        """Paint what is to be painted; return the exit status: 0, 1 if a picture failed, or as a signal has it.

        Raises:
            StyleTransferError: if there is no place any more to save pictures in.
        """
        self.total = len(prepared)
        self.reporter.begin_series([each.seconds for each in prepared if each.plan is not None])
        for each in prepared:
            if self.signals.has_come():
                break
            if each.is_done:
                self._tell(each, "done")
            elif each.error is not None:
                self._fail(each, each.error)
            else:
                self._paint(each)
        self._sum_up()
        if self.signals.signal is not None:
            return 128 + self.signals.signal
        return 1 if self.counts["failed"] else 0

    def _paint(self, prepared: Prepared) -> None:
        """Paint one picture; an error of its own is told and does not end the series."""
        self.reporter.begin(f"{self.counts.total() + 1} of {self.total}: {prepared.item.title}", prepared.seconds)
        start = time.monotonic()
        try:
            is_painted = self._painted(prepared, start)
        except Exception as error:
            if not isinstance(error, StyleTransferError) and not is_out_of_memory(error):
                raise
            is_painted = False
            self._fail(prepared, error)
        self.reporter.end(time.monotonic() - start if is_painted else None)

    def _painted(self, prepared: Prepared, start: float) -> bool:
        """Paint one picture and save the best of it, whatever ends it; return whether it came to its end."""
        item = prepared.item
        inputs = Inputs.read(Request(item.content, [*item.styles], [], []), None, self.reporter)
        recipe, config, initial, before = inputs.recipe(item.config), item.config, None, 0
        finishing = False
        if prepared.left is not None:
            started = read_started(item.output, prepared.left)
            recipe, initial, before = started.recipe, started.pixels, started.recipe.evaluations or 0
            config, finishing = going_on(recipe.config, started.left), is_finishing(recipe.config, started.left)
        elif prepared.is_other:
            self._set_aside(item.output)
        watch = _Watch(self, recipe, item.output, before)
        painting = paint(inputs, config, self.run, watch.is_to_stop, self.signals.has_come, initial, finishing)
        record = painting.record
        if record is None:
            raise painting.error or StyleTransferError("steps: expected at least one evaluation, got none.")
        form = self.printing.form(item.output, item.config, inputs.content.shape)
        place, refused, recipe = save_best(painting, recipe, item.output, before, form)
        if refused is not None:
            raise _NoPlaceError(
                f"-o: expected a folder that takes the pictures, got {refused.strerror or refused} for "
                f"{str(item.output)!r}; the picture is saved as {str(place)!r} instead."
            )
        if painting.error is not None:
            raise painting.error
        is_whole = record.step == record.steps
        figures = {}
        if self.as_json:
            seconds = time.monotonic() - start
            figures = figures_of_saved(inputs, recipe, place, seconds, record, interrupted=not is_whole)
        self._tell(prepared, "painted" if is_whole else "interrupted", **figures)
        return is_whole

    def _set_aside(self, output: Path) -> None:
        """Move a picture of other settings to where the new one does not replace it."""
        place = free_name(output.parent / EARLIER / output.name)
        try:
            place.parent.mkdir(exist_ok=True)
            output.rename(place)
        except OSError as error:
            raise StyleTransferError(
                f"{printable_name(str(output))}: expected to move this earlier picture to {EARLIER}/, got "
                f"{error.strerror}; move it away."
            ) from error
        self.reporter.say(f"{output.name} was made with other settings or pictures; it is {EARLIER}/{place.name} now.")

    def _fail(self, prepared: Prepared, error: Exception) -> None:
        if isinstance(error, _NoPlaceError):
            raise error
        sentence = str(error)
        if is_out_of_memory(error):
            sentence = "the computer ran out of memory; try a smaller --size."
        if sentence not in self.said:  # a broken file is said once, not for each of its pairs
            self.said.add(sentence)
            names = (printable_name(_name(found)) for found in (prepared.item.content, *prepared.item.styles))
            names_file = sentence.startswith(tuple(names))
            self.reporter.complain(sentence if names_file else f"{prepared.item.title}: {sentence}")
        self._tell(prepared, "failed", error=" ".join(sentence.splitlines()))

    def _tell(self, prepared: Prepared, status: str, **more: Any) -> None:
        """Count a picture, and print its line."""
        self.counts[status] += 1
        item = prepared.item
        if self.as_json:
            names = {"photo": _name(item.content), "paintings": [_name(style) for style in item.styles]}
            entries = {"picture": str(item.output), "status": status, **names, **item.notes, **more}
            print(json.dumps(entries), flush=True)

    def _sum_up(self) -> None:
        counts = self.counts
        parts = [f"{counts['painted']} painted"]
        parts += [f"{counts['done']} were there already"] if counts["done"] else []
        parts += [f"{counts['failed']} failed"] if counts["failed"] else []
        missing = self.total - counts["painted"] - counts["done"] - counts["failed"]
        rest = f"; {missing} are left, the same command goes on with them" if missing else ""
        total = "1 picture" if self.total == 1 else f"{self.total} pictures"
        self.reporter.say(f"of {total} {', '.join(parts)}{rest}.")


class _NoPlaceError(StyleTransferError):
    """The folder takes no pictures any more; to go on would be work for nothing."""


class _Watch:
    """Looks at each record of a run, and saves the best picture at the last size now and then."""

    def __init__(self, series: Series, recipe: Recipe, output: Path, before: int) -> None:
        self._series, self._recipe, self._output, self._before = series, recipe, output, before
        self._kept_at = time.monotonic()

    def is_to_stop(self, record: "Progress") -> bool:
        self._series.reporter.show(record)
        is_due = time.monotonic() - self._kept_at >= KEEPING_SECONDS
        at_final_size = is_at_final_size(record.scale, record.scales, record.config)
        if is_due and at_final_size and record.step < record.steps:
            keep(*Painting(record, None).result(self._recipe, self._before), self._output)
            self._kept_at = time.monotonic()
        return self._series.signals.has_come()


def free_name(path: Path) -> Path:
    """Return `path`, or where there is such a file the same with a number, which there is not."""
    for candidate in _numbered(path):
        if not candidate.exists():
            return candidate
    raise AssertionError("there is always a free number")


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_stem(f"{path.stem}-{number}")
        number += 1


def _name(found: Preset | Path) -> str:
    return found.id if isinstance(found, Preset) else str(found)
