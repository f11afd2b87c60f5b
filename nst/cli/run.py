"""What the command line does with the pictures and settings of a request: paint and save, estimate, evaluate.

stdout carries results only; progress and notes go to stderr. The engine is imported when it is needed.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst import __version__
from nst.cli.console import Reporter, StopSignals, duration, failed, hushed
from nst.cli.output import save
from nst.cli.printing import PLAIN, Printing
from nst.cli.request import Input, Inputs, Request
from nst.config import RunOptions, StyleTransferConfig
from nst.errors import Interrupted, StyleTransferError, is_out_of_memory
from nst.pictures.codec import Pixels, printable_name, read_bytes, read_picture
from nst.pictures.prints import FileFormat, Levels
from nst.plan.run import RunPlan, plan_run
from nst.plan.scales import check_proportions, cropped
from nst.recipes.painting import Painting, painted
from nst.recipes.recipe import Recipe
from nst.weights.files import WeightsFile

if TYPE_CHECKING:
    from nst.engine.records import Progress
    from nst.plan.machine import Machine


def load_engine() -> None:
    """Import the engine with TensorFlow: seconds that are neither the bad input's nor the painting's."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with hushed():
        import_module("nst.engine.transfer")


def stylize_request(
    options: argparse.Namespace,
    asked: Request,
    config: StyleTransferConfig,
    run: RunOptions,
    output: Path,
    printing: Printing = PLAIN,
) -> int:
    """Paint, save, and print the figures of what was saved; returns the exit status."""
    with StopSignals() as signals, Reporter(quiet=options.quiet) as reporter:
        start = time.monotonic()
        inputs = Inputs.read(asked, options.init_picture, reporter)
        say_of_weights(run, reporter, inputs.initial)
        config = printing.config(config, inputs.content.shape)
        recipe = inputs.recipe(config)  # refuses, before the work, what a recipe cannot hold

        def is_to_stop(record: "Progress") -> bool:
            reporter.show(record)
            return signals.has_come()

        def begin() -> None:
            if options.quiet:
                return  # to measure the rate takes half a second
            reporter.say(f"{printing.sentence(config, inputs.content.shape)}: {_told(_planned(inputs, config, run))}.")

        initial = None if inputs.initial is None else inputs.initial.finest
        painting = paint(inputs, config, run, is_to_stop, signals.has_come, initial, begin=begin)
        record = painting.record
        if record is None:
            raise painting.error or StyleTransferError("steps: expected at least one evaluation, got none.")
        form = printing.form(output, config, inputs.content.shape)
        place, refused, recipe = save_best(painting, recipe, output, form=form)
        seconds = time.monotonic() - start
        is_whole = record.step == record.steps
        stopped = None if is_whole or painting.error else signals.signal
        saved = f"saved {place} after {record.step} of {record.steps} evaluations in {seconds:.1f} s."
        reporter.say(saved if is_whole else f"interrupted; the best picture so far is {saved}")
        if painting.error is not None:
            raise painting.error
        if options.json:
            figures = figures_of_saved(inputs, recipe, place, seconds, record, interrupted=stopped is not None)
            print(json.dumps(figures))
    if refused is not None:
        raise StyleTransferError(
            f"-o: expected a file that can be written, got {refused.strerror or refused} for {str(output)!r}; "
            f"the picture is saved as {str(place)!r} instead."
        )
    return 0 if stopped is None else 128 + stopped


def say_of_weights(run: RunOptions, reporter: Reporter, initial: Input | None = None) -> None:
    """Say that the weights have to be normalised first, and which were used for a given picture if others are now."""
    from nst.engine.normalisation import has_means

    weights = WeightsFile.of(run)
    used = None if weights is None else weights.source
    if used is not None and used.normalised and not has_means(used.sha256):
        reporter.say("weights: each filter's mean activation over the gallery is computed, once for this file.")
    made = None if initial is None or initial.recipe is None else initial.recipe.run
    if made is not None and made.weights != used:
        own = "The picture was painted with the weights that come with nst."
        own = own if made.weights is None else made.weights.sentence()
        now = "the weights that come with nst" if used is None else f"the weights in {printable_name(run.weights)}"
        reporter.say(f"{own} Here {now} are used.")


def paint(
    inputs: Inputs,
    config: StyleTransferConfig,
    run: RunOptions,
    is_to_stop: "Callable[[Progress], bool]",
    interrupted: Callable[[], bool],
    initial: Pixels | Levels | None = None,
    finishing: bool = False,
    begin: Callable[[], None] = lambda: None,
) -> "Painting[Progress]":
    """Run the engine to its end, to the interruption or to an error.

    Args:
        inputs: The pictures and masks.
        config: The settings.
        run: How it is computed.
        is_to_stop: Asked of every record.
        interrupted: Asked in the middle of an evaluation; see `nst.engine.transfer.stylize`.
        initial: The picture to start from, if the settings say so.
        finishing: Whether that was interrupted in its last pass; see there too.
        begin: Called once nothing is wrong with what is asked for, before the work.
    """
    from nst.engine.transfer import stylize

    records = stylize(
        inputs.content.finest,
        inputs.style_pixels,
        config,
        run,
        initial=initial,
        finishing=finishing,
        preview_seconds=None,
        interrupted=interrupted,
        **inputs.masks,
    )
    begin()
    return painted(records, is_to_stop)


