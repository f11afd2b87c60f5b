"""What all commands that fill a folder with pictures share: their options, the folder, the way from items to files."""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from nst.cli.console import Reporter, SeriesReporter, StopSignals
from nst.cli.options import add_estimate
from nst.cli.prepared import Item, Prepared, forecast_sentence, prepare
from nst.cli.printing import PLAIN, Printing
from nst.cli.run import say_of_weights
from nst.cli.series import Series
from nst.config import RunOptions
from nst.errors import StyleTransferError
from nst.pictures.codec import printable_name


def paint_items(
    items: Sequence[Item],
    how: RunOptions,
    options: argparse.Namespace,
    after: Callable[[], None],
    printing: Printing = PLAIN,
) -> int:
    """Paint a series, or tell what it takes, and return the exit status; `after` is called when pictures are there.

    Args:
        items: The pictures.
        how: They are computed.
        options: With estimate, json and quiet.
        after: Makes what is made of the pictures.
        printing: How the files are written, and for which print.
    """
    from nst.engine.device import this_machine

    with StopSignals() as signals, SeriesReporter(quiet=options.quiet) as reporter:
        prepared = prepare(items, how, this_machine(how.precision, how.memory, measured=True), printing)
        if options.estimate:
            return _estimated(prepared, reporter)
        say_of_weights(how, reporter)
        reporter.say(forecast_sentence(prepared))
        status = Series(how, reporter, signals, options.json, printing).paint_all(prepared)
    after()
    return status


def _estimated(prepared: Sequence[Prepared], reporter: Reporter) -> int:
    """Print what the series takes; return 1 if some of it cannot be painted."""
    broken = dict.fromkeys(str(each.error) for each in prepared if each.error is not None)
    for sentence in broken:
        reporter.complain(sentence)
    print(forecast_sentence(prepared))
    return 1 if broken else 0


def make_folder(folder: Path) -> None:
    """Make the folder for the results if there is none.

    Raises:
        StyleTransferError: if it cannot be made or written in.
    """
    name = printable_name(str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StyleTransferError(
            f"-o: expected a folder that can be made, got {name!r} ({error.strerror}); choose another."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StyleTransferError(f"-o: expected a folder to write in, got {name!r}; choose another.")


def add_series_options(command: argparse.ArgumentParser) -> None:
    """Add the options that all series have."""
    command.add_argument("-o", "--output", metavar="FOLDER", help="folder for the results; made if there is none")
    add_estimate(command)
    command.add_argument("--json", action="store_true", help="print a line of JSON for each picture")
    command.add_argument("--quiet", action="store_true", help="show no progress and no notes, only what failed")
