"""From a mask of the picture to the guides of a layer's feature maps.

A guide is a float32 array (h, w) on the positions of a layer: the square of the guidance map T of Gatys et al. 2017,
equation 8, normalised so that its sum, the sum of T^2, is 1. It takes the place of 1 / (h w) in the Gram matrix.

* "simple": T is the mean of the mask over the pixels of the position's own cell of the pooling grid. Deep positions see
  far beyond the boundary, so a style bleeds over it a little.
* "inside": T is the least value of the mask in all that the position sees, so that only positions whose receptive field
  lies wholly inside count, and no style reaches a pixel outside of its mask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from nst.config import StyleTransferConfig, normalised
from nst.errors import ConfigError, MaskError
from nst.layers import stride_of
from nst.masks.mask import LEAST, Mask, resized
from nst.masks.regions import Layout, Region
from nst.plan.tiling import halo


def guide(mask: Mask, layer: str, method: str) -> Mask:
    """Return the guide of a layer for a mask at the size of the picture: sum 1, or all zero if it vanishes there.

    With "inside" that happens to regions smaller than the layer's receptive field, with "simple" only to those on an
    odd last row or column, which pooling leaves out.

    Args:
        mask: (height, width) in 0..1, at least one stride of the layer in both.
        layer: Keras name.
        method: ``"simple"`` or ``"inside"``.
    """
    shares = _means(mask, stride_of(layer)) if method == "simple" else _least_seen(mask, layer)
    squares = np.square(shares, where=shares >= LEAST, out=np.zeros_like(shares))
    total = squares.sum(dtype=np.float64)
    return squares if total == 0 else (squares / total).astype(np.float32)


def _means(mask: Mask, step: int) -> Mask:
    """Return the mean of each whole cell of `step` x `step` pixels."""
    height, width = (side // step for side in mask.shape)
    cells = mask[: height * step, : width * step].reshape(height, step, width, step)
    means: Mask = cells.mean(axis=(1, 3), dtype=np.float32)
    return means


def _least_seen(mask: Mask, layer: str) -> Mask:
    """Return the least value within the receptive field of each position, rounded up to whole cells."""
    step = stride_of(layer)
    for axis in (0, 1):
        starts = np.arange(mask.shape[axis] // step) * step
        # The last cell takes the odd remainder, which the convolutions before the pooling do see.
        mask = _least_nearby(np.minimum.reduceat(mask, starts, axis=axis), halo(layer) // step, axis)
    return mask


def _least_nearby(cells: Mask, reach: int, axis: int) -> Mask:
    """Return the least of the cells up to `reach` away along one axis; there is nothing beyond the picture's edge."""
    padded = np.pad(cells, [(reach, reach) if each == axis else (0, 0) for each in (0, 1)], constant_values=1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=axis)
    least: Mask = windows.min(axis=-1)
    return least


@dataclass(frozen=True, eq=False)
class Row:
    """What one region, or the whole picture without regions, is compared with; all by style layer.

    Attributes:
        guides: Of the picture, (h, w) each, all zero at a layer that is left out; None without regions.
        shares: Of each painting, sum 1.
        weights: lambda_l times the region's strength and its share of the picture.
    """

    guides: tuple[Mask, ...] | None
    shares: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Guidance:
    """A layout as the style layers see it.

    Attributes:
        rows: One for each region; without regions one.
        paintings: For each painting its guides by style layer, all zero where they vanish; None for the whole painting.
    """

    rows: tuple[Row, ...]
    paintings: tuple[tuple[Mask, ...] | None, ...]

    @classmethod
    def of(cls, config: StyleTransferConfig, layout: Layout, styles: Sequence[tuple[int, int]]) -> Self:
        """Return the guidance for a layout at the picture's present size.

        A region counts by its share of the picture, so that one beta means the same in large and in small regions. A
        layer at which the guide of a region, or of one of its paintings, vanishes is left out of that region's sum, and
        the weights of its other layers are scaled to sum to 1 again.

        Args:
            config: For the style layers, the blend and the method.
            layout: The regions, and the parts of the paintings.
            styles: (height, width) of each painting as it is used.

        Raises:
            ConfigError: if there is no painting, or not one blend weight for each, or none for a layer.
            MaskError: if a guide vanishes at all layers of a region.
        """
        paintings = tuple(
            None if part is None else _guides(config, resized(part, shape))
            for part, shape in zip(layout.guides, styles, strict=True)
        )
        for index, part in enumerate(paintings):
            if part is not None and not any(each.any() for each in part):
                raise _unseen(f"style_guides: part of painting {index + 1}")
        blend = config.blend(len(styles))
        if not layout.areas:
            rows = [_row(config, blend, None, paintings, 1.0, None)]
        else:
            rows = [
                _row(
                    config,
                    area.region.shares,
                    _guides(config, area.mask),
                    paintings,
                    area.region.strength * float(area.mask.mean(dtype=np.float64)),
                    area.region.title,
                )
                for area in layout.areas
            ]
        return cls(tuple(rows), paintings)


def check_blocks(config: StyleTransferConfig, regions: Sequence[Region]) -> None:
    """Raise ConfigError if ``style_blocks`` leaves a style layer without a painting; the message names the region."""
    for region in regions:
        _shares(config, region.shares, region.title)
    if not regions and config.style_blocks:
        _shares(config, config.blend(len(config.style_blocks)))


def _shares(
    config: StyleTransferConfig, blend: tuple[float, ...], title: str | None = None
) -> tuple[tuple[float, ...], ...]:
    """Return the share of each painting at each style layer."""
    try:
        return tuple(config.blend_at(name, blend) for name, _ in config.style_layers)
    except ConfigError as error:
        if title is None:
            raise
        raise ConfigError(f"{title}: {error}") from error


def _guides(config: StyleTransferConfig, mask: Mask) -> tuple[Mask, ...]:
    return tuple(guide(mask, name, config.guidance) for name, _ in config.style_layers)


def _unseen(title: str) -> MaskError:
    return MaskError(
        f"{title}: expected a mask that a style layer can see, got one too small for all of them; enlarge it, "
        "or choose guidance simple or shallower style_layers."
    )


def _row(
    config: StyleTransferConfig,
    blend: tuple[float, ...],
    guides: tuple[Mask, ...] | None,
    paintings: Sequence[tuple[Mask, ...] | None],
    weight: float,
    title: str | None,
) -> Row:
    """Return what one region is compared with.

    Args:
        config: For the style layers and the paintings of each.
        blend: The region's share of each painting.
        guides: Of the region by style layer; None for the whole picture.
        paintings: The guides of each painting, as in `Guidance`.
        weight: The region's strength times its share of the picture.
        title: The region's, for errors; None for the whole picture.

    Raises:
        MaskError: if no style layer sees the region and its paintings.
    """
    shares = _shares(config, blend, title)
    seen = [
        (guides is None or guides[layer].any()) and _shows_all(paintings, layer_shares, layer)
        for layer, layer_shares in enumerate(shares)
    ]
    if not any(seen):
        raise _unseen(title or "style_guides")
    layers = zip(config.style_layers, seen, strict=True)
    weights = normalised(tuple((name, value if is_seen else 0.0) for (name, value), is_seen in layers))
    return Row(guides, shares, tuple(weight * value for value in weights.values()))


def _shows_all(paintings: Sequence[tuple[Mask, ...] | None], shares: tuple[float, ...], layer: int) -> bool:
    """Return whether a style layer, given by its index, sees something of every painting that has a share in it."""
    used = [guides for guides, share in zip(paintings, shares, strict=True) if share > 0]
    return all(guides is None or guides[layer].any() for guides in used)
