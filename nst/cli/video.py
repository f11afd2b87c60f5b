"""Films from the shell: ``nst video FILM STYLE [STYLE ...] -o OUT.mp4``.

Its options are the fields of FilmConfig and of RunOptions. What goes to stdout and stderr is as in `nst.cli.main`.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst.cli.console import Reporter, StopSignals, duration
from nst.cli.options import add_estimate, add_figures, add_settings, command_parser
from nst.cli.output import checked_place
from nst.cli.request import Input, found_picture, run_of, settings_asked, settings_over
from nst.cli.run import load_engine, say_of_weights
from nst.config import FilmConfig, RunOptions
from nst.errors import Interrupted, StyleTransferError
from nst.pictures.gallery import load_gallery
from nst.video.estimate import FilmPlan, plan_film
from nst.video.film import open_film
from nst.video.library import pyav
from nst.video.survey import Survey
from nst.video.transfer import stylize_film
from nst.video.writer import check_suffix

if TYPE_CHECKING:
    from nst.video.transfer import FilmProgress

USAGE = """nst video FILM STYLE [STYLE ...] -o OUT.mp4 [options]
       nst video FILM STYLE [STYLE ...] -o OUT.mp4 --preview [options]
       nst video FILM STYLE [STYLE ...] --estimate [options]"""


def run(argv: Sequence[str]) -> int:
    """Run ``nst video`` and return its exit status; raises StyleTransferError where nothing can be begun."""
    return _run(parser().parse_intermixed_args(argv))


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it does not understand it raises as a StyleTransferError."""
    command = command_parser("video", USAGE, "Repaint a film, each frame from the one before it.")
    command.add_argument("film", metavar="FILM", help="a film, an animated GIF, or a folder of pictures")
    command.add_argument("styles", nargs="+", metavar="STYLE", help="files or gallery ids (see nst --list)")
    command.add_argument("-o", "--output", metavar="OUT.mp4", help="film to write, .mp4, .mov or .mkv")
    task = command.add_mutually_exclusive_group()
    task.add_argument(
        "--preview",
        action="store_true",
        help="paint the first two frames only, and tell from them the time for all; the command without it goes on",
    )
    add_estimate(task)
    command.add_argument("--keep-frames", action="store_true", help="keep the painted frames when the film is complete")
    add_figures(command)
    add_settings(command, FilmConfig)
    return command


def _run(options: argparse.Namespace) -> int:
    pyav()
    gallery = load_gallery()
    styles = [found_picture(name, "painting", gallery) for name in options.styles]
    config = FilmConfig.from_dict(settings_over(settings_asked(options, FilmConfig), styles[0]))
    run = run_of(options)
    config.blend(len(styles))
    film = Path(options.film)
    open_film(film)
    inputs = [each for each in (film, *styles) if isinstance(each, Path)]
    output = None if options.estimate else checked_place(options.output, inputs, "OUT.mp4")
    if output is not None:
        check_suffix(output)
    with StopSignals() as signals, Reporter(quiet=options.quiet) as reporter:
        paintings = [Input.read(style) for style in styles]
        for painting in paintings:
            for note in painting.picture.notes:
                reporter.say(note)
        load_engine()
        if output is None:
            return _estimate(options, film, paintings, config, run, signals)
        say_of_weights(run, reporter)
        return _stylize(options, film, paintings, config, run, output, signals, reporter)


def _estimate(
    options: argparse.Namespace,
    film: Path,
    paintings: list[Input],
    config: FilmConfig,
    run: RunOptions,
    signals: StopSignals,
) -> int:
    """Print what painting the film would take."""
    from nst.engine.device import this_machine

    try:
        survey = Survey.of(open_film(film), config, signals.has_come)
    except Interrupted:
        return 128 + (signals.signal or 0)
    machine = this_machine(run.precision, run.memory, measured=True)
    plan = plan_film(survey, tuple(each.shape for each in paintings), config, run, machine)
    if options.json:
        print(json.dumps({**_plan_figures(plan, survey), "precision": machine.precision, "device": machine.device}))
    else:
        print(f"about {duration(plan.seconds or 0.0)} and {plan.memory / 1e9:.1f} GB: {_frames(survey)}, ", end="")
        print(f"{plan.evaluations} evaluations in {machine.precision} on {machine.device}")
    return 0


def _plan_figures(plan: FilmPlan, survey: Survey) -> dict[str, Any]:
    height, width = survey.shape
    return {
        "seconds": plan.seconds,
        "memory": plan.memory,
        "evaluations": plan.evaluations,
        "frames": survey.frames,
        "scenes": len(survey.scenes),
        "width": width,
        "height": height,
    }


def _frames(survey: Survey) -> str:
    height, width = survey.shape
    scenes = len(survey.scenes)
    return f"{survey.frames} frames of {width}x{height} px in {scenes} scene{'s' * (scenes > 1)}"


def _stylize(
    options: argparse.Namespace,
    film: Path,
    paintings: list[Input],
    config: FilmConfig,
    run: RunOptions,
    output: Path,
    signals: StopSignals,
    reporter: Reporter,
) -> int:
    """Paint, and say where the film is, or how to go on; returns the exit status."""
    start, last, evaluations = time.monotonic(), None, 0
    try:
        records = stylize_film(
            film,
            [each.pixels for each in paintings],
            output,
            config,
            run,
            sources=[each.source for each in paintings],
            keep_frames=options.keep_frames,
            interrupted=signals.has_come,
        )
    except Interrupted:
        return 128 + (signals.signal or 0)
    for last in records:
        if not evaluations and last.record is None:
            _say_what_is_to_come(last, reporter)
        evaluations += last.record is not None
        reporter.show_film(last)
        if options.preview and last.picture is not None and last.done >= 2:
            break
    if last is None:
        raise StyleTransferError("film: expected frames to paint, got none; check the film.")
    seconds = time.monotonic() - start
    if options.json:
        print(json.dumps(_figures(last, seconds, evaluations, output, interrupted=signals.has_come())))
    if last.output is not None:
        reporter.say(f"saved {output} with {last.frames} frames in {duration(seconds)}.")
        return 0
    _say_how_to_go_on(last, output, reporter)
    return 128 + signals.signal if signals.signal else 0


def _say_what_is_to_come(first: "FilmProgress", reporter: Reporter) -> None:
    if first.output is None and first.picture is None:
        time = "" if first.eta is None else f"about {duration(first.eta)} for those that are left, "
        memory = f"{first.memory / 1e9:.1f} GB"
        reporter.say(f"{_frames(first.survey)}, {first.done} painted before; {time}{memory}.")


def _say_how_to_go_on(last: "FilmProgress", output: Path, reporter: Reporter) -> None:
    left = "" if last.eta is None else f"; about {duration(last.eta)} are left"
    painted = f"{last.done} of {last.frames} frames are painted, in {output}.frames{left}"
    reporter.say(f"{painted}. The same command goes on from them.")


def _figures(
    last: "FilmProgress", seconds: float, evaluations: int, output: Path, *, interrupted: bool
) -> dict[str, Any]:
    """Return what was painted and what is left."""
    return {
        "output": None if last.output is None else str(output),
        "frames": last.frames,
        "painted": last.done,
        "evaluations": evaluations,
        "seconds": seconds,
        "left": 0.0 if last.output is not None else last.eta,
        "interrupted": interrupted,
    }
