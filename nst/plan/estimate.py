"""The operations of a run, in closed form: as cheap for the dearest run as for the cheapest.

They are those of the layers in use, on every pixel of every tile, and those of comparing covariances. The factors below
were measured on a CPU.
"""

from collections.abc import Sequence
from typing import NamedTuple

from nst.config import StyleTransferConfig
from nst.layers import LAYERS, channels_of, stride_of, up_to
from nst.plan.neighbours import search_operations, turns_of
from nst.plan.scales import Scale, Shape, corrections
from nst.plan.tiling import Cut, measure, style_side

#: The rate of an evaluation over that of a convolution alone.
EFFICIENCY = 0.75
#: Passes through the network: forward and backward; by tiles forward once more.
PASSES, TILED_PASSES = 2, 3
#: Time of an evaluation with neighbours over that of the network's passes.
MATCHING_FACTOR = 1.05
#: More time for each region after the first.
REGION_SHARE = 0.1
#: Principal axes of a painting's covariance that are compared one by one where means count; the rest is by its total.
AXES = 128
#: Matrix products that the root of a covariance takes, see `nst.engine.statistics.trace_of_root`.
ROOT_PRODUCTS = 39
#: Operations of finding the axes of a covariance (C, C), over C^3, reckoned at the rate of a convolution.
AXES_FACTOR = 100


class Shares(NamedTuple):
    """What a machine takes of the operations that are counted.

    Attributes:
        statistics: Of those of passes through the network, where statistics are compared.
        final: Likewise at the final size.
        neighbours: Likewise where neighbours are.
        search: Of those of looking for neighbours.
    """

    statistics: float = 1.0
    final: float = 1.0
    neighbours: float = 1.0
    search: float = 1.0


#: Of what the factors above were measured on.
ALL = Shares()


def operations_of(
    scales: Sequence[Scale],
    side: int,
    config: StyleTransferConfig,
    regions: int = 0,
    shares: Shares = ALL,
) -> float:
    """Return the floating-point operations of a run: the evaluations, the targets, the corrections.

    Args:
        scales: Of the run.
        side: Of the tiles, `nst.plan.tiling.WHOLE` for none.
        config: For the layers.
        regions: Of the photo; each takes its time.
        shares: Of this machine.
    """
    if config.method == "combined":
        first, last = ([scale for scale in scales if scale.by_layer == by_layer] for by_layer in (False, True))
        operations = operations_of(first, side, config.of_pass(by_layer=False), regions, shares)
        return operations + operations_of(last, side, config.of_pass(by_layer=True), regions, shares)
    if config.method == "neighbours":
        return sum(
            _operations_with_neighbours(scale, side, config, regions, shares, scale is scales[-1]) for scale in scales
        )
    passes = 0.0
    for scale in scales:
        is_final = scale is scales[-1]
        tiles = measured(scale.shape, side, config)
        of_scale = tiles.pixels * scale.steps * _passes_of(tiles)
        # The photo's feature maps, and the picture's Gram matrices with either padding at each correction.
        of_scale += tiles.pixels * (1 + 2 * is_final * corrections(scale.steps))
        # A painting's once, and where the border counts with the other padding too.
        paintings = (measured(shape, style_side(side), config) for shape in scale.style_shapes)
        of_scale += sum(tiles.pixels for tiles in paintings) * (1 + is_final)
        passes += (shares.final if is_final else shares.statistics) * of_scale
    network = passes * operations_of_a_pixel(config) * (1 + REGION_SHARE * max(0, regions - 1))
    comparisons = sum(scale.steps for scale in scales) * operations_of_a_comparison(config, regions)
    return network + comparisons + len(scales) * _operations_of_axes(config, regions)


def _operations_with_neighbours(
    scale: Scale, side: int, config: StyleTransferConfig, regions: int, shares: Shares, is_final: bool
) -> float:
    """Return the operations of one size with neighbours; arguments as for `operations_of`."""
    tiles, paintings = measured(scale.shape, side, config), len(scale.style_shapes)
    searches = max(1, corrections(scale.steps)) if is_final else 1
    passes = tiles.pixels * scale.steps * _passes_of(tiles) * MATCHING_FACTOR
    # The photo's feature maps; for each search those of the picture, by tiles twice: its centre is needed first.
    passes += tiles.pixels * (1 + searches * (1 if tiles.tiles == 1 else 2))
    for shape in scale.style_shapes:
        passes += turns_of(shape, paintings) * measured(shape, style_side(side), config).pixels
    search = searches * search_operations(scale.shape, config, scale.by_layer, paintings, regions)
    return shares.neighbours * passes * operations_of_a_pixel(config) + shares.search * search


def _passes_of(tiles: Cut) -> int:
    """Return the passes through the network of an evaluation."""
    return PASSES if tiles.tiles == 1 else TILED_PASSES


def operations_of_a_pixel(config: StyleTransferConfig) -> float:
    """Return the floating-point operations of one pass through the network, for a pixel of the picture."""
    inputs = (3, *(channels_of(layer) for layer in LAYERS))
    return sum(
        2 * 9 * before * channels_of(layer) / stride_of(layer) ** 2
        for before, layer in zip(inputs, layers_of(config), strict=False)
    )


def operations_of_a_comparison(config: StyleTransferConfig, regions: int) -> float:
    """Return the floating-point operations of comparing covariances once, with the gradient, whatever the size.

    Gram matrices and moments are compared number by number, which takes next to none.
    """
    if config.style_statistics != "wasserstein":
        return 0.0
    operations = 0
    for channels in (channels_of(layer) for layer, _ in config.style_layers):
        axes = min(AXES, channels)
        # The picture's covariance goes between the axes and its gradient back; the painting's, as it is, only there.
        operations += 2 * axes * channels * (3 * channels + 2 * axes) + 2 * ROOT_PRODUCTS * axes**3
    return float(max(1, regions) * operations)


def _operations_of_axes(config: StyleTransferConfig, regions: int) -> float:
    """Return what finding the principal axes of all targets takes, where covariances are compared."""
    if config.style_statistics != "wasserstein":
        return 0.0
    return float(AXES_FACTOR * max(1, regions) * sum(channels_of(layer) ** 3 for layer, _ in config.style_layers))


def tiles_of(shape: Shape, side: int, config: StyleTransferConfig) -> int:
    """Return how many tiles of `side` a picture of `shape` is cut into."""
    return measured(shape, side, config).tiles


def layers_of(config: StyleTransferConfig) -> tuple[str, ...]:
    """Return the layers that are computed: all up to the deepest in use."""
    return up_to(tuple(name for name, _ in (*config.content_layers, *config.compared_layers)))


def measured(shape: Shape, side: int, config: StyleTransferConfig) -> Cut:
    """Return how a picture of `shape` is cut into tiles of `side` for the layers in use."""
    return measure(*shape, layers_of(config)[-1], side)
