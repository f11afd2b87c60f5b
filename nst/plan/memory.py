"""The memory of a run, in closed form: as cheap for the dearest run as for the cheapest.

It is the process, the optimiser's arrays, the targets with what comparing them takes, and the feature maps of the
largest tile, of the picture or of a painting, whichever takes more. The factors below were measured on a CPU, see
`benchmarks/memory.py`.
"""

from nst.config import StyleTransferConfig
from nst.layers import LAYERS, channels_of, stride_of
from nst.plan.estimate import AXES, layers_of, measured, tiles_of
from nst.plan.neighbours import COLUMNS_GRID, FINEST_GRID, groups_of, limit_of, turns_of
from nst.plan.scales import Scale, Shape
from nst.plan.tiling import style_side

#: Bytes of the process with TensorFlow and the weights loaded and a network traced, and more of them for each layer
#: that is compared beyond so many.
PROCESS, LAYER_BYTES, PROCESS_LAYERS = 880e6, 6e6, 5
#: The deepest layer whose weights are in that.
PROCESS_DEEPEST = "block5_conv1"
#: Copies of a region's Gram matrices, or of its means and covariances, that comparing them takes with the gradient, of
#: a picture taken whole and by tiles; and without the gradient.
GRAM_COPIES, MOMENT_COPIES, TILED_COPIES, EVALUATION_COPIES = 4, 7, 5, 4
#: Copies of the paintings' hypercolumns while their matches are made, and of those of the picture, or its largest tile,
#: while they are searched for; bytes that the search takes besides, and for each place and painting.
COLUMN_COPIES, QUERY_COPIES, SEARCH_BYTES, PLACE_BYTES = 5, 3, 50e6, 12
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
#: Bytes alive at once for each region over those of the style layers' maps, of the picture or of its largest tile: the
#: maps under the region's guide.
REGION_FACTOR = 0.75


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
    if config.method == "combined":
        passes = (config.of_pass(by_layer) for by_layer in (False, True))
        return max(painting_memory(scale, side, history, each, precision, regions) for each in passes)
    tiled, lbfgs = tiles_of(scale.shape, side, config) > 1, config.optimizer == "lbfgs"
    # By tiles the pairs are kept in bfloat16: two take as much as one array.
    stays = (history if tiled else 2 * history) if lbfgs else 0
    if regions or config.colour == "luminance":
        stays += BOX_ARRAYS
    work = (LBFGS_ARRAYS if lbfgs else ADAM_ARRAYS) if tiled else WHOLE_ARRAYS
    maps = _maps_memory(scale.shape, side, TILE_FACTOR if tiled else WHOLE_FACTOR, config, precision)
    maps += _regions_memory(scale.shape, side, regions, config, precision)
    maps += _columns_memory(scale, side, config)
    if config.tileable:
        maps = int(WRAPPING_FACTOR * maps)
    copies = TILED_COPIES if tiled else MOMENT_COPIES if _has_means(config) else GRAM_COPIES
    evaluating = _arrays_memory(scale.shape, stays + work) + maps + _rows(regions) * copies * _grams_memory(config)
    comparing = _arrays_memory(scale.shape, stays + STATE_ARRAYS) + _style_memory(scale, side, config, precision)
    return int(_least_memory(scale, config, precision, regions) + max(evaluating, comparing))


def evaluation_memory(scale: Scale, side: int, config: StyleTransferConfig, precision: str, regions: int) -> int:
    """Return the bytes of a process that computes J alone, without its gradient; arguments as for `painting_memory`."""
    config = config.of_pass(by_layer=True)
    maps = _maps_memory(scale.shape, side, EVALUATION_FACTOR, config, precision)
    maps += _regions_memory(scale.shape, side, regions, config, precision)
    maps += _columns_memory(scale, side, config)
    evaluating = maps + _rows(regions) * EVALUATION_COPIES * _grams_memory(config)
    arrays = _arrays_memory(scale.shape, EVALUATION_ARRAYS)
    largest = max(evaluating, _style_memory(scale, side, config, precision))
    return int(_least_memory(scale, config, precision, regions) + arrays + largest)


def targets_memory(config: StyleTransferConfig, regions: int) -> int:
    """Return the bytes of what the picture's statistics are compared with, whatever its size; none with neighbours.

    For each region, or the whole picture, the Gram matrices, where the border is corrected for a second time; or the
    moments, with the principal axes of covariances.
    """
    if config.method == "neighbours":
        return 0
    config = config.of_pass(by_layer=False)
    one = _grams_memory(config)
    if config.style_statistics == "wasserstein":
        one += 4 * sum(channels * min(AXES, channels) for channels in _channels(config))
    elif config.style_statistics == "gram" and not config.tileable:
        one *= 2
    return _rows(regions) * one


def _grams_memory(config: StyleTransferConfig) -> int:
    """Return the bytes of one Gram matrix for each style layer; of a moment matrix where means count."""
    if config.method == "neighbours":
        return 0
    return 4 * sum((channels + _has_means(config)) ** 2 for channels in _channels(config))


def _has_means(config: StyleTransferConfig) -> bool:
    return config.style_statistics != "gram"


def _channels(config: StyleTransferConfig) -> list[int]:
    return [channels_of(layer) for layer, _ in config.compared_layers]


