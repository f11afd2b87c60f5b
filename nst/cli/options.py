"""The options of the command line: those of the tasks and regions, and one for every field of the settings."""

import argparse
from dataclasses import Field, fields
from typing import Any, NoReturn

from nst.config import LOOKS, QUALITIES, STEPS, RunOptions, StyleTransferConfig, default_of, parse_layers
from nst.errors import StyleTransferError
from nst.masks.regions import MAX_STRENGTH

USAGE = """nst CONTENT STYLE [STYLE ...] -o OUT.png [options]
       nst CONTENT [STYLE ...] --region MASK STYLE[:WEIGHT] ... -o OUT.png [options]
       nst CONTENT STYLE [STYLE ...] --evaluate PICTURE [options]
       nst CONTENT STYLE [STYLE ...] --estimate [options]
       nst --list
       nst batch --help                      many photos, many paintings, one command
       nst grid --help                       one photo and painting over one or two settings, small, for comparing
       nst texture --help                    a painting's texture, without a photo, tileable if asked
       nst doodle --help                     a painting after a map drawn with a few colours
       nst video --help                      a film, each frame from the one before it
       nst page [options of Streamlit]       start the page, e.g. nst page --server.port 8600
       nst serve [options of Streamlit]      the page for a host: with health checks, metrics, a log in JSON"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise StyleTransferError(f"{message}; --help shows what is possible.")


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it does not understand it raises as a StyleTransferError."""
    command = _Parser(
        prog="nst", usage=USAGE, description="Repaint a photo in the manner of a painting.", allow_abbrev=False
    )
    command.add_argument("pictures", nargs="*", metavar="CONTENT STYLE", help="files or gallery ids (see --list)")
    task = command.add_mutually_exclusive_group()
    task.add_argument("-o", "--output", metavar="OUT.png", help="file to save the result in, .png, .jpg or .tif")
    task.add_argument("--evaluate", metavar="PICTURE", help="only compute J of an existing picture")
    add_estimate(task)
    task.add_argument("--list", action="store_true", help="list the gallery")
    add_printing(command)
    add_figures(command)
    add_init_picture(command)
    _add_regions(
        command.add_argument_group("regions", "Masks are pictures: white, or opaque, is in. Later ones lie on top.")
    )
    add_settings(command)
    return command


def command_parser(name: str, usage: str, description: str) -> argparse.ArgumentParser:
    """Return a parser for ``nst NAME``, as yet without options; it raises StyleTransferError like `parser`."""
    return _Parser(prog=f"nst {name}", usage=usage, description=description, allow_abbrev=False)


def add_settings(command: argparse.ArgumentParser, kind: type[StyleTransferConfig] = StyleTransferConfig) -> None:
    """Add the options for what is painted, the fields of a kind of settings, and for how it is computed."""
    settings = command.add_argument_group("settings", "A painting's own settings apply where none is given.")
    _add_quality(settings)
    _add_look(settings)
    for spec in fields(kind):
        _add_setting(settings, spec)
    run = command.add_argument_group("run", "How it is computed on this machine; the recipe records it.")
    for spec in fields(RunOptions):
        _add_setting(run, spec)


def _add_regions(group: argparse._ArgumentGroup) -> None:
    """Add the options for regions of the photo and parts of the paintings."""
    group.add_argument(
        "--region",
        nargs="+",
        action="append",
        default=[],
        metavar=("MASK", "STYLE[:WEIGHT]"),
        help="paint this part of the photo in that manner; repeatable. What no region covers gets the STYLEs before "
        "the options, or stays as the photo if there are none",
    )
    group.add_argument(
        "--region-strength",
        metavar="X,...",
        help=f"strength of each region over style_weight, 0 to {MAX_STRENGTH:g}; 0 leaves it as the photo (default 1)",
    )
    add_style_guide(group)
    group.add_argument(
        "--subject-mask",
        metavar="MASK",
        help="where the photo's subject is, for --subject-weight; it is looked for where this is not given",
    )


