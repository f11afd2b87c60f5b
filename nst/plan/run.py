"""What a run will do, decided once and passed on: its sizes, its tiles, its history, and what it will take."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nst.config import RunOptions, StyleTransferConfig
from nst.errors import OversizeError
from nst.plan.estimate import (
    ALL,
    EFFICIENCY,
    PASSES,
    Shares,
    operations_of,
    operations_of_a_pixel,
    tiles_of,
)
from nst.plan.low_rank import time_shares, uses_low_rank
from nst.plan.machine import Machine
from nst.plan.memory import evaluation_memory, painting_memory
from nst.plan.neighbours import FLOAT32_SEARCH
from nst.plan.scales import Scale, Shape, check_closes, scales_of, style_shape
from nst.plan.strength import RUNS, may_amend, search_scale
from nst.plan.tiling import SMALLEST, WHOLE, style_side

#: What is tried, best first: tiles below the second value of `_SIDES` spend most of their time on halos.
_SIDES = (WHOLE, 1536, 1024, 768), (512, 384, 256)
_HISTORIES = (10, 5, 3, 2)


@dataclass(frozen=True)
class RunPlan:
    """What a run will do and take.

    Attributes:
        scales: Coarse to fine.
        tile: Side of a tile's core in pixels, `nst.plan.tiling.WHOLE` if the picture is taken whole.
        style_tile: Likewise of the paintings.
        tiles: At the final size.
        history: Correction pairs of L-BFGS.
        memory: Bytes, the process included.
        operations: Floating-point operations, from the first target to the last evaluation.
        work: In megapixel evaluations, as `work_of`: the same on every machine.
        seconds: They take; None if the machine's rate is not known.
    """

    scales: tuple[Scale, ...]
    tile: int
    style_tile: int
    tiles: int
    history: int
    memory: int
    operations: float
    work: float
    seconds: float | None

    @property
    def evaluations(self) -> int:
        """Evaluations of J, over all sizes."""
        return sum(scale.steps for scale in self.scales)

    def figures(self) -> dict[str, Any]:
        """Return what the run takes and what was chosen for it, as JSON types."""
        names = ("seconds", "memory", "evaluations", "tile", "tiles", "history")
        return {name: getattr(self, name) for name in names}


def plan_run(
    photo: Shape,
    styles: tuple[Shape, ...],
    config: StyleTransferConfig,
    options: RunOptions,
    machine: Machine,
    regions: int = 0,
) -> RunPlan:
    """Return the plan of a run on `machine`, with the largest tiles and history that fit into its memory.

    Args:
        photo: (height, width) of the photo's file.
        styles: (height, width) of each painting's file.
        config: The settings.
        options: A `tile` in it is taken as it is, but for those below `nst.plan.tiling.SMALLEST`; its `history` is the
            longest.
        machine: With the precision that will be used.
        regions: Of the photo.

    Raises:
        OversizeError: if nothing fits.
        ImageError: if the result is to be tileable and its sides are not, see `nst.plan.scales.check_closes`.
    """
    scales = scales_of(photo, styles, config)
    check_closes(scales[-1].shape, config)
    tile, history = _chosen(scales[-1], config, options, machine, regions)
    operations = _operations(scales, tile, config, regions, _shares(config, options, machine))
    return RunPlan(
        scales=scales,
        tile=tile,
        style_tile=style_side(tile),
        tiles=tiles_of(scales[-1].shape, tile, config),
        history=history,
        memory=painting_memory(scales[-1], tile, history, config, machine.precision, regions),
        operations=operations,
        work=_work(scales, config, options, regions),
        seconds=None if machine.rate is None else operations / (EFFICIENCY * machine.rate),
    )


def work_of(
    photo: Shape,
    styles: tuple[Shape, ...],
    config: StyleTransferConfig,
    regions: int = 0,
    options: RunOptions | None = None,
) -> float:
    """Return the work of a run in megapixel evaluations, known before any machine is.

    One is an evaluation of J and its gradient on a million pixels with the default layers; targets, corrections,
    paintings, regions, halos of tiles and other layers count by their operations. Arguments as for `plan_run`.
    """
    return _work(scales_of(photo, styles, config), config, options or RunOptions(), regions)


def least_memory(
    photo: Shape,
    styles: tuple[Shape, ...],
    config: StyleTransferConfig,
    options: RunOptions,
    precision: str,
    regions: int = 0,
) -> int:
    """Return the bytes below which no run can be planned; arguments as for `plan_run`."""
    final = scales_of(photo, styles, config)[-1]
    *_, (tile, history) = _candidates(config, options)
    return painting_memory(final, tile, history, config, precision, regions)


def evaluation_tile(
    shape: Shape,
    styles: tuple[Shape, ...],
    config: StyleTransferConfig,
    options: RunOptions,
    machine: Machine,
    regions: int = 0,
) -> int:
    """Return the side of the tiles by which J of a picture of `shape` is computed without its gradient.

    Args:
        shape: (height, width) of the picture.
        styles: (height, width) of each painting's file.
        config: The settings.
        options: A `tile` in it is taken as by `plan_run`.
        machine: With the precision that will be used.
        regions: Of the photo.
    """
    if config.tileable:
        return WHOLE
    if options.tile:
        return max(SMALLEST, options.tile)
    scale = Scale(shape, tuple(style_shape(*style, max(shape), config) for style in styles), 0)
    sides = [side for group in _SIDES for side in group]
    for side in sides:
        if evaluation_memory(scale, side, config, machine.precision, regions) <= machine.memory:
            return side
    return sides[-1]


def _shares(config: StyleTransferConfig, options: RunOptions, machine: Machine) -> Shares:
    passes = time_shares(config) if uses_low_rank(config, options, machine) else (1.0, 1.0, 1.0)
    return Shares(*passes, search=FLOAT32_SEARCH if machine.precision == "float32" else 1.0)


def _work(scales: tuple[Scale, ...], config: StyleTransferConfig, options: RunOptions, regions: int) -> float:
    side = max(SMALLEST, options.tile) if options.tile else WHOLE
    one = 1e6 * PASSES * operations_of_a_pixel(StyleTransferConfig())
    return _operations(scales, side, config, regions) / one


def _operations(
    scales: tuple[Scale, ...],
    side: int,
    config: StyleTransferConfig,
    regions: int,
    shares: Shares = ALL,
) -> float:
    """Return the floating-point operations of a run, with all that finding the weight may take; see `operations_of`."""
    operations = operations_of(scales, side, config, regions, shares)
    small = shares._replace(final=shares.statistics)
    # A sketch is one of those that find the style weight.
    if runs := RUNS if config.finds_strength else int(config.begins_from_sketch):
        short = search_scale(scales[-1].shape, scales[-1].style_shapes, config)
        operations += runs * operations_of((short,), WHOLE, config, regions, small)
    if may_amend(scales, config):
        operations += operations_of(scales[:1], side, config.of_pass(by_layer=False), regions, small)
    return operations


def _chosen(
    scale: Scale, config: StyleTransferConfig, options: RunOptions, machine: Machine, regions: int
) -> tuple[int, int]:
    """Return the tile's side and the history."""
    for tile, history in _candidates(config, options):
        needed = painting_memory(scale, tile, history, config, machine.precision, regions)
        is_possible = not config.tileable or tiles_of(scale.shape, tile, config) == 1
        if needed <= machine.memory and is_possible:
            return tile, history
    height, width = scale.shape
    if config.tileable:
        raise OversizeError(
            f"tileable: expected a picture that is computed whole, got {width}x{height} px, which takes "
            f"{needed / 1e9:.1f} GB of {machine.memory / 1e9:.1f} GB; choose a smaller size, or tile 0."
        )
    remedy = "a smaller size, or tile 0" if options.tile else "a smaller size"
    smallest = Scale((SMALLEST, SMALLEST), ((SMALLEST, SMALLEST),) * len(scale.style_shapes), scale.steps)
    if painting_memory(smallest, tile, history, config, machine.precision, regions) > machine.memory:
        remedy = "fewer regions, paintings or style_layers"  # of which there is as much at every size
    raise OversizeError(
        f"memory: expected at least {needed / 1e9:.1f} GB for {width}x{height} px, "
        f"got {machine.memory / 1e9:.1f} GB; choose {remedy}, or allow more memory."
    )


def _candidates(config: StyleTransferConfig, options: RunOptions) -> Iterable[tuple[int, int]]:
    """Yield (tile, history), what is to be preferred first; the last needs the least memory."""
    histories = [options.history, *(each for each in _HISTORIES if each < options.history)]
    for sides in [(max(SMALLEST, options.tile),)] if options.tile else _SIDES:
        for history in histories if config.optimizer == "lbfgs" else [options.history]:
            for side in sides:
                yield side, history
