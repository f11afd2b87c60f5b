"""The operations and the memory of a run, in closed form: as cheap for the dearest run as for the cheapest.

Operations are those of the layers in use, on every pixel of every tile, and those of comparing covariances. Memory is
the process, the optimiser's arrays, the targets, and the feature maps of the largest tile, of the picture or of a
painting, whichever takes more. The factors below were measured on a CPU, see `benchmarks/memory.py`.
"""

from collections.abc import Sequence

from nst.config import StyleTransferConfig
from nst.layers import LAYERS, channels_of, stride_of, up_to
from nst.plan.neighbours import COLUMN_PLACES, COLUMNS_GRID, search_operations, turns_of
from nst.plan.scales import Scale, Shape, corrections
from nst.plan.tiling import Cut, measure, style_side

#: Bytes of the process with TensorFlow and the weights loaded and a network traced.
PROCESS = 880e6
#: Bytes alive at once over those of all feature maps, with their gradients and what is copied on the way: of a picture
#: taken whole, and of a tile, whose cores are cut out.
WHOLE_FACTOR, TILE_FACTOR = 2.3, 3.2
#: Bytes over those of a picture with borders, of one whose feature maps are put together with their opposite sides.
WRAPPING_FACTOR = 1.2
#: As the factors above, where J alone is computed, of the whole or of a tile.
EVALUATION_FACTOR = 1.5
#: float32 arrays as large as the picture, besides the pairs of L-BFGS and the box. Taken whole, some hold what is in
#: between; by tiles that is of a few rows only.
WHOLE_ARRAYS, LBFGS_ARRAYS, ADAM_ARRAYS, EVALUATION_ARRAYS = 10, 5, 6, 4
#: Bytes alive at once over those of the style layers' maps while a painting's Gram matrices are computed, of the whole
#: and of a tile, whose cores are copies; and the least, for the first two layers in either precision.
WHOLE_STYLE_FACTOR, TILE_STYLE_FACTOR, LEAST_STYLE_BYTES = 1.1, 1.95, 525
#: Bytes of a pixel of a painting at the size to be used: uint8, and of the one at work float32 and what resizing takes.
PAINTING_BYTES, PAINTING_AT_WORK_BYTES = 3, 20
#: Bytes of the photo that a run keeps, for a pixel of the picture: uint8 at its size and at the one before, a quarter.
PHOTO_BYTES = 3 * 5 / 4
#: float32 arrays as large as the picture that an optimiser has while there is no gradient yet.
STATE_ARRAYS = 3
#: Lower and upper bounds, where they differ from pixel to pixel.
BOX_ARRAYS = 2
#: The rate of an evaluation over that of a convolution alone.
EFFICIENCY = 0.75
#: Passes through the network: forward and backward; by tiles forward once more.
PASSES, TILED_PASSES = 2, 3
#: Time of an evaluation with neighbours over that of the network's passes.
MATCHING_FACTOR = 1.5
#: Bytes alive at once for each region over those of the style layers' maps, of the picture or of its largest tile: the
#: maps under the region's guide.
REGION_FACTOR = 0.75
#: More time for each region after the first.
REGION_SHARE = 0.1
#: Principal axes of a painting's covariance that are compared one by one where means count; the rest is by its total.
AXES = 128
#: Matrix products that the root of a covariance takes, see `nst.engine.statistics.trace_of_root`.
ROOT_PRODUCTS = 39
#: Operations of finding the axes of a covariance (C, C), over C^3, reckoned at the rate of a convolution.
AXES_FACTOR = 100


