"""A job's pictures, no larger than the job can use: what is larger would only take room from others."""

from collections.abc import Iterator
from dataclasses import replace

from nst.config import StyleTransferConfig
from nst.jobs.records import JobSpec
from nst.pictures.codec import Pixels, fitted_shape, resize_to
from nst.plan.scales import Shape, scales_of

#: Long side that is kept, over the one at which a picture is used. The engine resamples once more; after a reduction to
#: twice the size nobody sees that (see tests/jobs/test_inputs.py).
_MARGIN = 2


def reduced(spec: JobSpec, max_size: int) -> JobSpec:
    """Return a job whose pictures are at most twice as large as it uses them, see `reduced_shapes`.

    The recipe, with the checksums of the files, is not touched.
    """
    content, *styles = (_shape(each) for each in (spec.content, *spec.styles))
    smaller, less = reduced_shapes(content, tuple(styles), spec.recipe.config, max_size)
    return replace(
        spec,
        content=_resized(spec.content, smaller),
        styles=tuple(_resized(style, shape) for style, shape in zip(spec.styles, less, strict=True)),
    )


def reduced_shapes(
    photo: Shape, styles: tuple[Shape, ...], config: StyleTransferConfig, max_size: int
) -> tuple[Shape, tuple[Shape, ...]]:
    """Return the (height, width) to which a photo and its paintings can be reduced before they are painted.

    The photo stays as large as the server's results can be, `max_size`, for a larger picture that goes on from this
    one; the sizes that are painted and at which the paintings are used stay the same to the pixel.
    """
    scales = scales_of(photo, styles, config)
    final = scales[-1]

    def fits(photo: Shape, styles: tuple[Shape, ...]) -> bool:
        return scales_of(photo, styles, config) == scales

    kept = max(_MARGIN * max(final.shape), max_size)
    smaller = next((each for each in _shapes(photo, kept) if fits(each, styles)), photo)
    for index, used in enumerate(final.style_shapes):
        for candidate in _shapes(styles[index], _MARGIN * max(used)):
            changed = (*styles[:index], candidate, *styles[index + 1 :])
            if fits(smaller, changed):
                styles = changed
                break
    return smaller, styles


def _shapes(shape: Shape, long_side: int) -> Iterator[Shape]:
    """Yield smaller shapes of the same proportions from a long side on; rounding makes one or the other unfit."""
    for side in range(long_side, min(max(shape), long_side + 64)):
        yield fitted_shape(*shape, side)


def _resized(pixels: Pixels, shape: Shape) -> Pixels:
    return pixels if _shape(pixels) == shape else resize_to(pixels, *shape)


def _shape(pixels: Pixels) -> Shape:
    return pixels.shape[0], pixels.shape[1]