def save_best(
    painting: "Painting[Progress]", recipe: Recipe, output: Path, before: int = 0, form: FileFormat | None = None
) -> tuple[Path, OSError | None, Recipe]:
    """Save the best picture; return where, why not as `output` if it is not, and the recipe inside.

    Args:
        painting: The run, which has a record.
        recipe: Of what was asked for.
        output: File to save in.
        before: Evaluations of an earlier run, from whose picture this one went on.
        form: How the file is written; None for a plain PNG or JPEG.
    """
    try:
        pixels, recipe = painting.result(recipe, before) if form is None else painting.fine_result(recipe, before)
        return *save(pixels, recipe, output, form), recipe
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise StyleTransferError(
            "the computer ran out of memory while the picture was being finished, and nothing of it is left; "
            "try a smaller --size."
        ) from error


def figures_of_saved(
    inputs: Inputs, recipe: Recipe, place: Path, seconds: float, record: "Progress", *, interrupted: bool
) -> dict[str, Any]:
    """Return the figures of the picture that was saved at `place`, as ``--json`` prints them.

    Raises:
        StyleTransferError: if there is no memory to compute J.
    """
    assert recipe.run is not None
    try:
        picture = read_picture(read_bytes(place), str(place), deep=True).finest
        figures = _figures(inputs, recipe.config, recipe.run.options, picture)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise StyleTransferError(
            f"the computer ran out of memory while J was being computed; the picture is saved as {str(place)!r}."
        ) from error
    figures.update(seconds=seconds, evaluations=record.step, interrupted=interrupted)
    figures["precision"] = record.options.precision
    return figures


def evaluate_request(
    options: argparse.Namespace,
    asked: Request,
    config: StyleTransferConfig,
    run: RunOptions,
    printing: Printing = PLAIN,
) -> int:
    """Print the figures of an existing picture, which is read as if it were the one to start from."""
    start = time.monotonic()
    with StopSignals() as signals, Reporter(quiet=options.quiet) as reporter:
        inputs = Inputs.read(asked, options.evaluate, reporter)
        say_of_weights(run, reporter, inputs.initial)
        config = printing.config(config, inputs.content.shape)
        assert inputs.initial is not None
        config = _with_found_weight(config, inputs.initial.recipe)
        picture = inputs.initial.finest
        check_proportions("evaluate", picture.shape[:2], cropped(inputs.content.pixels, config.crop).shape[:2])
        try:
            figures = _figures(inputs, config, run, picture, signals.has_come)
        except Interrupted:
            return failed("stopped before J was known.", 128 + (signals.signal or 0))
    figures.update(seconds=time.monotonic() - start, evaluations=0, interrupted=False)
    if options.json:
        print(json.dumps(figures))
    else:
        from nst.engine.terms import PICTURE_TERMS

        values = ", ".join(f"{name} {figures[name]:.6g}" for name in ("J", *PICTURE_TERMS))
        print(f"{values} at {figures['width']}x{figures['height']}")
    return 0


def _with_found_weight(config: StyleTransferConfig, recipe: Recipe | None) -> StyleTransferConfig:
    """Return the settings by which a picture is judged: with the style weight that its own run found for the share."""
    if recipe is None or recipe.photo_kept is None or recipe.photo_kept != config.photo_kept:
        return config
    return config.with_changes(style_weight=recipe.config.style_weight)


def estimate_request(
    options: argparse.Namespace,
    asked: Request,
    config: StyleTransferConfig,
    run: RunOptions,
    printing: Printing = PLAIN,
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


def _planned(inputs: Inputs, config: StyleTransferConfig, run: RunOptions) -> tuple[RunPlan, "Machine"]:
    """Return what painting will take, and on what; measures this machine, which takes half a second."""
    from nst.engine.device import this_machine

    machine = this_machine(run.precision, run.memory, measured=True)
    shapes = tuple(style.shape for style in inputs.styles)
    return plan_run(inputs.content.shape, shapes, config, run, machine, len(inputs.regions)), machine


def _told(planned: tuple[RunPlan, "Machine"]) -> str:
    """Return a plan in words."""
    plan, machine = planned
    assert plan.seconds is not None
    tiles = "" if plan.tiles == 1 else f" by {plan.tiles} tiles"
    return (
        f"about {duration(plan.seconds)} and {plan.memory / 1e9:.1f} GB: "
        f"{plan.evaluations} evaluations{tiles} in {machine.precision} on {machine.device}"
    )


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
    from nst.engine.terms import PICTURE_TERMS
    from nst.engine.transfer import evaluate

    device = device_name()  # before TensorFlow's first operation
    losses = evaluate(
        inputs.content.finest, inputs.style_pixels, config, picture, run, interrupted=interrupted, **inputs.masks
    )
    return {
        "J": losses.total,
        **{name: getattr(losses, name) for name in PICTURE_TERMS},
        "style_weight": config.style_weight,
        "precision": "float32",
        "device": device,
        "width": picture.shape[1],
        "height": picture.shape[0],
        "nst": __version__,
    }
