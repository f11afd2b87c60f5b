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
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst import __version__
from nst.cli.console import Reporter, StopSignals, hushed
from nst.cli.options import parser
from nst.cli.output import checked_output, save
from nst.cli.printing import Printing
from nst.cli.request import Inputs, Request, config_of, run_of
from nst.config import RunOptions, StyleTransferConfig
from nst.errors import Interrupted, StyleTransferError, is_out_of_memory
from nst.pictures.codec import Pixels, printable_name, read_bytes, read_picture
from nst.pictures.gallery import Gallery, load_gallery
from nst.pictures.prints import FileFormat, Levels
from nst.plan.machine import Machine
from nst.plan.run import RunPlan, plan_run
from nst.plan.scales import check_proportions, cropped
from nst.recipes.painting import Painting, painted
from nst.recipes.recipe import Recipe
from nst.weights.files import WeightsFile, read_weights

if TYPE_CHECKING:
    from nst.engine.transfer import Progress


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: done. 2: an error, said in one line; the best picture is saved if there is one. 129 (SIGHUP), 130 (Ctrl-C),
    143 (SIGTERM): stopped, the best picture is saved.
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
    _check_pictures(options)
    asked = Request.of(options, gallery)
    config, run = config_of(options, asked.styles[0]), run_of(options)
    printing = Printing.of(options)
    config.blend(len(asked.styles))
    weights = WeightsFile.of(run)
    if weights is not None:
        read_weights(weights)  # refuses at once what would fail when TensorFlow is loaded
    if options.evaluate is not None:
        _load_engine()
        return _evaluate(options, asked, config, run, printing)
    if options.estimate:
        _load_engine()
        return _estimate(options, asked, config, run, printing)
    output = checked_output(options.output, asked.files())
    _load_engine()
    return _stylize(options, asked, config, run, printing, output)


def _check_pictures(options: argparse.Namespace) -> None:
    """Raise StyleTransferError if a picture is missing; regions bring paintings of their own."""
    needed = 1 if options.region else 2
    if len(options.pictures) < needed:
        missing, got = ("style", "1 picture") if options.pictures else ("content", "no pictures")
        raise StyleTransferError(
            f"{missing}: expected a photo and at least one painting, got {got}; "
            "name files or gallery ids (--list shows them)."
        )


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
    options: argparse.Namespace,
    asked: Request,
    config: StyleTransferConfig,
    run: RunOptions,
    printing: Printing,
    output: Path,
) -> int:
    """Paint, save, and print the figures of what was saved; returns the exit status."""
    with StopSignals() as signals, Reporter(quiet=options.quiet) as reporter:
        start = time.monotonic()
        inputs = Inputs.read(asked, options.init_picture, reporter)
        _say_of_weights(inputs, run, reporter)
        config = printing.config(config, inputs.content.shape)
        if printing.paper is not None:
            reporter.say(f"{printing.sentence(config, inputs.content.shape)}: {_told(_planned(inputs, config, run))}.")
        recipe = inputs.recipe(config)  # refuses, before the work, what a recipe cannot hold
        painting = _painted(inputs, config, run, signals, reporter)
        record = painting.record
        if record is None:
            raise painting.error or StyleTransferError("steps: expected at least one evaluation, got none.")
        form = printing.form(output, config, inputs.content.shape)
        place, refused, recipe = _saved(painting, recipe, output, form)
        seconds = time.monotonic() - start
        is_whole = record.step == record.steps
        stopped = None if is_whole or painting.error else signals.signal
        saved = f"saved {place} after {record.step} of {record.steps} evaluations in {seconds:.1f} s."
        reporter.say(saved if is_whole else f"interrupted; the best picture so far is {saved}")
        if painting.error is not None:
            raise painting.error
        if options.json:
            _print_figures(inputs, recipe.config, recipe, place, seconds, record, interrupted=stopped is not None)
    if refused is not None:
        raise StyleTransferError(
            f"-o: expected a file that can be written, got {refused.strerror or refused} for {str(output)!r}; "
            f"the picture is saved as {str(place)!r} instead."
        )
    return 0 if stopped is None else 128 + stopped


def _say_of_weights(inputs: Inputs, run: RunOptions, reporter: Reporter) -> None:
    """Say that the weights have to be normalised first, and which were used for a given picture if others are now."""
    from nst.engine.normalisation import has_means

    weights = WeightsFile.of(run)
    used = None if weights is None else weights.source
    if used is not None and used.normalised and not has_means(used.sha256):
        reporter.say("weights: each filter's mean activation over the gallery is computed, once for this file.")
    made = None if inputs.initial is None else inputs.initial.made
    if made is not None and made.weights != used:
        own = "The picture was painted with the weights that come with nst."
        own = own if made.weights is None else made.weights.sentence()
        now = "the weights that come with nst" if used is None else f"the weights in {printable_name(run.weights)}"
        reporter.say(f"{own} Here {now} are used.")


def _painted(
    inputs: Inputs, config: StyleTransferConfig, run: RunOptions, signals: StopSignals, reporter: Reporter
) -> "Painting[Progress]":
    """Run the engine to its end, to the interruption or to an error."""
    from nst.engine.transfer import stylize

    def is_to_stop(record: "Progress") -> bool:
        reporter.show(record)
        return signals.has_come()

    initial = None if inputs.initial is None else inputs.initial.finest
    records = stylize(
        inputs.content.finest,
        inputs.style_pixels,
        config,
        run,
        initial=initial,
        preview_seconds=None,
        interrupted=signals.has_come,
        **inputs.masks,
    )
    return painted(records, is_to_stop)


