"""The engine from the shell: ``python -m nst CONTENT STYLE [STYLE ...] -o OUT.png``.

Its options are the fields of StyleTransferConfig and of RunOptions. stdout carries results only (``--json``,
``--list``, ``--estimate``, ``--evaluate``); progress, notes and errors go to stderr, an error as one line and with
exit status 2.
"""

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst import __version__
from nst.cli.console import Interruption, Reporter, hushed
from nst.cli.options import parser
from nst.cli.request import Inputs, Request, config_of, run_of
from nst.config import RunOptions, StyleTransferConfig
from nst.errors import StyleTransferError, is_out_of_memory
from nst.pictures.codec import Pixels, encode_jpeg, encode_png, printable_name, read_bytes, read_picture
from nst.pictures.gallery import Gallery, load_gallery
from nst.plan.estimate import estimate
from nst.plan.scales import check_proportions
from nst.recipes.provenance import Provenance
from nst.recipes.recipe import Recipe

if TYPE_CHECKING:
    from nst.engine.transfer import Progress

SUFFIXES = (".png", ".jpg", ".jpeg")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: done. 2: an error, said in one line. 130 (Ctrl-C), 143 (SIGTERM): stopped, the best picture is saved.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")  # remarks on metadata that we do not use
            return _run(parser().parse_intermixed_args(argv))
    except StyleTransferError as error:
        return _failed(str(error), 2)
    except BrokenPipeError:
        # Whoever read our output has read enough; what is still buffered must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _failed("stopped at once; a picture that was not saved yet is lost.", 130)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return _failed("the computer ran out of memory; try a smaller --size.", 2)


def _failed(sentence: str, status: int) -> int:
    print(f"nst: {' '.join(sentence.splitlines())}", file=sys.stderr)
    return status


def _run(options: argparse.Namespace) -> int:
    gallery = load_gallery()
    if options.list:
        _list(gallery)
        return 0
    if len(options.pictures) < 2 - bool(options.region):
        raise StyleTransferError(
            f"{'style' if options.pictures else 'content'}: expected a photo and at least one painting, "
            f"got {len(options.pictures) or 'no'} picture{'s' * (not options.pictures)}; "
            "name files or gallery ids (--list shows them)."
        )
    asked = Request.of(options, gallery)
    config, run = config_of(options, asked.styles[0]), run_of(options)
    config.blend(len(asked.styles))
    if options.evaluate is not None:
        _load_engine()
        return _evaluate(options, asked, config, run)
    if options.estimate:
        _load_engine()
        return _estimate(options, asked, config, run)
    output = _checked_output(options.output, asked.files())
    _load_engine()
    return _stylize(options, asked, config, run, output)


