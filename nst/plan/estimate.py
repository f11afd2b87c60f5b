"""How long a run will take and how much memory, before it starts; and the tiles that keep it within its memory.

Time is the floating-point operations of the layers in use over the machine's measured rate. Memory is the process, the
optimiser's arrays, the targets, and the feature maps of the largest tile. The factors below were measured on a CPU, see
`benchmarks/size.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nst.config import RunOptions, StyleTransferConfig
from nst.errors import OversizeError
from nst.layers import LAYERS, channels_of, stride_of, up_to
from nst.plan.machine import Machine
from nst.plan.scales import Scale, Shape, is_due, scales_of
from nst.plan.tiling import TILE, WHOLE, cut

#: Bytes of the process with TensorFlow and the weights loaded and a network traced.
PROCESS = 880e6
#: Bytes alive at once over those of all feature maps, with their gradients and what is copied on the way: of a picture
#: taken whole, and of a tile, whose cores are cut out.
WHOLE_FACTOR, TILE_FACTOR = 2.3, 3.2
#: Likewise where J alone is computed, of the whole or of a tile.
EVALUATION_FACTOR = 1.5
#: float32 arrays as large as the picture, besides the pairs of L-BFGS and the box. Taken whole, some hold what is in
#: between; by tiles that is of a few rows only.
WHOLE_ARRAYS, LBFGS_ARRAYS, ADAM_ARRAYS, EVALUATION_ARRAYS = 10, 5, 6, 4
#: Lower and upper bounds, where they differ from pixel to pixel.
BOX_ARRAYS = 2
#: The rate of an evaluation over that of a convolution alone.
EFFICIENCY = 0.75
#: Passes through the network: forward and backward; by tiles forward once more.
PASSES, TILED_PASSES = 2, 3
#: More time for each region after the first.
REGION_SHARE = 0.1

#: What is tried, best first: tiles below the second value of `_SIDES` spend most of their time on halos.
_SIDES = (WHOLE, 1536, 1024, 768), (512, 384, 256)
_HISTORIES = (10, 5, 3, 2)


@dataclass(frozen=True)
class Estimate:
    """What a run will take, and what was chosen for it.

    Attributes:
        seconds: Of computing, from the first target to the last evaluation; None if the machine's rate is not known.
        memory: Bytes, the process included.
        evaluations: Of J, over all sizes.
        tile: Side of a tile's core in pixels, `nst.plan.tiling.WHOLE` if the picture is taken whole.
        tiles: At the final size.
        history: Correction pairs of L-BFGS.
    """

    seconds: float | None
    memory: int
    evaluations: int
    tile: int
    tiles: int
    history: int


def estimate(
    photo: Shape,
    styles: tuple[Shape, ...],
    config: StyleTransferConfig,
    options: RunOptions,
    machine: Machine,
    regions: int = 0,
) -> Estimate:
    """Return what painting will take on `machine`, with the largest tiles and history that fit into its memory.

    Args:
        photo: (height, width) of the photo's file.
        styles: (height, width) of each painting's file.
        config: The settings.
        options: A `tile` in it is taken as it is; its `history` is the longest.
        machine: With the precision that will be used.
        regions: Of the photo.

    Raises:
        OversizeError: if nothing fits.
    """
    scales = scales_of(photo, styles, config)
    shape = scales[-1].shape
    tile, history = _chosen(shape, config, options, machine, regions)
    seconds = None if machine.rate is None else _operations_of(scales, tile, config) / (EFFICIENCY * machine.rate)
    return Estimate(
        seconds=None if seconds is None else seconds * (1 + REGION_SHARE * max(0, regions - 1)),
        memory=_painting_memory(shape, tile, history, config, machine.precision, regions),
        evaluations=sum(scale.steps for scale in scales),
        tile=tile,
        tiles=len(_cut(shape, tile, config)),
        history=history,
    )


def evaluation_tile(shape: Shape, config: StyleTransferConfig, options: RunOptions, machine: Machine) -> int:
    """Return the side of the tiles by which J of a picture of `shape` is computed without its gradient."""
    sides = [side for group in _SIDES for side in group]
    fitting = (
        side
        for side in sides
        if _memory(shape, side, EVALUATION_ARRAYS, EVALUATION_FACTOR, config, machine.precision) <= machine.memory
    )
    return options.tile or next(fitting, sides[-1])


def _chosen(
    shape: Shape, config: StyleTransferConfig, options: RunOptions, machine: Machine, regions: int
) -> tuple[int, int]:
    """Return the tile's side and the history."""
    for tile, history in _candidates(config, options):
        needed = _painting_memory(shape, tile, history, config, machine.precision, regions)
        if needed <= machine.memory:
            return tile, history
    remedy = "a smaller size, or tile 0" if options.tile else "a smaller size"
    raise OversizeError(
        f"memory: expected at least {needed / 1e9:.1f} GB for {shape[1]}x{shape[0]} px, "
        f"got {machine.memory / 1e9:.1f} GB; choose {remedy}, or allow more memory."
    )


