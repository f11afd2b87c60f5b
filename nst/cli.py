"""The engine from the shell: ``python -m nst CONTENT STYLE [STYLE ...] -o OUT.png``.

Its options are the config's fields. stdout carries results only (``--json``, ``--list``, ``--estimate``,
``--evaluate``); progress, notes and errors go to stderr, an error as one line and with exit status 2.
"""

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import Field, asdict, dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self

import numpy as np

from nst import __version__
from nst.config import StyleTransferConfig, parse_layers
from nst.console import Interruption, Reporter, hushed
from nst.errors import ImageError, StyleTransferError, is_out_of_memory
from nst.estimate import estimate
from nst.images import Picture, Pixels, encode_jpeg, encode_png, printable_name, read_bytes, read_picture
from nst.masks import read_mask
from nst.packed import PackedMask
from nst.presets import Gallery, Preset, load_gallery
from nst.quality import QUALITIES, STEPS
from nst.recipe import Recipe, Source
from nst.regions import MAX_STRENGTH, Region
from nst.scales import check_proportions

if TYPE_CHECKING:
    from nst.transfer import Progress

USAGE = """python -m nst CONTENT STYLE [STYLE ...] -o OUT.png [options]
       python -m nst CONTENT [STYLE ...] --region MASK STYLE[:WEIGHT] ... -o OUT.png [options]
       python -m nst CONTENT STYLE [STYLE ...] --evaluate PICTURE [options]
       python -m nst CONTENT STYLE [STYLE ...] --estimate [options]
       python -m nst --list"""

SUFFIXES = (".png", ".jpg", ".jpeg")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: done. 2: an error, said in one line. 130 (Ctrl-C), 143 (SIGTERM): stopped, the best picture is saved.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")  # remarks on metadata that we do not use
            return _run(_parser().parse_intermixed_args(argv))
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


# The options


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise StyleTransferError(f"{message}; --help shows what is possible.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="nst", usage=USAGE, description="Repaint a photo in the manner of a painting.", allow_abbrev=False
    )
    parser.add_argument("pictures", nargs="*", metavar="CONTENT STYLE", help="files or gallery ids (see --list)")
    task = parser.add_mutually_exclusive_group()
    task.add_argument("-o", "--output", metavar="OUT.png", help="file to save the result in, .png or .jpg")
    task.add_argument("--evaluate", metavar="PICTURE", help="only compute J of an existing picture")
    task.add_argument("--estimate", action="store_true", help="only tell the time and the memory that it would take")
    task.add_argument("--list", action="store_true", help="list the gallery")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object, last on stdout")
    parser.add_argument("--quiet", action="store_true", help="show no progress and no notes")
    parser.add_argument("--init-picture", metavar="FILE", help="picture to start from, e.g. a result to be continued")
    _add_regions(
        parser.add_argument_group("regions", "Masks are pictures: white, or opaque, is in. Later ones lie on top.")
    )
    settings = parser.add_argument_group("settings", "A painting's own settings apply where none is given.")
    _add_quality(settings)
    for spec in fields(StyleTransferConfig):
        _add_setting(settings, spec)
    return parser


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
    group.add_argument(
        "--style-guide",
        nargs=2,
        action="append",
        default=[],
        metavar=("STYLE", "MASK"),
        help="use only this part of the painting; repeatable",
    )


def _add_quality(group: argparse._ArgumentGroup) -> None:
    """Add the option for the named qualities, which hold at any size."""
    levels = ", ".join(f"{quality.name} {quality.steps}" for quality in QUALITIES)
    group.add_argument(
        "--quality",
        metavar="|".join(STEPS),
        choices=tuple(STEPS),
        help=f"evaluations of J at the final size, by name: {levels}; --steps wins",
    )


def _add_setting(group: argparse._ArgumentGroup, spec: Field[Any]) -> None:
    """Add the option of one of the config's fields. Its text is read and checked by the config itself."""
    option = "--" + spec.name.replace("_", "-")
    meta = spec.metadata
    text = f"{meta['help']} ({_default(spec)})"
    if isinstance(spec.default, bool):
        group.add_argument(option, action=argparse.BooleanOptionalAction, default=None, help=text)
    elif "choices" in meta:
        group.add_argument(option, metavar="|".join(meta["choices"]), help=text)
    else:
        metavar = {int: "N", float: "X"}.get(type(spec.default), "WEIGHTS" if spec.default == () else "LAYERS")
        group.add_argument(option, metavar=metavar, help=text)


