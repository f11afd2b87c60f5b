"""``nst batch``: every photo with every painting, or pairs by name or from a list, into one folder."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst.cli.console import Reporter
from nst.cli.folder import add_series_options, make_folder, paint_items
from nst.cli.options import add_printing, add_settings, command_parser
from nst.cli.pairs import LISTS, MAX_PICTURES, Pair, by_name, each_with_each, pictures_of, read_list, result_names
from nst.cli.prepared import Item
from nst.cli.printing import Printing
from nst.cli.request import config_over, run_of, settings_asked
from nst.cli.run import load_engine
from nst.cli.sheets import SHEET, picture_cell, result_cell, save_sheet
from nst.errors import StyleTransferError
from nst.pictures.gallery import Gallery, load_gallery
from nst.pictures.sheet import Cell

USAGE = """nst batch CONTENT STYLE -o FOLDER [options]
       nst batch LIST.csv|LIST.toml -o FOLDER [options]"""
DESCRIPTION = """Paint every photo in the manner of every painting. CONTENT and STYLE are folders, files, gallery ids,
or "gallery" for all of the gallery. What is in FOLDER already with the same settings is left as it is, and what was
interrupted goes on."""

#: Cells of the contact sheet in a row, where the pictures have no order in rows and columns.
SHEET_COLUMNS = 6


@dataclass(frozen=True)
class Work:
    """What the command line asks for.

    Attributes:
        items: The pictures.
        rows: Of the contact sheet.
    """

    items: list[Item]
    rows: list[list[Cell]]


def run(argv: Sequence[str]) -> int:
    """Run ``nst batch`` and return its exit status; raises StyleTransferError where nothing can be begun."""
    options = _parser().parse_intermixed_args(argv)
    how, printing = run_of(options), Printing.of(options)
    work = _work(options, load_gallery())
    if not options.estimate:
        make_folder(Path(options.output))
    load_engine()
    return paint_items(work.items, how, options, lambda: _save_sheet(work.rows, options), printing)


def _parser() -> argparse.ArgumentParser:
    command = command_parser("batch", USAGE, DESCRIPTION)
    command.add_argument(
        "pictures", nargs="*", metavar="CONTENT STYLE", help="folders, files, ids or gallery; or a list"
    )
    add_series_options(command)
    command.add_argument(
        "--pair",
        metavar="all|name",
        choices=("all", "name"),
        default="all",
        help="all: every photo with every painting (default); name: a.jpg with a.png",
    )
    command.add_argument("--sheet", action="store_true", help=f"also make a contact sheet, FOLDER/{SHEET}")
    add_printing(command)
    add_settings(command)
    return command


def _work(options: argparse.Namespace, gallery: Gallery) -> Work:
    """Return the pictures to be made; raises StyleTransferError for what is wrong with the command."""
    if options.output is None:
        raise StyleTransferError("-o: expected a folder for the results, got none; add -o FOLDER.")
    words, is_product = options.pictures, False
    common: dict[str, Any] = {}
    if len(words) == 1 and words[0].lower().endswith(LISTS):
        pairs, common = read_list(Path(words[0]), gallery)
    elif len(words) == 2:
        _refuse_inputs(options.output, words)
        contents, styles = pictures_of(words[0], "photo", gallery), pictures_of(words[1], "painting", gallery)
        is_product = options.pair == "all"
        if is_product and len(contents) * len(styles) > MAX_PICTURES:
            raise StyleTransferError(
                f"batch: expected at most {MAX_PICTURES} pictures, got {len(contents)} photos with {len(styles)} "
                "paintings; take fewer."
            )
        pairs = each_with_each(contents, styles) if is_product else by_name(contents, styles)
    else:
        raise StyleTransferError(
            f"batch: expected photos and paintings, or one list (.csv or .toml), got {len(words)} names; name two "
            "folders, files or gallery ids."
        )
    items = _items(pairs, common, options)
    return Work(items, _matrix(items, len(styles)) if is_product else _rows(items))


def _refuse_inputs(output: str, words: Sequence[str]) -> None:
    """Raise StyleTransferError if the results would lie among the photos or paintings, and be painted next time."""
    for word in words:
        if os.path.isdir(word) and os.path.isdir(output) and os.path.samefile(word, output):
            raise StyleTransferError(f"-o: expected a folder other than the inputs, got {output!r}; choose another.")


def _items(pairs: Sequence[Pair], common: dict[str, Any], options: argparse.Namespace) -> list[Item]:
    asked, folder = settings_asked(options), Path(options.output)
    items = []
    for pair, name in zip(pairs, result_names(pairs), strict=True):
        own = {**common, **pair.settings}
        if options.print is not None and not own.keys().isdisjoint(("size", "crop")):
            raise StyleTransferError(
                "--print: expected no size or crop in the list beside it, got both; leave one out."
            )
        config = config_over(asked, pair.styles[0], own)
        config.blend(len(pair.styles))
        items.append(Item(pair.content, pair.styles, config, folder / f"{name}.png"))
    return items


# The contact sheet


def _matrix(items: Sequence[Item], columns: int) -> list[list[Cell]]:
    """Return the sheet of every photo with every painting: the paintings above, each photo before its results."""
    paintings = [picture_cell(item.styles[0]) for item in items[:columns]]
    rows = [[Cell(""), *paintings]]
    for first in range(0, len(items), columns):
        row = items[first : first + columns]
        rows.append([picture_cell(row[0].content), *(result_cell(item.output, "") for item in row)])
    return rows


def _rows(items: Sequence[Item]) -> list[list[Cell]]:
    cells = [result_cell(item.output, item.title) for item in items]
    return [cells[first : first + SHEET_COLUMNS] for first in range(0, len(cells), SHEET_COLUMNS)]


def _save_sheet(rows: Sequence[Sequence[Cell]], options: argparse.Namespace) -> None:
    if options.sheet:
        place = Path(options.output) / SHEET
        save_sheet(rows, place)
        Reporter(quiet=options.quiet).say(f"saved the contact sheet {place}.")
