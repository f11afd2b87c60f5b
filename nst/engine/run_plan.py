"""What a run is to do, made of what was asked for and checked before anything is painted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Self

import numpy as np

from nst.config import RunOptions, StyleTransferConfig
from nst.engine.device import this_machine
from nst.engine.vgg import Network, weights_of
from nst.errors import ConfigError, MaskError
from nst.masks import mask as masks
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region, check_counts
from nst.masks.subject import subject
from nst.pictures.colour import as_pixels
from nst.plan.guidance import Guidance
from nst.plan.low_rank import low_rank_of, uses_low_rank
from nst.plan.neighbours import check_places
from nst.plan.run import plan_run
from nst.plan.scales import Scale, Shape, check_size, crop_box
from nst.weights.files import WeightsFile

#: Padding of the first convolution while optimising, see `nst.engine.border`. J of a saved picture is that with zeros.
EDGE = "replicate"


class RunPlan(NamedTuple):
    """What a run is to do: the settings, the options with what was chosen filled in, the sizes, the regions."""

    config: StyleTransferConfig
    options: RunOptions
    network: Network
    last_network: Network
    scales: tuple[Scale, ...]
    layout: Layout

    @classmethod
    def of(
        cls,
        photo: Shape,
        styles: tuple[Shape, ...],
        config: StyleTransferConfig,
        options: RunOptions,
        regions: Sequence[Region],
        guides: Sequence[PackedMask | None],
        subject_mask: PackedMask | None,
    ) -> Self:
        """Return the plan for a photo and paintings of (height, width); raises as `stylize`."""
        config.blend(len(styles))
        check_counts(regions, guides, len(styles))
        if regions and config.colour == "painting":
            raise ConfigError(
                "colour: expected no regions with 'painting', since each has a painting of its own and the rest stays "
                f"as the photo, got {len(regions)}; choose other colours, or leave the regions out."
            )
        machine = this_machine(options.precision, options.memory)
        chosen = plan_run(photo, styles, config, options, machine, len(regions))
        *coarse, final = chosen.scales
        weights = used_weights(options)
        is_near = uses_low_rank(config, options, machine)
        network, last = (
            Network.of(
                config.of_pass(by_layer), machine.precision, EDGE, weights, low_rank=low_rank_of(is_near, by_layer)
            )
            for by_layer in (False, True)
        )
        for each in (network, last):
            check_sizes(each, final.shape, final.style_shapes)
        layout = layout_of(regions, guides, subject_mask, final.shape, len(styles), photo, config)
        _check_layout(layout, final.style_shapes, config)
        scales = (*(scale for scale in coarse if sees_all(scale, layout, config)), final)
        options = options.with_changes(precision=machine.precision, tile=chosen.tile, history=chosen.history)
        return cls(config, options, network, last, scales, layout)

    def of_last_pass(self) -> Self:
        """Return the plan of a run that has only its last pass still to paint, with all of the steps."""
        last = self.scales[-1]
        return self._replace(scales=(replace(last, steps=self.config.steps),)) if last.by_layer else self


def layout_of(
    regions: Sequence[Region],
    guides: Sequence[PackedMask | None],
    subject_mask: PackedMask | None,
    shape: Shape,
    styles: int,
    photo: Shape,
    config: StyleTransferConfig,
) -> Layout:
    """Return what is where on a result of `shape`, which shows the part of the photo, (height, width), that is kept."""
    height, width = photo
    top, left, bottom, right = crop_box(height, width, config.crop)
    part = (top / height, left / width, bottom / height, right / width)
    layout = Layout.of(regions, guides, shape, styles, photo, part)
    if subject_mask is None:
        return layout
    masks.check_proportions(subject_mask.mask, photo, "of the subject")
    return replace(layout, subject=masks.resized(subject_mask.mask, shape, part))


def _check_layout(layout: Layout, styles: tuple[Shape, ...], config: StyleTransferConfig) -> None:
    """Raise MaskError where a region, or the part of a painting of (height, width), is too small for the method."""
    if config.of_pass(by_layer=True).method == "neighbours":
        check_places(config.of_pass(by_layer=True), layout, styles)
    if config.method != "neighbours":
        Guidance.of(config.of_pass(by_layer=False), layout, styles)


def with_subject(layout: Layout, photo: np.ndarray, config: StyleTransferConfig) -> Layout:
    """Return the layout with the subject of the photo (height, width, 3): as it was given, or found if it counts."""
    if layout.subject is not None or not config.sees_subject:
        return layout
    try:
        return replace(layout, subject=subject(as_pixels(photo)))
    except MaskError:
        return layout


def used_weights(options: RunOptions) -> WeightsFile | None:
    """Return the file of weights that is used, None for the bundled ones; it is read now, and so fails in time."""
    file = WeightsFile.of(options)
    weights_of(file)
    return file


def sees_all(scale: Scale, layout: Layout, config: StyleTransferConfig) -> bool:
    """Return whether no region is too small for all style layers at a coarse size, which then can be skipped."""
    try:
        _check_layout(layout.at(scale.shape), scale.style_shapes, config.of_pass(scale.by_layer))
    except MaskError:
        return False
    return True


def check_sizes(network: Network, shape: Shape, style_shapes: tuple[Shape, ...]) -> None:
    """Raise ImageError where a photo or a painting of (height, width) is too small for the layers of a network."""
    check_size("content", shape, network.deepest_block)
    for each in style_shapes:
        check_size("style", each, network.deepest_block)


def shape_of(pixels: np.ndarray) -> Shape:
    """Return the (height, width) of a picture (height, width, 3)."""
    return (int(pixels.shape[0]), int(pixels.shape[1]))


def shapes_of(pictures: Sequence[np.ndarray]) -> tuple[Shape, ...]:
    """Return the (height, width) of each picture."""
    return tuple(map(shape_of, pictures))