def _default(spec: Field[Any]) -> str:
    if "layers" in spec.metadata:
        layers = ",".join(name for name, _ in parse_layers(spec.name, spec.default))
        return f"default {layers}; weights as in conv1_1:0.5,conv2_1"
    if spec.name == "style_blend_weights":
        return "default equal; e.g. 0.7,0.3"
    if isinstance(spec.default, bool):
        return f"default {'on' if spec.default else 'off'}"
    bounds = f"{spec.metadata['low']:g} to {spec.metadata['high']:g}, " if "low" in spec.metadata else ""
    return f"{bounds}default {spec.default}"


# The inputs


@dataclass(frozen=True)
class _Input:
    """A picture with what the recipe says of it."""

    source: Source
    picture: Picture

    @classmethod
    def read(cls, found: Preset | Path) -> Self:
        if isinstance(found, Preset):
            return cls(Source(found.id, found.sha256), found.read())
        data = read_bytes(found)
        return cls(Source.of(found.name, data), read_picture(data, str(found)))

    @property
    def pixels(self) -> Pixels:
        return self.picture.pixels


@dataclass(frozen=True)
class _Inputs:
    """The photo, the paintings and the picture to start from or to evaluate, decoded."""

    content: _Input
    styles: tuple[_Input, ...]
    initial: _Input | None
    regions: tuple[Region, ...]
    style_guides: tuple[PackedMask | None, ...]

    @classmethod
    def read(cls, order: "_Order", initial: str | None, reporter: Reporter) -> Self:
        """Read the pictures and masks and pass on what the user should know about them."""
        first = None if initial is None else _Input.read(Path(initial))
        content, styles = _Input.read(order.content), tuple(_Input.read(style) for style in order.styles)
        shape, *shapes = ((each.pixels.shape[0], each.pixels.shape[1]) for each in (content, *styles))
        regions = tuple(
            Region(name or "for the rest", _mask(name, shape), shares, strength)
            for name, shares, strength in order.regions
        )
        guides = tuple(
            None if name is None else _mask(name, own) for name, own in zip(order.guides, shapes, strict=False)
        )
        inputs = cls(content, styles, first, regions, guides)
        for each in (inputs.content, *inputs.styles, inputs.initial):
            for note in () if each is None else each.picture.notes:
                reporter.say(note)
        return inputs

    @property
    def style_pixels(self) -> list[Pixels]:
        return [style.pixels for style in self.styles]

    @property
    def masks(self) -> dict[str, Any]:
        """The engine's arguments for regions and parts of paintings."""
        return {"regions": self.regions, "style_guides": self.style_guides}

    def recipe(self, config: StyleTransferConfig) -> Recipe:
        sources = tuple(style.source for style in self.styles)
        initial = None if self.initial is None else self.initial.source
        return Recipe(
            self.content.source,
            sources,
            config,
            __version__,
            initial,
            regions=self.regions,
            style_guides=self.style_guides,
        )


@dataclass(frozen=True)
class _Order:
    """What is asked for, before anything is decoded.

    Attributes:
        content: The photo.
        styles: Every painting that is used anywhere, once.
        regions: (mask file, share of each painting, strength); the file "" for the whole photo.
        guides: Mask file of each painting, or None; empty without any.
    """

    content: Preset | Path
    styles: list[Preset | Path]
    regions: list[tuple[str, tuple[float, ...], float]]
    guides: list[str | None]

    @property
    def masks(self) -> list[Path]:
        """All files of masks."""
        names = [*(name for name, _, _ in self.regions), *self.guides]
        return [Path(name) for name in names if name]

    @classmethod
    def of(cls, options: argparse.Namespace, gallery: Gallery) -> Self:
        """Read what the command line says.

        Raises:
            StyleTransferError: if a region has no painting or a guide's painting is not used.
        """
        content = _found(options.pictures[0], "photo", gallery)
        styles = [_found(name, "painting", gallery) for name in options.pictures[1:]]
        background = len(styles)
        blends = [_region_blend(words, styles, gallery) for words in options.region]
        strengths = _strengths(options.region_strength, len(blends))
        regions = [
            (words[0], tuple(blend.get(index, 0.0) for index in range(len(styles))), strength)
            for words, blend, strength in zip(options.region, blends, strengths, strict=True)
        ]
        if regions and background:
            asked = StyleTransferConfig(style_blend_weights=options.style_blend_weights or ()).blend(background)
            regions.insert(0, ("", asked + (0.0,) * (len(styles) - background), 1.0))
        guides: list[str | None] = [None] * len(styles) if options.style_guide else []
        for name, mask in options.style_guide:
            found = _found(name, "painting", gallery)
            if found not in styles:
                raise StyleTransferError(
                    f"--style-guide: expected a painting that is used, got {name!r}; check the name."
                )
            if guides[styles.index(found)] is not None:
                raise StyleTransferError(f"--style-guide: expected one part of each painting, got two of {name!r}.")
            guides[styles.index(found)] = mask
        return cls(content, styles, regions, guides)


