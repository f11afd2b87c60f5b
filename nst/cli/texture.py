"""``nst texture``: a picture of the painting's texture alone, without a photo, tileable if asked."""

import argparse
from collections.abc import Sequence

from nst.cli.blank import add_blank_options, blank_config, paint_blank, size_asked
from nst.cli.options import add_style_guide, command_parser
from nst.cli.request import Request, found_picture, guides_of
from nst.errors import StyleTransferError
from nst.pictures.blank import Blank
from nst.pictures.gallery import load_gallery

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
    width, height = sides or (config.size, config.size)
    return paint_blank(options, Request(Blank(height, width), styles, [], guides_of(options, styles, gallery)), config)


def _parser() -> argparse.ArgumentParser:
    command = command_parser("texture", USAGE, DESCRIPTION)
    command.add_argument("pictures", nargs="*", metavar="STYLE", help="files or gallery ids")
    add_style_guide(command)
    add_blank_options(command)
    return command
