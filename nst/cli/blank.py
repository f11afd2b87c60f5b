"""What commands share that paint without a photo: their options, their settings, the canvas."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nst.cli.options import add_estimate, add_figures, add_init_picture, add_printing, add_settings
from nst.cli.output import checked_output
from nst.cli.printing import Printing
from nst.cli.request import Request, config_over, run_of, settings_asked
from nst.cli.run import estimate_request, load_engine, stylize_request
from nst.config import WITHOUT_PHOTO, StyleTransferConfig
from nst.errors import StyleTransferError
from nst.pictures.blank import Blank
from nst.pictures.gallery import Preset


def add_blank_options(command: argparse.ArgumentParser) -> None:
    """Add the options of commands that paint without a photo."""
    command.add_argument("-o", "--output", metavar="OUT.png", help="file to save the result in, .png, .jpg or .tif")
    add_estimate(command)
    add_printing(command)
    add_figures(command)
    add_init_picture(command)
    add_settings(command)


def blank_config(options: argparse.Namespace, style: Preset | Path) -> StyleTransferConfig:
    """Return the settings, as `config_over`, of a picture without a photo.

    Raises:
        StyleTransferError: if one is asked for that keeps something of a photo.
    """
    asked = settings_asked(options)
    for name in ("content_weight", "photo_kept", "colour"):
        if asked.get(name, WITHOUT_PHOTO[name]) != WITHOUT_PHOTO[name]:
            raise StyleTransferError(
                f"--{name.replace('_', '-')}: expected no such option without a photo, got {asked[name]!r}; leave it "
                "out."
            )
    if options.init_picture is not None:
        asked.setdefault("init", "picture")
    return config_over(asked, style, WITHOUT_PHOTO)


def size_asked(text: Any) -> tuple[int, int] | None:
    """Return the (width, height) of a size that is written as WIDTHxHEIGHT; None for anything else."""
    found = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text) if isinstance(text, str) else None
    return None if found is None else (int(found[1]), int(found[2]))


def paint_blank(
    options: argparse.Namespace,
    asked: Request,
    config: StyleTransferConfig,
    printing: Printing,
    maps: Sequence[Path] = (),
) -> int:
    """Paint, or tell what it takes, and return the exit status.

    Args:
        options: Those of `add_blank_options`.
        asked: The pictures and masks.
        config: The settings.
        printing: How the file is written, and for which print.
        maps: Files that the masks were made of, which the result must not replace.
    """
    how = run_of(options)
    if isinstance(asked.content, Blank):  # refuses what is too large before there are pixels of it
        printing.config(config, (asked.content.height, asked.content.width))
    if options.estimate:
        load_engine()
        return estimate_request(options, asked, config, how, printing)
    output = checked_output(options.output, (*asked.files(), *maps))
    load_engine()
    return stylize_request(options, asked, config, how, output, printing)