def _region_blend(words: list[str], styles: list[Preset | Path], gallery: Gallery) -> dict[int, float]:
    """Return the weight of each painting in a region by its index in `styles`, to which new ones are added."""
    if len(words) < 2:
        raise StyleTransferError(
            f"--region {printable_name(words[0])}: expected a painting after the mask, got none; "
            "write --region MASK STYLE."
        )
    blend: dict[int, float] = {}
    for word in words[1:]:
        name, colon, weight = word.rpartition(":")
        try:
            named, share = (name, float(weight)) if colon else (word, 1.0)
        except ValueError:  # a colon in a file's name
            named, share = word, 1.0
        found = _found(named, "painting", gallery)
        if found not in styles:
            styles.append(found)
        blend[styles.index(found)] = blend.get(styles.index(found), 0.0) + share
    return blend


def _strengths(text: str | None, regions: int) -> list[float]:
    if text is None:
        return [1.0] * regions
    try:
        strengths = [float(word) for word in text.split(",")]
    except ValueError:
        strengths = []
    if len(strengths) != regions:
        raise StyleTransferError(
            f"--region-strength: expected one number for each of the {regions} regions, such as 1,0.5, got {text!r}."
        )
    return strengths


def _mask(name: str, shape: tuple[int, int]) -> PackedMask:
    """Return the mask in a file, or all of a picture of (height, width) for ""."""
    if not name:
        return PackedMask.of(np.ones((1, 1), np.float32))
    return PackedMask.of(read_mask(read_bytes(name), shape, name))


def _found(name: str, kind: Literal["photo", "painting"], gallery: Gallery) -> Preset | Path:
    """Return the file `name` if there is one or if it looks like a file's name, else the record of that id."""
    path = Path(name)
    # os.path, unlike pathlib, takes a name that is too long, or a folder that is closed to us, for no file.
    if os.path.isfile(name):
        return path
    if path.name == name and not path.suffix:
        return gallery.find(name, kind)
    if os.path.exists(name):
        return path
    # Said here and not on reading it, so that a slip of the finger need not wait for TensorFlow.
    raise ImageError(
        f"{printable_name(name)}: expected a picture file or a gallery id, got a path where there is none; "
        "check the name."
    )


def _config(options: argparse.Namespace, first_style: Preset | Path) -> StyleTransferConfig:
    """Return the settings: what was asked for, over what the first painting suggests, over the defaults."""
    suggested = dict(first_style.settings) if isinstance(first_style, Preset) else {}
    names = [spec.name for spec in fields(StyleTransferConfig)]
    asked = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.quality is not None:
        asked.setdefault("steps", STEPS[options.quality])
    if options.init_picture is not None:
        asked.setdefault("init", "picture")
    if options.region:
        asked.pop("style_blend_weights", None)  # each region has its own blend
    return StyleTransferConfig.from_dict({**suggested, **asked})


# The tasks


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
    order = _Order.of(options, gallery)
    config = _config(options, order.styles[0])
    config.blend(len(order.styles))
    if options.evaluate is not None:
        _load_engine()
        return _evaluate(options, order, config)
    if options.estimate:
        _load_engine()
        return _estimate(options, order, config)
    output = _checked_output(options.output, [order.content, *order.styles, *order.masks])
    _load_engine()
    return _stylize(options, order, config, output)