def add_style_guide(group: argparse._ActionsContainer) -> None:
    """Add the option for parts of the paintings."""
    group.add_argument(
        "--style-guide",
        nargs=2,
        action="append",
        default=[],
        metavar=("STYLE", "MASK"),
        help="use only this part of the painting; repeatable",
    )


def add_estimate(group: argparse._ActionsContainer) -> None:
    """Add the option for telling what painting takes."""
    group.add_argument("--estimate", action="store_true", help="only tell the time and the memory that it would take")


def add_printing(command: argparse.ArgumentParser) -> None:
    """Add the options for prints."""
    command.add_argument(
        "--print",
        metavar="SIZE@DPI[,crop]",
        help="paint for a print such as A3@300dpi or 30x40cm@200dpi: its pixels, with the dots per inch in the file. "
        "The whole photo is fitted into the sheet; with ,crop it is cut around its middle and fills it",
    )
    command.add_argument(
        "--bits", choices=("8", "16"), default="8", help="bits of a channel of a .png or .tif (default 8)"
    )


def add_figures(command: argparse.ArgumentParser) -> None:
    """Add the options for what is printed beside the result: its figures, or nothing."""
    command.add_argument("--json", action="store_true", help="print the figures as one JSON object, last on stdout")
    command.add_argument("--quiet", action="store_true", help="show no progress and no notes")


def add_init_picture(command: argparse.ArgumentParser) -> None:
    """Add the option for the picture to start from."""
    command.add_argument("--init-picture", metavar="FILE", help="picture to start from, e.g. a result to be continued")


def _add_quality(group: argparse._ArgumentGroup) -> None:
    """Add the option for the named qualities, which hold at any size."""
    levels = ", ".join(f"{quality.name} {quality.steps}" for quality in QUALITIES)
    group.add_argument(
        "--quality",
        metavar="|".join(STEPS),
        choices=tuple(STEPS),
        help=f"evaluations of J at the final size, by name: {levels}; --steps wins",
    )


def _add_look(group: argparse._ArgumentGroup) -> None:
    """Add the option for the named looks."""
    looks = "; ".join(f"{look.name}, {look.reason}" for look in LOOKS)
    group.add_argument(
        "--look",
        metavar="|".join(look.name for look in LOOKS),
        choices=[look.name for look in LOOKS],
        help=f"a set of settings by name: {looks}. Settings beside it win",
    )


def _add_setting(group: argparse._ArgumentGroup, spec: Field[Any]) -> None:
    """Add the option of one field of the config or of the run. Its text is read and checked by these themselves."""
    option = "--" + spec.name.replace("_", "-")
    meta = spec.metadata
    text = f"{meta['help']} ({_default(spec)})"
    default = default_of(spec)
    if isinstance(default, bool):
        group.add_argument(option, action=argparse.BooleanOptionalAction, default=None, help=text)
    elif "file" in meta:
        group.add_argument(option, metavar="FILE", help=text)
    elif "choices" in meta:
        group.add_argument(option, metavar="|".join(meta["choices"]), help=text)
    else:
        metavar = {int: "N", float: "X"}.get(type(default), "WEIGHTS" if default == () else "LAYERS")
        group.add_argument(option, metavar=metavar, help=text)


def _default(spec: Field[Any]) -> str:
    if "layers" in spec.metadata:
        layers = ",".join(f"{name}:{weight:g}" for name, weight in parse_layers(spec.name, spec.default))
        return f"default {layers}; weights as in conv1_1:0.5,conv2_1"
    if spec.name == "style_blend_weights":
        return "default equal; e.g. 0.7,0.3"
    if "file" in spec.metadata:
        return "default none"
    if isinstance(spec.default, bool):
        return f"default {'on' if spec.default else 'off'}"
    bounds = f"{spec.metadata['low']:g} to {spec.metadata['high']:g}, " if "low" in spec.metadata else ""
    return f"{bounds}default {default_of(spec)}"
