"""How a picture is cut into tiles that can be computed one after the other, exactly.

Every position of every feature map belongs to the *core* of one tile. A tile is its core and a halo as wide as the
receptive field of the deepest layer reaches, so that all that the core's positions see is inside. Cores begin at
multiples of the coarsest layer's stride, so that a tile's pooling windows are the picture's; where the picture ends, so
does the tile, and the picture's own padding applies there.
"""

from itertools import pairwise

import numpy as np

from nst.layers import CONVOLUTIONS_PER_BLOCK, block_of, convolution_of, stride_of

#: Of a rectangle in a row of `cut`: top, left, bottom, right, in pixels; the last two exclusive.
CORE, TILE = slice(0, 4), slice(4, 8)

#: A side that no picture exceeds: one tile.
WHOLE = 2**20


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
