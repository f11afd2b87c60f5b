"""``nst grid``: one photo and painting over one or two settings, in small, on one sheet, with the command for each."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from pathlib import Path

from nst.cli.console import Reporter
from nst.cli.folder import add_series_options, make_folder, paint_items
from nst.cli.options import add_settings, command_parser
from nst.cli.output import write_file
from nst.cli.pairs import Found, short_name
from nst.cli.prepared import Item
from nst.cli.request import config_over, found_picture, run_of, settings_asked
from nst.cli.run import load_engine
from nst.cli.sheets import SHEET, result_cell, save_sheet
from nst.cli.wording import command_of, setting_of
from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.pictures.gallery import Gallery, load_gallery

USAGE = "nst grid CONTENT STYLE [STYLE ...] --vary NAME=VALUE,VALUE... [--vary NAME=VALUE,VALUE...] -o FOLDER [options]"
DESCRIPTION = """Paint one photo in small with every value of one setting, or of two, and put the pictures on one sheet:
FOLDER/sheet.jpg. The command that paints each of them at full size is printed, and written to FOLDER/commands.txt."""

#: Long side of a cell's picture in pixels if nothing else is asked for, and the most cells.
CELL, MAX_CELLS = 256, 100
#: Width in pixels that a label of two settings takes, whatever the size of the cells.
LABELLED = 192
#: File with the command for each cell.
COMMANDS = "commands.txt"
#: What is varied as a multiple of the style weight.
STRENGTH = "strength"


@dataclass(frozen=True)
class Varied:
    """A setting, or the strength, and the values that it takes."""

    name: str
    values: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Varied":
        """Read ``NAME=VALUE,VALUE``, or with semicolons between values that have commas themselves.

        Raises:
            StyleTransferError: for anything else, or a name that is no setting that can be varied.
        """
        name, sign, values = text.partition("=")
        name = name.strip().replace("-", "_")
        words = dict.fromkeys(word.strip() for word in values.split(";" if ";" in values else ","))
        if not sign or "" in words:
            raise StyleTransferError(
                f"--vary: expected a setting and its values, as in strength=0.5,1,2, got {text!r}."
            )
        if name not in {STRENGTH, *(spec.name for spec in fields(StyleTransferConfig))} or name == "size":
            raise StyleTransferError(
                f"--vary: expected strength or a setting other than the size (nst --help lists them), got {name!r}."
            )
        return cls(name, tuple(words))


@dataclass(frozen=True)
class Cell:
    """One picture of the grid: its label, its file's stem, its settings at full size."""

    label: str
    stem: str
    config: StyleTransferConfig


def run(argv: Sequence[str]) -> int:
    """Run ``nst grid`` and return its exit status; raises StyleTransferError where nothing can be begun."""
    options = _parser().parse_intermixed_args(argv)
    how, gallery = run_of(options), load_gallery()
    content, styles = _pictures(options, gallery)
    rows = _cells(options, styles)
    base = config_over({}, styles[0])
    commands = {
        cell.label: command_of(content, styles, cell.config, f"{cell.stem}.png", base, how)
        for row in rows
        for cell in row
    }
    items = [_item(cell, content, styles, commands[cell.label], options) for row in rows for cell in row]
    if not options.estimate:
        make_folder(Path(options.output))
    load_engine()
    return paint_items(items, how, options, lambda: _finish(rows, commands, options))


def _parser() -> argparse.ArgumentParser:
    command = command_parser("grid", USAGE, DESCRIPTION)
    command.add_argument("pictures", nargs="*", metavar="CONTENT STYLE", help="files or gallery ids")
    command.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="NAME=VALUE,...",
        help="a setting and its values, or strength, a multiple of the style weight; once or twice. Of two, the first "
        "makes the rows. Values with commas are separated by semicolons",
    )
    command.add_argument("--cell", type=int, default=CELL, metavar="N", help=f"long side of a cell (default {CELL})")
    add_series_options(command)
    add_settings(command)
    return command