def _rows(regions: int) -> int:
    """Return how many things are compared with paintings: the regions, or the whole picture."""
    return max(1, regions)


def _least_memory(scale: Scale, config: StyleTransferConfig, precision: str, regions: int) -> int:
    """Return the bytes of the process, of the photo and its feature maps, and of the other targets."""
    maps = sum(_bytes(layer, precision) for layer, _ in config.content_layers)
    photo = scale.shape[0] * scale.shape[1] * (PHOTO_BYTES + maps)
    return int(_process_memory(config) + photo + targets_memory(config, regions))


def _process_memory(config: StyleTransferConfig) -> float:
    """Return the bytes of the process: the larger, the more layers there are and the more of them are compared."""
    layers = layers_of(config)
    deeper = layers[LAYERS.index(PROCESS_DEEPEST) + 1 :]
    weights = sum(4 * 9 * channels_of(layer) ** 2 for layer in deeper)
    return PROCESS + weights + LAYER_BYTES * max(0, len(config.compared_layers) - PROCESS_LAYERS)


def _arrays_memory(shape: Shape, arrays: int) -> int:
    """Return the bytes of float32 arrays as large as the picture."""
    return 12 * arrays * shape[0] * shape[1]


def _maps_memory(shape: Shape, side: int, factor: float, config: StyleTransferConfig, precision: str) -> int:
    """Return the bytes of the feature maps of the largest tile, `factor` times."""
    largest = measured(shape, side, config).largest
    return int(factor * largest * sum(_bytes(layer, precision) for layer in layers_of(config)))


def _regions_memory(shape: Shape, side: int, regions: int, config: StyleTransferConfig, precision: str) -> int:
    """Return the bytes that regions add to the feature maps of the largest tile; none with neighbours."""
    if config.method == "neighbours":
        return 0
    maps = sum(_bytes(layer, precision) for layer, _ in config.compared_layers)
    return int(REGION_FACTOR * regions * maps * measured(shape, side, config).largest)


def _columns_memory(scale: Scale, side: int, config: StyleTransferConfig) -> int:
    """Return the bytes of hypercolumns that are searched, and of the largest tile's places in the dearer pass."""
    if config.method != "neighbours":
        return 0
    own = measured(scale.shape, side, config).largest * max(
        _place_channels(config, by_layer) for by_layer in (False, True)
    )
    return int(4 * (_searched_places(scale) * sum(_channels(config)) + own) + _shared_memory(scale))


def _place_channels(config: StyleTransferConfig, by_layer: bool) -> float:
    """Return how many features all places have in a pass, for a pixel of the picture; each layer has its own grid."""
    groups = groups_of([name for name, _ in config.compared_layers], by_layer)
    return sum(sum(map(channels_of, layers)) / stride_of(grid) ** 2 for layers, grid in groups)


def _searched_places(scale: Scale) -> int:
    """Return how many places of the paintings are searched for hypercolumns."""
    count, step = len(scale.style_shapes), stride_of(COLUMNS_GRID)
    there = (turns_of(shape, count) * (shape[0] // step) * (shape[1] // step) for shape in scale.style_shapes)
    return sum(min(limit_of(2, count), places) for places in there)


def _shared_memory(scale: Scale) -> int:
    """Return the bytes of the neighbours of all places in each painting, on the finest of the grids."""
    places = scale.shape[0] * scale.shape[1] // stride_of(FINEST_GRID) ** 2
    return PLACE_BYTES * places * (len(scale.style_shapes) + 2)


def _search_memory(scale: Scale, side: int, config: StyleTransferConfig) -> int:
    """Return the bytes of a search for neighbours, with all that it has found."""
    own = measured(scale.shape, side, config).largest / stride_of(COLUMNS_GRID) ** 2
    columns = COLUMN_COPIES * _searched_places(scale) + QUERY_COPIES * own
    return int(4 * columns * sum(_channels(config)) + SEARCH_BYTES + _shared_memory(scale))


def _style_memory(scale: Scale, side: int, config: StyleTransferConfig, precision: str) -> int:
    """Return the bytes of the paintings while they are looked at one after the other, and of what comes of them.

    That is their Gram matrices, or with neighbours their hypercolumns.
    """
    kept = sum(_bytes(layer, precision) for layer, _ in config.compared_layers)
    maps, pixels = [0.0], [height * width for height, width in scale.style_shapes]
    for shape in scale.style_shapes:
        tiles = measured(shape, style_side(side), config)
        factor = WHOLE_STYLE_FACTOR if tiles.tiles == 1 else TILE_STYLE_FACTOR
        maps.append(tiles.largest * max(LEAST_STYLE_BYTES, factor * kept))
    looking = max(maps) + PAINTING_AT_WORK_BYTES * max(pixels, default=0) + len(pixels) * _grams_memory(config)
    if config.method == "neighbours":
        looking = max(looking, _search_memory(scale, side, config))
    return int(PAINTING_BYTES * sum(pixels) + looking)


def _bytes(layer: str, precision: str) -> float:
    """Return the bytes of a layer's feature maps for a pixel of the picture; the first is kept in float32."""
    size = 4 if layer == LAYERS[0] or precision == "float32" else 2
    return size * channels_of(layer) / stride_of(layer) ** 2