def _load_engine() -> None:
    """Import the engine with TensorFlow: seconds that are neither the bad input's nor the painting's."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with hushed():
        import_module("nst.engine.transfer")


def _list(gallery: Gallery) -> None:
    for kind, presets in (("photos", gallery.photos), ("paintings", gallery.paintings)):
        print(f"{kind}:")
        width = max((len(preset.id) for preset in presets), default=0)
        for preset in presets:
            print(f"  {preset.id:{width}}  {preset.title} ({preset.artist}, {preset.year})")


def _stylize(
    options: argparse.Namespace, asked: Request, config: StyleTransferConfig, run: RunOptions, output: Path
) -> int:
    """Paint, save, and print the figures of what was saved; returns the exit status."""
    with Interruption() as interruption, Reporter(quiet=options.quiet) as reporter:
        start = time.monotonic()
        inputs = Inputs.read(asked, options.init_picture, reporter)
        recipe = inputs.recipe(config)  # refuses, before the work, what a recipe cannot hold
        record = _painted(inputs, config, run, interruption, reporter)
        provenance = Provenance.of(record.options, record.device)
        recipe = recipe.as_run(provenance, record.step, record.steps)
        _save(record.picture(), recipe, output)
        seconds = time.monotonic() - start
        stopped = interruption.signal if record.step < record.steps else None
        saved = f"saved {output} after {record.step} of {record.steps} evaluations in {seconds:.1f} s."
        reporter.say(saved if stopped is None else f"interrupted; the best picture so far is {saved}")
        if options.json:
            saved_pixels = read_picture(read_bytes(output), str(output)).pixels
            figures = _figures(inputs, config, provenance.options, saved_pixels)
            figures.update(
                precision=record.options.precision,
                seconds=seconds,
                evaluations=record.step,
                interrupted=stopped is not None,
            )
            print(json.dumps(figures))
    return 0 if stopped is None else 128 + stopped


def _painted(
    inputs: Inputs, config: StyleTransferConfig, run: RunOptions, interruption: Interruption, reporter: Reporter
) -> "Progress":
    """Run the engine to its end or to the interruption, and return its last record."""
    from nst.engine.transfer import stylize

    initial = None if inputs.initial is None else inputs.initial.pixels
    records = stylize(
        inputs.content.pixels, inputs.style_pixels, config, run, initial=initial, preview_seconds=None, **inputs.masks
    )
    for record in records:
        reporter.show(record)
        if interruption.signal is not None:
            break
    return record  # there is at least one evaluation


def _evaluate(options: argparse.Namespace, asked: Request, config: StyleTransferConfig, run: RunOptions) -> int:
    """Print the figures of an existing picture, which is read as if it were the one to start from."""
    start = time.monotonic()
    with Reporter(quiet=options.quiet) as reporter:
        inputs = Inputs.read(asked, options.evaluate, reporter)
    assert inputs.initial is not None
    picture = inputs.initial.pixels
    check_proportions("evaluate", picture.shape[:2], inputs.content.pixels.shape[:2])
    figures = _figures(inputs, config, run, picture)
    figures.update(seconds=time.monotonic() - start, evaluations=0, interrupted=False)
    if options.json:
        print(json.dumps(figures))
    else:
        print(f"J {figures['J']:.6g}, content {figures['content']:.6g}, style {figures['style']:.6g}, ", end="")
        print(f"tv {figures['tv']:.6g} at {figures['width']}x{figures['height']}")
    return 0


def _estimate(options: argparse.Namespace, asked: Request, config: StyleTransferConfig, run: RunOptions) -> int:
    """Print what painting would take."""
    from nst.engine.device import this_machine

    with Reporter(quiet=options.quiet) as reporter:
        inputs = Inputs.read(asked, options.init_picture, reporter)
    shape, *style_shapes = ((each.shape[0], each.shape[1]) for each in (inputs.content.pixels, *inputs.style_pixels))
    machine = this_machine(run.precision, run.memory, measured=True)
    expected = estimate(shape, tuple(style_shapes), config, run, machine, len(inputs.regions))
    if options.json:
        print(json.dumps({**asdict(expected), "precision": machine.precision, "device": machine.device}))
    else:
        tiles = "" if expected.tiles == 1 else f" by {expected.tiles} tiles"
        print(f"about {expected.seconds:.0f} s and {expected.memory / 1e9:.1f} GB: ", end="")
        print(f"{expected.evaluations} evaluations{tiles} in {machine.precision} on {machine.device}")
    return 0


def _figures(inputs: Inputs, config: StyleTransferConfig, run: RunOptions, picture: Pixels) -> dict[str, Any]:
    """Return J and its unweighted parts at a saved picture, and what they were computed with."""
    from nst.engine.device import device_name
    from nst.engine.transfer import evaluate

    device = device_name()  # before TensorFlow's first operation
    losses = evaluate(inputs.content.pixels, inputs.style_pixels, config, picture, run, **inputs.masks)
    return {
        "J": losses.total,
        "content": losses.content,
        "style": losses.style,
        "tv": losses.tv,
        "precision": "float32",
        "device": device,
        "width": picture.shape[1],
        "height": picture.shape[0],
        "nst": __version__,
    }


# The output


def _checked_output(name: str | None, inputs: Iterable[Path]) -> Path:
    """Return the path to save to, refusing before the work what would fail after it."""
    if name is None:
        raise StyleTransferError("-o: expected a file to save the result in, got none; add -o OUT.png.")
    output = Path(name)
    if output.suffix.lower() not in SUFFIXES:
        raise StyleTransferError(f"-o: expected a name that ends in .png or .jpg, got {name!r}.")
    try:
        output.lstat()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StyleTransferError(
            f"-o: expected a file that can be written, got {printable_name(name)!r} ({error.strerror}); choose another."
        ) from None
    if os.path.isdir(name):
        raise StyleTransferError(f"-o: expected a file, got the folder {name!r}; name a file in it.")
    if not os.path.isdir(output.parent):
        raise StyleTransferError(f"-o: expected a folder that exists, got {str(output.parent)!r}; make it first.")
    if not os.access(output.parent, os.W_OK | os.X_OK):
        raise StyleTransferError(f"-o: expected a folder to write in, got {str(output.parent)!r}; choose another.")
    if os.path.exists(name) and any(_same(each, name) for each in inputs):
        raise StyleTransferError(f"-o: expected a file other than the inputs, got {name!r}; choose another name.")
    return output


def _same(path: Path, name: str) -> bool:
    return os.path.exists(path) and os.path.samefile(path, name)


def _save(pixels: Pixels, recipe: Recipe, output: Path) -> None:
    """Write the picture beside its final name, then rename it: nobody ever sees half a file."""
    data = encode_png(pixels, recipe.to_json()) if output.suffix.lower() == ".png" else encode_jpeg(pixels)
    unfinished = output.with_name(f".nst-{os.getpid()}{output.suffix}")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(output)
    except OSError as error:
        raise StyleTransferError(f"-o: expected to write {str(output)!r}, got an error ({error.strerror}).") from error
    finally:
        unfinished.unlink(missing_ok=True)
