"""``nst texture``: a picture of the painting's texture alone, without a photo, tileable if asked."""

import argparse
from collections.abc import Sequence
from dataclasses import replace

from nst.cli.blank import add_blank_options, blank_config, paint_blank, size_asked
from nst.cli.options import add_style_guide, command_parser
from nst.cli.printing import Printing
from nst.cli.request import Request, found_picture, guides_of
from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.pictures.blank import Blank
from nst.pictures.gallery import load_gallery
from nst.plan.scales import closing_step

USAGE = "nst texture STYLE [STYLE ...] -o OUT.png [--size N|WIDTHxHEIGHT] [--tileable] [options]"
DESCRIPTION = """Paint the texture of a painting, or of several, from noise and without a photo. With --tileable the
borders wrap around, so that copies fit beside each other."""


def run(argv: Sequence[str]) -> int:
    """Run ``nst texture`` and return its exit status; raises StyleTransferError where nothing can be begun."""
    options = _parser().parse_intermixed_args(argv)
    gallery = load_gallery()
    if not options.pictures:
        raise StyleTransferError(
            "texture: expected at least one painting, got none; name a file or a gallery id (nst --list shows them)."
        )
    styles = [found_picture(word, "painting", gallery) for word in options.pictures]
    sides = size_asked(options.size)
    if sides is not None:
        options.size = str(max(sides))
    config = blank_config(options, styles[0])
    config.blend(len(styles))
    blank, printing = _blank(sides, config, Printing.of(options))
    asked = Request(blank, styles, [], guides_of(options, styles, gallery))
    return paint_blank(options, asked, config, printing)


def _blank(sides: tuple[int, int] | None, config: StyleTransferConfig, printing: Printing) -> tuple[Blank, Printing]:
    """Return what is painted on, and the print of it: a sheet lies as it is written, or upright.

    Of a texture that wraps around the sides are rounded to the pixels that it needs.
    """
    paper = printing.paper
    if paper is None:
        width, height = sides or (config.size, config.size)
        return Blank(height, width), printing
    step = closing_step(config) if config.tileable else 1
    short, long = (max(step, round(side / step) * step) for side in sorted(paper.sheet(1, 1)))
    height, width = (long, short) if paper.is_upright else (short, long)
    return Blank(height, width), replace(printing, paper=paper.of_pixels(height, width))


def _parser() -> argparse.ArgumentParser:
    command = command_parser("texture", USAGE, DESCRIPTION)
    command.add_argument("pictures", nargs="*", metavar="STYLE", help="files or gallery ids")
    add_style_guide(command)
    add_blank_options(command)
    return command
