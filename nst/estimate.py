"""How long a run will take and how much memory, before it starts; and the tiles that keep it within its memory.

Time is the floating-point operations of the layers in use over the machine's measured rate. Memory is the process, the
optimiser's arrays, the targets, and the feature maps of the largest tile. The factors below were measured on a CPU.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from nst.config import CHANNELS, LAYERS, StyleTransferConfig
from nst.errors import OversizeError
from nst.machine import Machine
from nst.scales import Scale, Shape, scales_of
from nst.tiling import TILE, WHOLE, cut, stride

#: Bytes of the process with TensorFlow and the weights loaded and a network traced.
PROCESS = 850e6
#: Bytes alive at once over those of all feature maps, with their gradients and what is copied on the way: of a picture
#: taken whole, and of a tile, whose cores are cut out.
WHOLE_FACTOR, TILE_FACTOR = 1.2, 1.9
#: float32 arrays as large as the picture that the process holds, besides L-BFGS's two a pair. Some five of them are not
#: alive: with oneDNN TensorFlow's allocator keeps what it has had, in pieces that later arrays do not always fit into.
LBFGS_ARRAYS, ADAM_ARRAYS, EVALUATION_ARRAYS = 13, 14, 4
#: An evaluation's rate over that of a convolution alone.
EFFICIENCY = 0.75
#: Passes through the network: forward and backward; by tiles forward once more.
PASSES, TILED_PASSES = 2, 3

#: What is tried, best first: tiles below the second value of `_SIDES` spend most of their time on halos.
_SIDES = (WHOLE, 1536, 1024, 768), (512, 384, 256)
_HISTORIES = (10, 5, 3)


@dataclass(frozen=True)
class Estimate:
    """What a run will take, and what was chosen for it.

    Attributes:
        seconds: From the first evaluation to the last; None if the machine's rate is not known.
        memory: Bytes, the process included.
        evaluations: Of J, over all sizes.
        tile: Side of a tile's core in pixels, `nst.tiling.WHOLE` if the picture is taken whole.
        tiles: At the final size.
        history: Correction pairs of L-BFGS.
    """

    seconds: float | None
    memory: int
    evaluations: int
    tile: int
    tiles: int
    history: int


def estimate(photo: Shape, styles: tuple[Shape, ...], config: StyleTransferConfig, machine: Machine) -> Estimate:
    """Return what painting will take on `machine`, with the largest tiles and history that fit into its memory.

    Args:
        photo: (height, width) of the photo's file.
        styles: (height, width) of each painting's file.
        config: A `tile` in it is taken as it is; its `history` is the longest.
        machine: With the precision that will be used.

    Raises:
        OversizeError: if nothing fits.
    """
    scales = scales_of(photo, styles, config)
    shape = scales[-1].shape
    tile, history = _chosen(shape, config, machine)
    return Estimate(
        seconds=None if machine.rate is None else _seconds(scales, tile, config, machine.rate),
        memory=_memory(shape, tile, _arrays(config, history), config, machine.precision),
        evaluations=sum(scale.steps for scale in scales),
        tile=tile,
        tiles=len(_cut(shape, tile, config)),
        history=history,
    )


def evaluation_tile(shape: Shape, config: StyleTransferConfig, machine: Machine) -> int:
    """Return the side of the tiles by which J of a picture of `shape` is computed without its gradient."""
    sides = [side for group in _SIDES for side in group]
    fitting = (
        side for side in sides if _memory(shape, side, EVALUATION_ARRAYS, config, machine.precision) <= machine.memory
    )
    return config.tile or next(fitting, sides[-1])


def _chosen(shape: Shape, config: StyleTransferConfig, machine: Machine) -> tuple[int, int]:
    """Return the tile's side and the history."""
    for tile, history in _candidates(config):
        needed = _memory(shape, tile, _arrays(config, history), config, machine.precision)
        if needed <= machine.memory:
            return tile, history
    remedy = "a smaller size, or tile 0" if config.tile else "a smaller size"
    raise OversizeError(
        f"memory: expected at least {needed / 1e9:.1f} GB for {shape[1]}x{shape[0]} px, "
        f"got {machine.memory / 1e9:.1f} GB; choose {remedy}, or allow more memory."
    )


def _candidates(config: StyleTransferConfig) -> Iterable[tuple[int, int]]:
    """Yield (tile, history), what is to be preferred first; the last needs the least memory."""
    histories = [config.history, *(each for each in _HISTORIES if each < config.history)]
    for sides in [(config.tile,)] if config.tile else _SIDES:
        for history in histories if config.optimizer == "lbfgs" else [config.history]:
            for side in sides:
                yield side, history


def _arrays(config: StyleTransferConfig, history: int) -> int:
    # A pair is made by two evaluations; places that were never filled share one array.
    return LBFGS_ARRAYS + 2 * min(history, config.steps - 1) if config.optimizer == "lbfgs" else ADAM_ARRAYS


def _memory(shape: Shape, side: int, arrays: int, config: StyleTransferConfig, precision: str) -> int:
    """Return the bytes of a process that paints `shape` by tiles of `side`."""
    height, width = shape
    tiles = _cut(shape, side, config)
    largest = max((bottom - top) * (right - left) for top, left, bottom, right in tiles[:, TILE].tolist())
    factor = WHOLE_FACTOR if len(tiles) == 1 else TILE_FACTOR
    maps = factor * largest * sum(_bytes(layer, precision) for layer in _layers(config))
    content = height * width * sum(_bytes(layer, precision) for layer, _ in config.content_layers)
    return int(PROCESS + arrays * 12 * height * width + maps + content)


def _seconds(scales: Iterable[Scale], side: int, config: StyleTransferConfig, rate: float) -> float:
    operations = 0.0
    for scale in scales:
        tiles = _cut(scale.shape, side, config)
        pixels = sum((bottom - top) * (right - left) for top, left, bottom, right in tiles[:, TILE].tolist())
        operations += scale.steps * (PASSES if len(tiles) == 1 else TILED_PASSES) * pixels * _operations(config)
    return operations / (EFFICIENCY * rate)


def _operations(config: StyleTransferConfig) -> float:
    """Return the floating-point operations of one pass through the network, for a pixel of the picture."""
    inputs = (3, *(_channels(layer) for layer in LAYERS))
    return sum(
        2 * 9 * before * _channels(layer) / stride(layer) ** 2
        for before, layer in zip(inputs, _layers(config), strict=False)
    )


def _bytes(layer: str, precision: str) -> float:
    """Return the bytes of a layer's feature maps for a pixel of the picture; the first is kept in float32."""
    size = 4 if layer == LAYERS[0] or precision == "float32" else 2
    return size * _channels(layer) / stride(layer) ** 2


def _layers(config: StyleTransferConfig) -> tuple[str, ...]:
    """Return the layers that are computed: all up to the deepest in use."""
    used = [name for name, _ in (*config.content_layers, *config.style_layers)]
    return LAYERS[: max(LAYERS.index(name) for name in used) + 1]


def _cut(shape: Shape, side: int, config: StyleTransferConfig) -> np.ndarray:
    return cut(*shape, _layers(config)[-1], side)


def _channels(layer: str) -> int:
    return CHANNELS[int(layer[len("block")]) - 1]
