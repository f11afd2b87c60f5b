"""The pictures of a series before the work: what is asked for, what is there already, what the rest takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from nst import __version__
from nst.cli.console import duration
from nst.cli.printing import PLAIN, Printing
from nst.config import RunOptions, StyleTransferConfig
from nst.errors import StyleTransferError
from nst.pictures.codec import Pixels, printable_name, read_bytes, read_picture, read_recipe_text, read_shape
from nst.pictures.gallery import Preset
from nst.plan.run import RunPlan, plan_run
from nst.plan.scales import Shape, scales_of
from nst.recipes.recipe import Recipe, Source
from nst.weights.files import WeightsFile, WeightsSource

if TYPE_CHECKING:
    from nst.plan.machine import Machine


@dataclass(frozen=True)
class Item:
    """One picture of a series, as it is asked for.

    Attributes:
        content: The photo.
        styles: The paintings.
        config: The settings.
        output: The PNG file for the result.
        notes: What the line of ``--json`` says besides.
    """

    content: Preset | Path
    styles: tuple[Preset | Path, ...]
    config: StyleTransferConfig
    output: Path
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What progress and errors call it."""
        return printable_name(self.output.stem)


@dataclass(frozen=True)
class Glance:
    """What is known of a picture file without decoding its pixels: its source, and its (height, width)."""

    source: Source
    shape: Shape

    @classmethod
    def of(cls, found: Preset | Path) -> Self:
        """Read a file's header and checksum; raises ImageError as `nst.pictures.codec.read_shape`."""
        path = found.path if isinstance(found, Preset) else found
        data = read_bytes(path)
        name = found.id if isinstance(found, Preset) else found.name
        return cls(Source.of(name, data), read_shape(data, str(path)))


@dataclass(frozen=True)
class Started:
    """A picture that was interrupted at the last size: its recipe, its pixels, the evaluations that were left."""

    recipe: Recipe
    pixels: Pixels
    left: int


@dataclass(frozen=True)
class Prepared:
    """An item, and how it stands before the work.

    Attributes:
        item: What is asked for.
        plan: What painting it takes; None if it is done or cannot be painted.
        is_done: Whether the picture is there already.
        is_other: Whether there is a picture of other settings in its place.
        left: Evaluations left of one that was interrupted at the last size; None if there is none.
        error: Why it cannot be painted.
    """

    item: Item
    plan: RunPlan | None = None
    is_done: bool = False
    is_other: bool = False
    left: int | None = None
    error: StyleTransferError | None = None

    @property
    def seconds(self) -> float:
        """Seconds that it is expected to take."""
        seconds = 0.0 if self.plan is None or self.plan.seconds is None else self.plan.seconds
        if self.plan is None or self.left is None:
            return seconds
        return seconds * min(1.0, self.left / self.plan.evaluations)


def prepare(items: Sequence[Item], run: RunOptions, machine: "Machine", printing: Printing = PLAIN) -> list[Prepared]:
    """Look at every picture that is asked for, and at what is there already; each file is read once.

    Of a print each picture gets the size that its own photo takes on the sheet.
    """
    glances: dict[Preset | Path, Glance | StyleTransferError] = {}
    weights = WeightsFile.of(run)
    source = None if weights is None else weights.source
    return [_prepared(item, run, machine, printing, glances, source) for item in items]


def _prepared(
    item: Item,
    run: RunOptions,
    machine: "Machine",
    printing: Printing,
    glances: dict[Preset | Path, Glance | StyleTransferError],
    weights: WeightsSource | None,
) -> Prepared:
    try:
        content, *styles = (_glance(found, glances) for found in (item.content, *item.styles))
        item = replace(item, config=printing.config(item.config, content.shape))
        asked = Recipe(content.source, tuple(style.source for style in styles), item.config, __version__)
        there = _recipe_there(item.output)
        is_same = there is not None and there.is_of(asked) and _weights_of(there) == weights
        if there is not None and is_same and there.evaluations is None:
            return Prepared(item, is_done=True)
        shapes = tuple(style.shape for style in styles)
        plan = plan_run(content.shape, shapes, item.config, run, machine)
        if there is None or not is_same:
            return Prepared(item, plan, is_other=there is not None)
        scales = scales_of(content.shape, shapes, item.config)
        coarse = sum(scale.steps for scale in scales if scale.shape != scales[-1].shape)
        done = there.evaluations or 0
        left = None if done <= coarse else max(0, plan.evaluations - done)
        return Prepared(item, plan, left=left)
    except StyleTransferError as error:
        return Prepared(item, error=error)


def _weights_of(recipe: Recipe) -> WeightsSource | None:
    """Return what weights of one's own a picture was painted with; None for the bundled ones."""
    return None if recipe.run is None else recipe.run.weights


def _glance(found: Preset | Path, glances: dict[Preset | Path, Glance | StyleTransferError]) -> Glance:
    if found not in glances:
        try:
            glances[found] = Glance.of(found)
        except StyleTransferError as error:
            glances[found] = error
    known = glances[found]
    if isinstance(known, StyleTransferError):
        raise known
    return known


def _recipe_there(output: Path) -> Recipe | None:
    """Return the recipe of the result that is there already, None if there is no file.

    Raises:
        StyleTransferError: if there is a file that is none of ours.
    """
    if not output.exists():
        return None
    text = read_recipe_text(read_bytes(output))
    try:
        if text is not None:
            return Recipe.from_json(text)
    except StyleTransferError:
        pass
    raise StyleTransferError(
        f"{printable_name(str(output))}: expected no file or a picture that nst has painted, got another file; "
        "move it away or choose another folder."
    )


def read_started(output: Path, left: int) -> Started:
    """Return the picture that was interrupted, from the file that it was saved in."""
    data = read_bytes(output)
    text = read_recipe_text(data)
    if text is None:
        raise StyleTransferError(f"{printable_name(str(output))}: expected the picture that was begun, got another.")
    return Started(Recipe.from_json(text), read_picture(data, str(output)).pixels, left)


def forecast_sentence(prepared: Sequence[Prepared]) -> str:
    """Return what is about to be done, and what it takes."""
    plans = [each.plan for each in prepared if each.plan is not None]
    if not plans:
        return "nothing is left to paint."
    seconds = sum(each.seconds for each in prepared)
    memory = max(plan.memory for plan in plans)
    done = sum(each.is_done for each in prepared)
    there = f"; {done} are there already" if done else ""
    count = "1 picture" if len(plans) == 1 else f"{len(plans)} pictures"
    return f"{count} to paint, about {duration(seconds)} and {memory / 1e9:.1f} GB{there}."
