"""Which places of the paintings are searched for neighbours, and which of the picture's places search where.

A place is a position of a layer's feature maps. The search is exact among the places that are kept: all of a painting
and of its copies turned by quarters where these are few, all of it where it alone is, and of a larger painting so many,
drawn by the run's seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from nst.config import StyleTransferConfig
from nst.errors import ConfigError, MaskError
from nst.layers import channels_of, stride_of
from nst.masks.mask import Mask, resized
from nst.masks.regions import Layout
from nst.plan.scales import Shape

#: The layer whose positions are the places of the hypercolumns: one for 4 x 4 pixels.
COLUMNS_GRID = "block3_conv1"
#: That of the finest places for a layer by itself: one for 2 x 2 pixels. Finer ones see nearly the same.
FINEST_GRID = "block2_conv1"
#: Places of all paintings together that are searched for hypercolumns, and for a layer's features by themselves.
COLUMN_PLACES, LAYER_PLACES = 16_384, 2_048
#: Of each painting at least.
LEAST_PLACES = 512
#: Time of a product in float32 over that of one in the network, and of what is done to each cosine in such products.
FLOAT32_FACTOR, COSINE_OPERATIONS = 3, 1_500
#: What of both is left where the network computes in float32 itself, and so does fewer of its products meanwhile.
FLOAT32_SEARCH = 0.32
#: Rounds in which the shares of several paintings are brought about, places on which they are tried, and the time of a
#: round for one place and painting in such products: 7.5 ns, which is between those of a processor with bfloat16
#: products and of one without.
ROUNDS, TRIED_PLACES, ROUND_OPERATIONS = 200, 2**16, 3_000
#: Quarter turns of a painting whose copies are searched.
TURNS = 4


def groups_of(layers: Sequence[str], by_layer: bool) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return the layers that have a neighbour in common, and the layer whose positions are their places.

    Args:
        layers: Keras names.
        by_layer: Whether each layer is by itself; else all are one group, the hypercolumns.
    """
    if not by_layer:
        return ((tuple(layers), COLUMNS_GRID),)
    return tuple(((name,), max(name, FINEST_GRID, key=stride_of)) for name in layers)


def cells(mask: Mask, layer: str) -> Mask:
    """Return the mean of a mask (height, width) over the pixels of each of a layer's places, (h, w) float32."""
    step = stride_of(layer)
    height, width = (side // step for side in mask.shape)
    means: Mask = mask[: height * step, : width * step].reshape(height, step, width, step).mean((1, 3), np.float32)
    return means


def turns_of(shape: Shape, paintings: int) -> int:
    """Return how many copies of one of so many paintings, of (height, width), turned by quarters, are searched.

    All where their hypercolumns can be searched without drawing, else one; for layers by themselves as many.
    """
    height, width = (side // stride_of(COLUMNS_GRID) for side in shape)
    return TURNS if TURNS * height * width <= limit_of(2, paintings) else 1


def limit_of(layers: int, paintings: int) -> int:
    """Return how many places of one of so many paintings are searched, for features of so many layers at once."""
    return max(LEAST_PLACES, (COLUMN_PLACES if layers > 1 else LAYER_PLACES) // max(1, paintings))


def drawn(parts: list[npt.NDArray[np.bool_]], limit: int, seed: int) -> list[npt.NDArray[np.bool_]]:
    """Return the places that are searched: all of those that may be, or `limit` of them drawn by a seed."""
    allowed = np.concatenate([part.ravel() for part in parts])
    places = np.flatnonzero(allowed)
    if len(places) > limit:
        chosen = np.random.default_rng(seed).choice(places, limit, replace=False)
        allowed = np.zeros_like(allowed)
        allowed[chosen] = True
    ends = np.cumsum([part.size for part in parts])[:-1]
    return [each.reshape(part.shape) for each, part in zip(np.split(allowed, ends), parts, strict=True)]


def part_of(guide: Mask | None, shape: Shape, layer: str, title: str) -> npt.NDArray[np.bool_]:
    """Return which places of a painting of (height, width) may be searched: those at least half in its part.

    Raises:
        MaskError: if there is none.
    """
    height, width = (side // stride_of(layer) for side in shape)
    if guide is None:
        return np.ones((height, width), np.bool_)
    part = cells(resized(guide, shape), layer) >= 0.5
    if not part.any():
        raise MaskError(
            f"{title}: expected a part of at least {stride_of(layer)} px at the size in use, got a smaller one; "
            "enlarge it, or choose a larger size."
        )
    return part


@dataclass(frozen=True, eq=False)
class Owners:
    """Which region each place of the picture belongs to, and what it counts.

    Attributes:
        region: The number of the region that has most of the place, (h, w) int; -1 where no region has any.
        weights: The share of the place that is in regions, times their strength, (h, w) float32.
        shares: Of each painting in each region, sum 1 each.
    """

    region: npt.NDArray[np.intp]
    weights: Mask
    shares: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, config: StyleTransferConfig, layout: Layout, shape: Shape, layer: str) -> Self:
        """Return the owners of the places of a layer; one region of all places where the layout has none.

        Args:
            config: For the shares of the paintings without regions.
            layout: At the picture's present size.
            shape: (height, width) of the picture.
            layer: Whose positions are the places.
        """
        height, width = (side // stride_of(layer) for side in shape)
        if not layout.areas:
            region = np.zeros((height, width), np.intp)
            return cls(region, np.ones((height, width), np.float32), (config.blend(len(layout.guides)),))
        have = np.stack([cells(area.mask, layer) for area in layout.areas])
        strengths = np.array([area.region.strength for area in layout.areas], np.float32)
        region = np.where(have.any(0), have.argmax(0), -1)
        shares = tuple(area.region.shares for area in layout.areas)
        return cls(region, np.tensordot(strengths, have, 1).astype(np.float32), shares)


def check_places(config: StyleTransferConfig, layout: Layout, styles: Sequence[Shape]) -> None:
    """Raise an error if a size has no place for a region, or for the part of a painting.

    Args:
        config: For the shares of the paintings.
        layout: At the size of the picture.
        styles: (height, width) of each painting as it is used.

    Raises:
        ConfigError: if there is not one blend weight for each painting, or paintings are to have blocks of their own.
        MaskError: if a part of a painting is too small.
    """
    if config.style_blocks:
        raise ConfigError(
            "style_blocks: expected none with neighbours, which have all blocks of one painting at a place, "
            "got some; leave it out, or choose method statistics."
        )
    deepest = config.compared_layers[-1][0]
    for number, (guide, shape) in enumerate(zip(layout.guides, styles, strict=True), start=1):
        part_of(guide, shape, deepest, f"part of painting {number}")


def search_operations(
    shape: Shape, config: StyleTransferConfig, by_layer: bool, paintings: int = 1, regions: int = 0
) -> float:
    """Return what one search from a picture of (height, width) takes, as floating-point operations of the network.

    Args:
        shape: Of the picture.
        config: For the layers.
        by_layer: As for `groups_of`.
        paintings: That are searched; several share the places, in each of the `regions` by themselves.
        regions: Of the photo.
    """
    total = 0.0
    for layers, grid in groups_of([name for name, _ in config.compared_layers], by_layer):
        places = shape[0] * shape[1] / stride_of(grid) ** 2
        one = FLOAT32_FACTOR * 2 * sum(map(channels_of, layers)) + COSINE_OPERATIONS
        total += one * places * paintings * limit_of(len(layers), paintings)
        if paintings > 1:
            tried = min(places, TRIED_PLACES * max(1, regions))
            total += ROUND_OPERATIONS * paintings * (ROUNDS * tried + places)
    return total