def _saved(
    painting: "Painting[Progress]", recipe: Recipe, output: Path, form: FileFormat | None
) -> tuple[Path, OSError | None, Recipe]:
    """Save the best picture; return where, why not as `output` if it is not, and the recipe inside."""
    try:
        pixels, recipe = painting.result(recipe) if form is None else painting.fine_result(recipe)
        return *save(pixels, recipe, output, form), recipe
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise StyleTransferError(
            "the computer ran out of memory while the picture was being finished, and nothing of it is left; "
            "try a smaller --size."
        ) from error


def _print_figures(
    inputs: Inputs,
    config: StyleTransferConfig,
    recipe: Recipe,
    place: Path,
    seconds: float,
    record: "Progress",
    *,
    interrupted: bool,
) -> None:
    """Print the figures of the picture that was saved."""
    assert recipe.run is not None
    try:
        picture = read_picture(read_bytes(place), str(place), deep=True).finest
        figures = _figures(inputs, config, recipe.run.options, picture)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise StyleTransferError(
            f"the computer ran out of memory while J was being computed; the picture is saved as {str(place)!r}."
        ) from error
    figures.update(seconds=seconds, evaluations=record.step, interrupted=interrupted)
    figures["precision"] = record.options.precision
    print(json.dumps(figures))


def _evaluate(
    options: argparse.Namespace, asked: Request, config: StyleTransferConfig, run: RunOptions, printing: Printing
) -> int:
    """Print the figures of an existing picture, which is read as if it were the one to start from."""
    start = time.monotonic()
    with StopSignals() as signals, Reporter(quiet=options.quiet) as reporter:
        inputs = Inputs.read(asked, options.evaluate, reporter)
        _say_of_weights(inputs, run, reporter)
        config = printing.config(config, inputs.content.shape)
        assert inputs.initial is not None
        picture = inputs.initial.finest
        check_proportions("evaluate", picture.shape[:2], cropped(inputs.content.pixels, config.crop).shape[:2])
        try:
            figures = _figures(inputs, config, run, picture, signals.has_come)
        except Interrupted:
            return _failed("stopped before J was known.", 128 + (signals.signal or 0))
    figures.update(seconds=time.monotonic() - start, evaluations=0, interrupted=False)
    if options.json:
        print(json.dumps(figures))
    else:
        from nst.engine.terms import Terms

        values = ", ".join(f"{name} {figures[name]:.6g}" for name in ("J", *Terms._fields))
        print(f"{values} at {figures['width']}x{figures['height']}")
    return 0


def _estimate(
    options: argparse.Namespace, asked: Request, config: StyleTransferConfig, run: RunOptions, printing: Printing
) -> int:
    """Print what painting would take."""
    with Reporter(quiet=options.quiet) as reporter:
        inputs = Inputs.read(asked, options.init_picture, reporter)
    config = printing.config(config, inputs.content.shape)
    expected, machine = _planned(inputs, config, run)
    if options.json:
        print(json.dumps({**expected.figures(), "precision": machine.precision, "device": machine.device}))
    else:
        print(_told((expected, machine)))
    return 0


def _planned(inputs: Inputs, config: StyleTransferConfig, run: RunOptions) -> tuple[RunPlan, Machine]:
    """Return what painting will take, and on what; measures this machine, which takes half a second."""
    from nst.engine.device import this_machine

    machine = this_machine(run.precision, run.memory, measured=True)
    shapes = tuple(style.shape for style in inputs.styles)
    return plan_run(inputs.content.shape, shapes, config, run, machine, len(inputs.regions)), machine


def _told(planned: tuple[RunPlan, Machine]) -> str:
    """Return a plan in words."""
    plan, machine = planned
    assert plan.seconds is not None
    tiles = "" if plan.tiles == 1 else f" by {plan.tiles} tiles"
    return (
        f"about {_duration(plan.seconds)} and {plan.memory / 1e9:.1f} GB: "
        f"{plan.evaluations} evaluations{tiles} in {machine.precision} on {machine.device}"
    )


def _duration(seconds: float) -> str:
    """Return seconds as one says them, e.g. ``40 s``, ``25 min`` or ``3 h 10 min``."""
    minutes = round(seconds / 60)
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _figures(
    inputs: Inputs,
    config: StyleTransferConfig,
    run: RunOptions,
    picture: Pixels | Levels,
    interrupted: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Return J and its unweighted parts at a saved picture, and what they were computed with.

    Raises:
        Interrupted: if `interrupted`, which is asked again and again, says so.
    """
    from nst.engine.device import device_name
    from nst.engine.terms import Terms
    from nst.engine.transfer import evaluate

    device = device_name()  # before TensorFlow's first operation
    losses = evaluate(
        inputs.content.finest, inputs.style_pixels, config, picture, run, interrupted=interrupted, **inputs.masks
    )
    return {
        "J": losses.total,
        **{name: getattr(losses, name) for name in Terms._fields},
        "style_weight": config.style_weight,
        "precision": "float32",
        "device": device,
        "width": picture.shape[1],
        "height": picture.shape[0],
        "nst": __version__,
    }
