"""How a picture is cut into tiles that can be computed one after the other, exactly.

Every position of every feature map belongs to the *core* of one tile. A tile is its core and a halo as wide as the
receptive field of the deepest layer reaches, so that all that the core's positions see is inside. Cores begin at
multiples of the coarsest layer's stride, so that a tile's pooling windows are the picture's; where the picture ends, so
does the tile, and the picture's own padding applies there.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nst.layers import CONVOLUTIONS_PER_BLOCK, block_of, convolution_of, stride_of

#: Of a rectangle in a row of `cut`: top, left, bottom, right, in pixels; the last two exclusive.
CORE, TILE = slice(0, 4), slice(4, 8)

#: A side that no picture exceeds: one tile.
WHOLE = 2**20

#: Sides below this are not used: nearly all of a tile is halo then, and there are thousands.
SMALLEST = 64

#: Longest side of a painting's tiles: its Gram matrices are computed once, and the halos of larger ones take little.
_LARGEST_STYLE_SIDE = 1024


def halo(layer: str) -> int:
    """Return how many pixels beyond its core a tile needs for the layer, a multiple of the layer's stride.

    Each 3x3 convolution sees one position further on either side; the aligned 2x2 poolings see none.
    """
    block, convolution = block_of(layer), convolution_of(layer)
    convolutions = (*CONVOLUTIONS_PER_BLOCK[: block - 1], convolution)
    reach = sum(count * 2**halvings for halvings, count in enumerate(convolutions))
    return -(-reach // stride_of(layer)) * stride_of(layer)


def cut(height: int, width: int, deepest: str, side: int) -> np.ndarray:
    """Return the tiles of a picture, one (core, tile) a row: (tiles, 8) int32, see `CORE` and `TILE`.

    Args:
        height: Of the picture, in pixels.
        width: Likewise.
        deepest: The deepest layer in use.
        side: Longest side of a core in pixels. The last one of a row or column may be longer by less than the
            stride, since it takes the odd remainder; none is smaller than the stride, unless the picture is.
    """
    rows, columns = (_intervals(length, deepest, side) for length in (height, width))
    return np.array(
        [
            (top, left, bottom, right, outer_top, outer_left, outer_bottom, outer_right)
            for top, bottom, outer_top, outer_bottom in rows
            for left, right, outer_left, outer_right in columns
        ],
        np.int32,
    )


def _intervals(length: int, deepest: str, side: int) -> list[tuple[int, int, int, int]]:
    """Return (begin, end) of each core and of its tile along one side; cores differ by one stride at most."""
    step, reach = stride_of(deepest), halo(deepest)
    units = length // step
    count = max(1, min(units, -(-units * step // max(side, step))))
    bounds = [step * (number * units // count) for number in range(count)] + [length]
    return [
        (begin, end, max(0, begin - reach), length if end == length else min(length, end + reach))
        for begin, end in pairwise(bounds)
    ]


def style_side(side: int) -> int:
    """Return the side of the tiles that paintings are cut into in a run that cuts its picture into tiles of `side`.

    A painting has a shape of its own, up to sixteen times as many pixels as the picture has.
    """
    return min(side, _LARGEST_STYLE_SIDE)


@dataclass(frozen=True)
class Cut:
    """What a run needs to know of a picture's tiles, without the tiles.

    Attributes:
        tiles: How many there are.
        pixels: Of all tiles together, halos included.
        largest: Pixels of the largest one.
    """

    tiles: int
    pixels: int
    largest: int


def measure(height: int, width: int, deepest: str, side: int) -> Cut:
    """Return how many tiles `cut` makes, and how large they are, in time and memory of one row and one column.

    Every row of tiles has the columns of every other: so their number, their pixels and the largest one are products
    of the two axes'. Arguments as for `cut`.
    """
    tiles, pixels, largest = 1, 1, 1
    for length in (height, width):
        lengths = [outer_end - outer_begin for *_, outer_begin, outer_end in _intervals(length, deepest, side)]
        tiles, pixels, largest = tiles * len(lengths), pixels * sum(lengths), largest * max(lengths)
    return Cut(tiles, pixels, largest)