def operations_of(scales: Sequence[Scale], side: int, config: StyleTransferConfig, regions: int = 0) -> float:
    """Return the floating-point operations of a run: the evaluations, the targets, the corrections.

    Args:
        scales: Of the run.
        side: Of the tiles, `nst.plan.tiling.WHOLE` for none.
        config: For the layers.
        regions: Of the photo; each takes its time.
    """
    passes = 0.0
    for scale in scales:
        is_final = scale is scales[-1]
        tiles = _measured(scale.shape, side, config)
        one = PASSES if tiles.tiles == 1 else TILED_PASSES
        passes += tiles.pixels * scale.steps * one * (MATCHING_FACTOR if config.method == "neighbours" else 1)
        if config.method == "neighbours":
            passes += _searching_passes(scale, side, config, is_final, regions)
            continue
        # The photo's feature maps, and the picture's Gram matrices with either padding at each correction.
        passes += tiles.pixels * (1 + 2 * is_final * corrections(scale.steps))
        # A painting's once, and where the border counts with the other padding too.
        paintings = (_measured(shape, style_side(side), config) for shape in scale.style_shapes)
        passes += sum(tiles.pixels for tiles in paintings) * (1 + is_final)
    if config.method == "neighbours":
        return passes * operations_of_a_pixel(config)
    network = passes * operations_of_a_pixel(config) * (1 + REGION_SHARE * max(0, regions - 1))
    comparisons = sum(scale.steps for scale in scales) * operations_of_a_comparison(config, regions)
    return network + comparisons + len(scales) * _operations_of_axes(config, regions)


def _searching_passes(scale: Scale, side: int, config: StyleTransferConfig, is_final: bool, regions: int) -> float:
    """Return what the targets of one size take with neighbours, in pixels that pass through the network."""
    tiles = _measured(scale.shape, side, config)
    searches = max(1, corrections(scale.steps)) if is_final else 1
    # The photo's feature maps; for each search those of the picture, by tiles twice: its centre is needed first.
    passes = tiles.pixels * (1 + searches * (1 if tiles.tiles == 1 else 2))
    for shape in scale.style_shapes:
        passes += turns_of(shape, len(scale.style_shapes)) * _measured(shape, style_side(side), config).pixels
    search = search_operations(scale.shape, config, scale.by_layer, len(scale.style_shapes), regions)
    return passes + searches * search / operations_of_a_pixel(config)


def operations_of_a_pixel(config: StyleTransferConfig) -> float:
    """Return the floating-point operations of one pass through the network, for a pixel of the picture."""
    inputs = (3, *(channels_of(layer) for layer in LAYERS))
    return sum(
        2 * 9 * before * channels_of(layer) / stride_of(layer) ** 2
        for before, layer in zip(inputs, _layers(config), strict=False)
    )


def operations_of_a_comparison(config: StyleTransferConfig, regions: int) -> float:
    """Return the floating-point operations of comparing covariances once, with the gradient, whatever the size.

    Gram matrices are compared number by number, which takes next to none.
    """
    if config.style_statistics == "gram":
        return 0.0
    operations = 0
    for channels in (channels_of(layer) for layer, _ in config.style_layers):
        axes = min(AXES, channels)
        # The picture's covariance goes between the axes and its gradient back; the painting's, as it is, only there.
        operations += 2 * axes * channels * (3 * channels + 2 * axes) + 2 * ROOT_PRODUCTS * axes**3
    return float(max(1, regions) * operations)


def _operations_of_axes(config: StyleTransferConfig, regions: int) -> float:
    """Return what finding the principal axes of all targets takes, where covariances are compared."""
    if config.style_statistics == "gram":
        return 0.0
    return float(AXES_FACTOR * max(1, regions) * sum(channels_of(layer) ** 3 for layer, _ in config.style_layers))


def tiles_of(shape: Shape, side: int, config: StyleTransferConfig) -> int:
    """Return how many tiles of `side` a picture of `shape` is cut into."""
    return _measured(shape, side, config).tiles


def painting_memory(
    scale: Scale, side: int, history: int, config: StyleTransferConfig, precision: str, regions: int
) -> int:
    """Return the bytes of a process that paints one size by tiles of `side`.

    Args:
        scale: The largest of the run, and its paintings.
        side: Of the tiles of the picture, which bounds those of the paintings.
        history: Correction pairs of L-BFGS.
        config: For the layers and the optimiser.
        precision: Of the convolutions.
        regions: Of the photo.
    """
    tiled, lbfgs = tiles_of(scale.shape, side, config) > 1, config.optimizer == "lbfgs"
    # By tiles the pairs are kept in bfloat16: two take as much as one array.
    stays = (history if tiled else 2 * history) if lbfgs else 0
    if regions or config.colour == "luminance":
        stays += BOX_ARRAYS
    work = (LBFGS_ARRAYS if lbfgs else ADAM_ARRAYS) if tiled else WHOLE_ARRAYS
    maps = _maps_memory(scale.shape, side, TILE_FACTOR if tiled else WHOLE_FACTOR, config, precision)
    maps += _regions_memory(scale.shape, side, regions, config, precision)
    maps += _columns_memory(scale.shape, side, config)
    if config.tileable:
        maps = int(WRAPPING_FACTOR * maps)
    evaluating = _arrays_memory(scale.shape, stays + work) + maps
    comparing = _arrays_memory(scale.shape, stays + STATE_ARRAYS) + _style_memory(scale, side, config, precision)
    return _least_memory(scale.shape, config, precision) + max(evaluating, comparing)


