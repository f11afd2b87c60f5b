"""``nst doodle``: a painting made anew after a map that is drawn with a few colours.

A label map of the painting says what is where in it, one of the picture where it is to be. Each colour is a region of
the picture (`nst.masks.regions`), and the painting's part of the same colour is its model.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nst.cli.blank import add_blank_options, blank_config, paint_blank
from nst.cli.options import command_parser
from nst.cli.printing import Printing
from nst.cli.request import NamedMask, RegionRequest, Request, found_picture
from nst.errors import StyleTransferError
from nst.masks.labels import MatchedPart, hexadecimal, parts_of
from nst.pictures.blank import Blank
from nst.pictures.codec import fitted_shape, read_picture_file
from nst.pictures.gallery import Preset, load_gallery
from nst.pictures.paper import Print
from nst.plan.scales import Shape

USAGE = "nst doodle STYLE STYLE_MAP MAP -o OUT.png [options]"
DESCRIPTION = """Paint a picture after MAP, a drawing in a few flat colours, in the manner of a painting: each colour is
painted like the parts of the painting that have it in STYLE_MAP, a drawing in the painting's proportions."""


def run(argv: Sequence[str]) -> int:
    """Run ``nst doodle`` and return its exit status; raises StyleTransferError where nothing can be begun."""
    options = _parser().parse_intermixed_args(argv)
    if len(options.pictures) != 3:
        raise StyleTransferError(
            f"doodle: expected a painting, its map and the map of the picture, got {len(options.pictures)} names."
        )
    style = found_picture(options.pictures[0], "painting", load_gallery())
    config, printing = blank_config(options, style), Printing.of(options)
    style_map, own_map = (Path(word) for word in options.pictures[1:])
    asked = _request(style, style_map, own_map, printing.paper or config.size)
    config.blend(len(asked.styles))
    return paint_blank(options, asked, config, printing, (style_map, own_map))


def _parser() -> argparse.ArgumentParser:
    command = command_parser("doodle", USAGE, DESCRIPTION)
    command.add_argument("pictures", nargs="*", metavar="STYLE STYLE_MAP MAP", help="a painting, and the maps' files")
    add_blank_options(command)
    return command


def _request(style: Preset | Path, style_map: Path, own_map: Path, size: int | Print) -> Request:
    """Return the request: the painting once for each colour of the picture's map, with that colour's part of it."""
    whole, known = (read_picture_file(path).pixels for path in (own_map, style_map))
    parts = parts_of(whole, known, (str(own_map), str(style_map)))
    guides = [NamedMask(f"{style_map} {hexadecimal(part.model_colour)}", part.model) for part in parts]
    blank = Blank(*_shape((whole.shape[0], whole.shape[1]), size))
    return Request(blank, [style] * len(parts), _regions(parts, own_map), guides)


def _shape(drawn: Shape, size: int | Print) -> Shape:
    """Return the (height, width) of the picture for a map of (height, width): of that size, or for that print."""
    return size.shape_for(*drawn) if isinstance(size, Print) else fitted_shape(*drawn, size)


def _regions(parts: Sequence[MatchedPart], own_map: Path) -> list[RegionRequest]:
    """Return a region for each part. The first lies below the others, so that nothing between them is left out."""
    shares = np.eye(len(parts))
    regions = []
    for index, part in enumerate(parts):
        named = None if index == 0 else NamedMask(f"{own_map} {hexadecimal(part.colour)}", part.mask)
        regions.append(RegionRequest(named, tuple(map(float, shares[index])), 1.0))
    return regions