def _load_engine() -> None:
    """Import the engine with TensorFlow: seconds that are neither the bad input's nor the painting's."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with hushed():
        import_module("nst.transfer")


def _list(gallery: Gallery) -> None:
    for kind, presets in (("photos", gallery.photos), ("paintings", gallery.paintings)):
        print(f"{kind}:")
        width = max((len(preset.id) for preset in presets), default=0)
        for preset in presets:
            print(f"  {preset.id:{width}}  {preset.title} ({preset.artist}, {preset.year})")


def _stylize(options: argparse.Namespace, order: _Order, config: StyleTransferConfig, output: Path) -> int:
    """Paint, save, and print the figures of what was saved; returns the exit status."""
    with Interruption() as interruption, Reporter(quiet=options.quiet) as reporter:
        start = time.monotonic()
        inputs = _Inputs.read(order, options.init_picture, reporter)
        asked = inputs.recipe(config)  # refuses, before the work, what a recipe cannot hold
        record = _painted(inputs, config, interruption, reporter)
        recipe = asked.as_run(record.config, record.step, record.steps)
        _save(record.picture(), recipe, output)
        seconds = time.monotonic() - start
        stopped = interruption.signal if record.step < record.steps else None
        saved = f"saved {output} after {record.step} of {record.steps} evaluations in {seconds:.1f} s."
        reporter.say(saved if stopped is None else f"interrupted; the best picture so far is {saved}")
        if options.json:
            figures = _figures(inputs, recipe.config, read_picture(read_bytes(output), str(output)).pixels)
            figures.update(seconds=seconds, evaluations=record.step, interrupted=stopped is not None)
            print(json.dumps(figures))
    return 0 if stopped is None else 128 + stopped


def _painted(
    inputs: _Inputs, config: StyleTransferConfig, interruption: Interruption, reporter: Reporter
) -> "Progress":
    """Run the engine to its end or to the interruption, and return its last record."""
    from nst.transfer import stylize

    initial = None if inputs.initial is None else inputs.initial.pixels
    records = stylize(
        inputs.content.pixels, inputs.style_pixels, config, initial=initial, preview_seconds=None, **inputs.masks
    )
    for record in records:
        reporter.show(record)
        if interruption.signal is not None:
            break
    return record  # there is at least one evaluation


def _evaluate(options: argparse.Namespace, order: _Order, config: StyleTransferConfig) -> int:
    """Print the figures of an existing picture, which is read as if it were the one to start from."""
    start = time.monotonic()
    with Reporter(quiet=options.quiet) as reporter:
        inputs = _Inputs.read(order, options.evaluate, reporter)
    assert inputs.initial is not None
    picture = inputs.initial.pixels
    check_proportions("evaluate", picture.shape[:2], inputs.content.pixels.shape[:2])
    figures = _figures(inputs, config.with_changes(precision="float32"), picture)
    figures.update(seconds=time.monotonic() - start, evaluations=0, interrupted=False)
    if options.json:
        print(json.dumps(figures))
    else:
        print(f"J {figures['J']:.6g}, content {figures['content']:.6g}, style {figures['style']:.6g}, ", end="")
        print(f"tv {figures['tv']:.6g} at {figures['width']}x{figures['height']}")
    return 0


def _estimate(options: argparse.Namespace, order: _Order, config: StyleTransferConfig) -> int:
    """Print what painting would take."""
    from nst.precision import this_machine

    with Reporter(quiet=options.quiet) as reporter:
        inputs = _Inputs.read(order, options.init_picture, reporter)
    shape, *style_shapes = ((each.shape[0], each.shape[1]) for each in (inputs.content.pixels, *inputs.style_pixels))
    machine = this_machine(config.precision, config.memory, measured=True)
    expected = estimate(shape, tuple(style_shapes), config, machine)
    if options.json:
        print(json.dumps({**asdict(expected), "precision": machine.precision, "device": machine.device}))
    else:
        tiles = "" if expected.tiles == 1 else f" by {expected.tiles} tiles"
        print(f"about {expected.seconds:.0f} s and {expected.memory / 1e9:.1f} GB: ", end="")
        print(f"{expected.evaluations} evaluations{tiles} in {machine.precision} on {machine.device}")
    return 0


def _figures(inputs: _Inputs, config: StyleTransferConfig, picture: Pixels) -> dict[str, Any]:
    """Return J and its unweighted parts at a saved picture, and what they were computed with."""
    from nst.precision import device_name
    from nst.transfer import evaluate

    device = device_name()  # before TensorFlow's first operation
    losses = evaluate(inputs.content.pixels, inputs.style_pixels, config, picture, **inputs.masks)
    return {
        "J": losses.total,
        "content": losses.content,
        "style": losses.style,
        "tv": losses.tv,
        "precision": config.precision,
        "device": device,
        "width": picture.shape[1],
        "height": picture.shape[0],
        "nst": __version__,
    }


# The output


def _checked_output(name: str | None, inputs: Iterable[Preset | Path]) -> Path:
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
    if os.path.exists(name) and any(isinstance(each, Path) and os.path.samefile(each, name) for each in inputs):
        raise StyleTransferError(f"-o: expected a file other than the inputs, got {name!r}; choose another name.")
    return output


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