def evaluation_memory(scale: Scale, side: int, config: StyleTransferConfig, precision: str, regions: int) -> int:
    """Return the bytes of a process that computes J alone, without its gradient; arguments as for `painting_memory`."""
    maps = _maps_memory(scale.shape, side, EVALUATION_FACTOR, config, precision)
    maps += _regions_memory(scale.shape, side, regions, config, precision)
    maps += _columns_memory(scale.shape, side, config)
    arrays = _arrays_memory(scale.shape, EVALUATION_ARRAYS)
    return (
        _least_memory(scale.shape, config, precision)
        + arrays
        + max(maps, _style_memory(scale, side, config, precision))
    )


def _least_memory(shape: Shape, config: StyleTransferConfig, precision: str) -> int:
    """Return the bytes of the process, of the photo and of its feature maps."""
    maps = sum(_bytes(layer, precision) for layer, _ in config.content_layers)
    return int(PROCESS + shape[0] * shape[1] * (PHOTO_BYTES + maps))


def _arrays_memory(shape: Shape, arrays: int) -> int:
    """Return the bytes of float32 arrays as large as the picture."""
    return 12 * arrays * shape[0] * shape[1]


def _maps_memory(shape: Shape, side: int, factor: float, config: StyleTransferConfig, precision: str) -> int:
    """Return the bytes of the feature maps of the largest tile, `factor` times."""
    largest = _measured(shape, side, config).largest
    return int(factor * largest * sum(_bytes(layer, precision) for layer in _layers(config)))


def _regions_memory(shape: Shape, side: int, regions: int, config: StyleTransferConfig, precision: str) -> int:
    """Return the bytes that regions add to the feature maps of the largest tile; none with neighbours."""
    if config.method == "neighbours":
        return 0
    maps = sum(_bytes(layer, precision) for layer, _ in config.compared_layers)
    return int(REGION_FACTOR * regions * maps * _measured(shape, side, config).largest)


def _columns_memory(shape: Shape, side: int, config: StyleTransferConfig) -> int:
    """Return the bytes of hypercolumns: those of the paintings that are searched, and of the largest tile's places."""
    if config.method != "neighbours":
        return 0
    places = COLUMN_PLACES + _measured(shape, side, config).largest / stride_of(COLUMNS_GRID) ** 2
    return int(4 * places * sum(channels_of(layer) for layer, _ in config.compared_layers))


def _style_memory(scale: Scale, side: int, config: StyleTransferConfig, precision: str) -> int:
    """Return the bytes of the paintings while their Gram matrices are computed one after the other."""
    kept = sum(_bytes(layer, precision) for layer, _ in config.compared_layers)
    maps, pixels = [0.0], [height * width for height, width in scale.style_shapes]
    for shape in scale.style_shapes:
        tiles = _measured(shape, style_side(side), config)
        factor = WHOLE_STYLE_FACTOR if tiles.tiles == 1 else TILE_STYLE_FACTOR
        maps.append(tiles.largest * max(LEAST_STYLE_BYTES, factor * kept))
    return int(max(maps) + PAINTING_BYTES * sum(pixels) + PAINTING_AT_WORK_BYTES * max(pixels, default=0))


def _bytes(layer: str, precision: str) -> float:
    """Return the bytes of a layer's feature maps for a pixel of the picture; the first is kept in float32."""
    size = 4 if layer == LAYERS[0] or precision == "float32" else 2
    return size * channels_of(layer) / stride_of(layer) ** 2


def _layers(config: StyleTransferConfig) -> tuple[str, ...]:
    """Return the layers that are computed: all up to the deepest in use."""
    return up_to(tuple(name for name, _ in (*config.content_layers, *config.compared_layers)))


def _measured(shape: Shape, side: int, config: StyleTransferConfig) -> Cut:
    return measure(*shape, _layers(config)[-1], side)