def _candidates(config: StyleTransferConfig, options: RunOptions) -> Iterable[tuple[int, int]]:
    """Yield (tile, history), what is to be preferred first; the last needs the least memory."""
    histories = [options.history, *(each for each in _HISTORIES if each < options.history)]
    for sides in [(options.tile,)] if options.tile else _SIDES:
        for history in histories if config.optimizer == "lbfgs" else [options.history]:
            for side in sides:
                yield side, history


def _painting_memory(
    shape: Shape, side: int, history: int, config: StyleTransferConfig, precision: str, regions: int
) -> int:
    """Return the bytes of a process that paints `shape` by tiles of `side`."""
    tiled, lbfgs = len(_cut(shape, side, config)) > 1, config.optimizer == "lbfgs"
    # By tiles the pairs are kept in bfloat16: two take as much as one array.
    arrays = (LBFGS_ARRAYS if lbfgs else ADAM_ARRAYS) + history * lbfgs if tiled else WHOLE_ARRAYS + 2 * history * lbfgs
    if regions or config.colour == "luminance":
        arrays += BOX_ARRAYS
    return _memory(shape, side, arrays, TILE_FACTOR if tiled else WHOLE_FACTOR, config, precision)


def _memory(shape: Shape, side: int, arrays: int, factor: float, config: StyleTransferConfig, precision: str) -> int:
    """Return the bytes of a process that computes J of `shape` by tiles of `side`.

    Args:
        arrays: As large as the picture.
        factor: Bytes alive at once over those of a tile's feature maps.
    """
    height, width = shape
    tiles = _cut(shape, side, config)
    largest = max((bottom - top) * (right - left) for top, left, bottom, right in tiles[:, TILE].tolist())
    maps = factor * largest * sum(_bytes(layer, precision) for layer in _layers(config))
    content = height * width * sum(_bytes(layer, precision) for layer, _ in config.content_layers)
    return int(PROCESS + arrays * 12 * height * width + maps + content)


def _operations_of(scales: Sequence[Scale], side: int, config: StyleTransferConfig) -> float:
    """Return the floating-point operations of a run: the evaluations, the targets, the corrections."""
    passes = 0.0
    for scale in scales:
        is_final = scale is scales[-1]
        tiles = _cut(scale.shape, side, config)
        pixels = sum((bottom - top) * (right - left) for top, left, bottom, right in tiles[:, TILE].tolist())
        passes += pixels * scale.steps * (PASSES if len(tiles) == 1 else TILED_PASSES)
        # The photo's feature maps, and the picture's Gram matrices with either padding at each correction.
        passes += pixels * (1 + 2 * is_final * sum(map(is_due, range(scale.steps))))
        passes += sum(height * width for height, width in scale.style_shapes) * (1 + is_final)
    return passes * _operations(config)


def _operations(config: StyleTransferConfig) -> float:
    """Return the floating-point operations of one pass through the network, for a pixel of the picture."""
    inputs = (3, *(channels_of(layer) for layer in LAYERS))
    return sum(
        2 * 9 * before * channels_of(layer) / stride_of(layer) ** 2
        for before, layer in zip(inputs, _layers(config), strict=False)
    )


def _bytes(layer: str, precision: str) -> float:
    """Return the bytes of a layer's feature maps for a pixel of the picture; the first is kept in float32."""
    size = 4 if layer == LAYERS[0] or precision == "float32" else 2
    return size * channels_of(layer) / stride_of(layer) ** 2


def _layers(config: StyleTransferConfig) -> tuple[str, ...]:
    """Return the layers that are computed: all up to the deepest in use."""
    return up_to(tuple(name for name, _ in (*config.content_layers, *config.style_layers)))


def _cut(shape: Shape, side: int, config: StyleTransferConfig) -> np.ndarray:
    return cut(*shape, _layers(config)[-1], side)
