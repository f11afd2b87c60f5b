"""The engine from the shell: ``python -m nst CONTENT STYLE [STYLE ...] -o OUT.png``.

Its options are the fields of StyleTransferConfig and of RunOptions. stdout carries results only (``--json``,
``--list``, ``--estimate``, ``--evaluate``); progress, notes and errors go to stderr, an error as one line and with
exit status 2.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module

from nst.cli.console import failed
from nst.cli.options import parser
from nst.cli.output import checked_output
from nst.cli.printing import Printing
from nst.cli.request import Request, config_of, run_of
from nst.cli.run import estimate_request, evaluate_request, load_engine, stylize_request
from nst.errors import StyleTransferError, is_out_of_memory
from nst.pictures.gallery import Gallery, load_gallery

#: Further commands, and the modules whose function ``run`` they call. A picture called batch is reached as ``./batch``.
COMMANDS = {
    "batch": "nst.cli.batch",
    "doodle": "nst.cli.doodle",
    "grid": "nst.cli.grid",
    "texture": "nst.cli.texture",
    "video": "nst.cli.video",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: done. 1: a series of pictures is done, but for those that failed. 2: an error, said in one line; the best picture
    is saved if there is one. 129 (SIGHUP), 130 (Ctrl-C), 143 (SIGTERM): stopped, the best picture is saved.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")  # remarks on metadata that we do not use
            words = sys.argv[1:] if argv is None else [*argv]
            if words[:1] and words[0] in COMMANDS:
                run: Callable[[Sequence[str]], int] = import_module(COMMANDS[words[0]]).run
                return run(words[1:])
            return _run(parser().parse_intermixed_args(words))
    except StyleTransferError as error:
        return failed(str(error), 2)
    except BrokenPipeError:
        # Whoever read our output has read enough; what is still buffered must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return failed("stopped at once; a picture that was not saved yet is lost.", 130)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return failed("the computer ran out of memory; try a smaller --size.", 2)


def _run(options: argparse.Namespace) -> int:
    gallery = load_gallery()
    if options.list:
        _list(gallery)
        return 0
    _check_pictures(options)
    asked = Request.of(options, gallery)
    config, run = config_of(options, asked.styles[0]), run_of(options)
    printing = Printing.of(options)
    config.blend(len(asked.styles))
    if options.evaluate is not None:
        load_engine()
        return evaluate_request(options, asked, config, run, printing)
    if options.estimate:
        load_engine()
        return estimate_request(options, asked, config, run, printing)
    output = checked_output(options.output, asked.files())
    load_engine()
    return stylize_request(options, asked, config, run, output, printing)


def _check_pictures(options: argparse.Namespace) -> None:
    """Raise StyleTransferError if a picture is missing; regions bring paintings of their own."""
    needed = 1 if options.region else 2
    if len(options.pictures) < needed:
        missing, got = ("style", "1 picture") if options.pictures else ("content", "no pictures")
        raise StyleTransferError(
            f"{missing}: expected a photo and at least one painting, got {got}; "
            "name files or gallery ids (--list shows them)."
        )


def _list(gallery: Gallery) -> None:
    for kind, presets in (("photos", gallery.photos), ("paintings", gallery.paintings)):
        print(f"{kind}:")
        width = max((len(preset.id) for preset in presets), default=0)
        for preset in presets:
            print(f"  {preset.id:{width}}  {preset.title} ({preset.artist}, {preset.year})")
