"""How large the result is, and the smaller sizes that are painted on the way there.

Coarse to fine: large strokes are found at small sizes, where an evaluation is cheap and the network's
receptive field (156 px at block5_conv1) sees them whole. What is carried upwards is the change to the photo,
not the picture, so that the photo's fine detail is there when the next size starts.
"""

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy.typing as npt

from nst.config import StyleTransferConfig
from nst.errors import ImageError
from nst.layers import stride_of, up_to
from nst.pictures.codec import fitted_shape, has_proportions_of

Shape = tuple[int, int]

#: Evaluations before the second correction of the border; every later gap is twice as long as the one before it.
FIRST_GAP = 5

#: No coarse size has a shorter long side: the strokes it could find would cover the picture.
COARSEST_LONG_SIDE = 128
#: Nor a shorter short side of the photo or of a painting: block5 would see two positions.
COARSEST_SHORT_SIDE = 32
#: Evaluations at each coarse size, if there are as many at the final one. Fewer leave large strokes unfound, more only
#: polish fine strokes that the next size paints anew.
COARSE_STEPS = 40
#: Evaluations of a sketch, see `nst.plan.strength.search_scale`. The first coarse size after it gets so many fewer.
SKETCH_STEPS = 12
#: Share of the final size's evaluations in which each layer has neighbours of its own.
BY_LAYER_SHARES = {"neighbours": 0.5, "combined": 0.27}


@dataclass(frozen=True)
class Scale:
    """One size on the way: (height, width) in pixels of the result and of each painting, and evaluations.

    Attributes:
        by_layer: Whether each layer looks for neighbours by itself, as in the last pass of that method.
    """

    shape: Shape
    style_shapes: tuple[Shape, ...]
    steps: int
    by_layer: bool = False


def is_due(done: int) -> bool:
    """Return whether to correct the border before the evaluation that follows `done` others: 0, 5, 15, 35, 75, ..."""
    periods = done // FIRST_GAP + 1
    return done % FIRST_GAP == 0 and periods & (periods - 1) == 0