def _pictures(options: argparse.Namespace, gallery: Gallery) -> tuple[Found, tuple[Found, ...]]:
    if len(options.pictures) < 2:
        raise StyleTransferError(
            f"grid: expected a photo and at least one painting, got {len(options.pictures)} names; name files or "
            "gallery ids (nst --list shows them)."
        )
    if options.output is None:
        raise StyleTransferError("-o: expected a folder for the pictures, got none; add -o FOLDER.")
    content, *styles = options.pictures
    paintings = tuple(found_picture(word, "painting", gallery) for word in styles)
    return found_picture(content, "photo", gallery), paintings


def _cells(options: argparse.Namespace, styles: Sequence[Found]) -> list[list[Cell]]:
    """Return the cells, row by row; raises StyleTransferError for values that the settings do not take."""
    varied = [Varied.of(text) for text in options.vary]
    if len({each.name for each in varied}) != len(varied) or not 1 <= len(varied) <= 2:
        raise StyleTransferError(f"--vary: expected one or two different settings, got {len(varied)}.")
    if len(varied) == 1:
        varied.insert(0, Varied("", ("",)))
    rows, columns = varied
    if len(rows.values) * len(columns.values) > MAX_CELLS:
        raise StyleTransferError(
            f"--vary: expected at most {MAX_CELLS} pictures, got {len(rows.values)} times {len(columns.values)}; "
            "name fewer values."
        )
    pairs = product(rows.values, columns.values)
    cells = [_cell({rows.name: row, columns.name: column}, options, styles) for row, column in pairs]
    width = len(columns.values)
    return [cells[first : first + width] for first in range(0, len(cells), width)]


def _cell(varied: Mapping[str, str], options: argparse.Namespace, styles: Sequence[Found]) -> Cell:
    asked, words = settings_asked(options), {name: value for name, value in varied.items() if name}
    if asked.get("photo_kept") and words.keys() & {STRENGTH, "style_weight"}:
        raise StyleTransferError(
            "--photo-kept: expected no style weight or strength that varies beside it, got both; vary photo_kept."
        )
    changes = {name: setting_of(name, value) for name, value in words.items() if name != STRENGTH}
    config = config_over({**asked, **changes}, styles[0])
    if STRENGTH in words:
        config = config.with_changes(photo_kept=0.0, style_weight=_factor(words[STRENGTH]) * config.style_weight)
    config.blend(len(styles))
    label = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in words.items())
    stem = "--".join(f"{name.replace('_', '-')}-{value}" for name, value in words.items())
    return Cell(label, short_name(stem), config)


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = -1.0
    if not 0 <= factor <= 1e6:
        raise StyleTransferError(f"--vary strength: expected numbers from 0 to 1e6, got {text!r}.")
    return factor


def _item(cell: Cell, content: Found, styles: tuple[Found, ...], command: str, options: argparse.Namespace) -> Item:
    config = cell.config.with_changes(size=min(options.cell, cell.config.size))
    notes = {"label": cell.label, "command": command}
    return Item(content, styles, config, Path(options.output) / f"{cell.stem}.png", notes)


def _finish(rows: Sequence[Sequence[Cell]], commands: Mapping[str, str], options: argparse.Namespace) -> None:
    """Save the sheet and the commands, and print these."""
    folder = Path(options.output)
    text = "".join(f"# {label}\n{command}\n" for label, command in commands.items())
    try:
        write_file(text.encode(), folder / COMMANDS)
    except OSError as error:
        raise StyleTransferError(
            f"-o: expected a folder that takes {COMMANDS}, got {error.strerror}; the pictures are there."
        ) from error
    if not options.json:
        print(text, end="")
    sheet = [[result_cell(folder / f"{cell.stem}.png", cell.label) for cell in row] for row in rows]
    save_sheet(sheet, folder / SHEET, max(options.cell, LABELLED))
    Reporter(quiet=options.quiet).say(f"saved the sheet {folder / SHEET} and the commands {folder / COMMANDS}.")