def corrections(steps: int) -> int:
    """Return before how many of `steps` evaluations the border is corrected."""
    return (-(-steps // FIRST_GAP)).bit_length()


def crop_box(height: int, width: int, crop: float) -> tuple[int, int, int, int]:
    """Return what is left of a photo of (height, width): top, left, bottom, right.

    Args:
        crop: Width over height of the part around its middle; 0 for the whole.
    """
    inner_height, inner_width = height, width
    if crop and width > crop * height:
        inner_width = max(1, round(crop * height))
    elif crop:
        inner_height = min(height, max(1, round(width / crop)))
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    return top, left, top + inner_height, left + inner_width


def cropped(photo: npt.NDArray[Any], crop: float) -> npt.NDArray[Any]:
    """Return the part of a photo (height, width, 3) that `crop_box` says."""
    top, left, bottom, right = crop_box(photo.shape[0], photo.shape[1], crop)
    return photo[top:bottom, left:right]


def final_shape(height: int, width: int, config: StyleTransferConfig) -> Shape:
    """Return the (height, width) of the result for a photo of (height, width); never upscaled unasked."""
    top, left, bottom, right = crop_box(height, width, config.crop)
    height, width = bottom - top, right - left
    long_side = config.size if config.upscale else min(config.size, max(height, width))
    return fitted_shape(height, width, long_side)


def style_shape(height: int, width: int, long_side: int, config: StyleTransferConfig) -> Shape:
    """Return the (height, width) at which a painting of (height, width) is used.

    Its long side is that of the result, `long_side`, times the style scale, but never more than its own
    pixels unless upscaling is asked for.
    """
    wanted = max(1, round(long_side * config.style_scale))
    return fitted_shape(height, width, wanted if config.upscale else min(wanted, max(height, width)))


def plan(shape: Shape, styles: tuple[Shape, ...], config: StyleTransferConfig, *, coarse: bool) -> tuple[Scale, ...]:
    """Return the scales, coarse to fine; the last has the result's `shape` and ``config.steps`` evaluations.

    Args:
        shape: (height, width) of the result.
        styles: (height, width) of each painting's file.
        config: For the steps and the style scale.
        coarse: Whether to paint smaller sizes first.
    """
    style_shapes = tuple(style_shape(*style, max(shape), config) for style in styles)
    scales = [Scale(shape, style_shapes, config.steps)]
    for halvings in count(1) if coarse else ():
        scale = _scale(shape, 2**halvings, styles, config, min(COARSE_STEPS, config.steps))
        short_sides = [min(each) for each in (scale.shape, *scale.style_shapes)]
        if max(scale.shape) < COARSEST_LONG_SIDE or min(short_sides) < COARSEST_SHORT_SIDE:
            break
        scales.append(scale)
    if len(scales) > 1 and config.begins_from_sketch:
        scales[-1] = replace(scales[-1], steps=max(1, scales[-1].steps - SKETCH_STEPS))
    return (*reversed(scales[1:]), *_final_passes(scales[0], config))


def last_pass(config: StyleTransferConfig) -> int:
    """Return how many of the final size's evaluations are those of its last pass, by layer; 0 where there is none."""
    by_layer = round(BY_LAYER_SHARES.get(config.method, 0.0) * config.steps)
    if config.method == "combined":
        return max(1, by_layer) if config.ends_with_neighbours else 0
    return by_layer


def is_at_final_size(scale: int, scales: int, config: StyleTransferConfig) -> bool:
    """Return whether the `scale`-th of so many scales, from 1, has the final size: the last one, or the last two."""
    return scale > scales - (2 if last_pass(config) else 1)


def _final_passes(scale: Scale, config: StyleTransferConfig) -> tuple[Scale, ...]:
    """Return the final size, in two passes where the second one looks for neighbours layer by layer."""
    by_layer = last_pass(config)
    if by_layer == 0:
        return (scale,)
    return replace(scale, steps=scale.steps - by_layer), replace(scale, steps=by_layer, by_layer=True)


def scales_of(photo: Shape, styles: tuple[Shape, ...], config: StyleTransferConfig) -> tuple[Scale, ...]:
    """Return the scales of a whole run for a photo and paintings of (height, width)."""
    # A given picture is painted already: coarse sizes could only lose what it has.
    coarse = config.coarse_to_fine and config.init != "picture"
    return plan(final_shape(*photo, config), styles, config, coarse=coarse)


def work(scales: tuple[Scale, ...]) -> int:
    """Return how many pixels all evaluations of a run have together; its time is nearly proportional to that."""
    return sum(scale.steps * scale.shape[0] * scale.shape[1] for scale in scales)


def _scale(shape: Shape, factor: int, styles: tuple[Shape, ...], config: StyleTransferConfig, steps: int) -> Scale:
    return scale_at(shape, max(1, round(max(shape) / factor)), styles, config, steps)


def scale_at(shape: Shape, long_side: int, styles: tuple[Shape, ...], config: StyleTransferConfig, steps: int) -> Scale:
    """Return the size with a long side for a result of (height, width), and paintings' files of (height, width).

    That of a result that wraps around is made to, by a few pixels.
    """
    style_shapes = tuple(style_shape(*style, long_side, config) for style in styles)
    height, width = fitted_shape(*shape, long_side)
    if config.tileable:
        step = closing_step(config)
        height, width = (max(step, round(side / step) * step) for side in (height, width))
    return Scale((height, width), style_shapes, steps)


def closing_step(config: StyleTransferConfig) -> int:
    """Return what the sides of a picture that wraps around have to be multiples of, in pixels: the pooling's cells."""
    return stride_of(up_to(tuple(name for name, _ in (*config.content_layers, *config.compared_layers)))[-1])


def check_closes(shape: Shape, config: StyleTransferConfig) -> None:
    """Raise ImageError if a result of (height, width) is to wrap around and the pooling's cells do not fill it."""
    step = closing_step(config)
    if config.tileable and any(side % step for side in shape):
        height, width = shape
        raise ImageError(
            f"tileable: expected sides that are multiples of {step} px, got {width}x{height}; choose another size, or "
            "crop the photo."
        )


def check_size(what: str, shape: Shape, deepest_block: int) -> None:
    """Raise ImageError if a picture of `shape` has no position left at the deepest block's layers."""
    # Two pixels at least: total variation is a mean over steps between neighbours.
    smallest = max(2, 2 ** (deepest_block - 1))
    if min(shape) < smallest:
        height, width = shape
        raise ImageError(
            f"{what}: expected at least {smallest} px on the short side for layers of block{deepest_block}, "
            f"got {width}x{height} px; choose a larger size or a less narrow picture."
        )


def check_proportions(what: str, shape: Shape, photo: Shape) -> None:
    """Raise ImageError if a picture of `shape` would have to be squashed to lie on a photo of shape `photo`."""
    height, width = shape
    if not has_proportions_of(height, width, photo):
        expected = fitted_shape(*photo, max(shape))
        raise ImageError(
            f"{what}: expected a picture in the photo's proportions, {expected[1]}x{expected[0]}, "
            f"got {width}x{height}; choose the picture's own photo."
        )
