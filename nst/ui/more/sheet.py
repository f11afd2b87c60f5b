"""What is painted on where there is no photo: a blank sheet in proportions of one's choice."""

from dataclasses import replace

import numpy as np
import streamlit as st

from nst import __version__
from nst.config import WITHOUT_PHOTO, StyleTransferConfig
from nst.jobs import JobSpec
from nst.jobs.inputs import reduced_shapes
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.blank import Blank
from nst.pictures.codec import encode_jpeg, fitted_shape
from nst.plan.scales import Shape, closing_step
from nst.recipes.blank import source_of
from nst.recipes.recipe import Recipe
from nst.ui import resources
from nst.ui.language import deferred, text
from nst.ui.pictures.choice import PREVIEW_SIDE, Choice, Upload
from nst.ui.settings.paper import chosen_bits, chosen_print

#: Width over height by the name of the proportions.
PROPORTIONS = {deferred("Square"): 1.0, deferred("Landscape"): 1.5, deferred("Portrait"): 2 / 3}

#: How a print's sheet can lie.
_TURNS = ("Landscape", "Portrait")

#: Grey level of the sheet to draw on: light, as paper is.
_PAPER = 235


def proportions_control(key: str) -> float:
    """Draw the choice of proportions, of a print's sheet that of its turn; return the width over the height."""
    paper = chosen_print()
    if paper is not None:
        height, width = paper.sheet(1, 1)
        name = st.segmented_control(
            text("Sheet"), _TURNS, default=_TURNS[0], required=True, key=f"{key}_sheet", format_func=text
        )
        return width / height if name == _TURNS[0] else height / width
    name = st.segmented_control(
        text("Proportions"), list(PROPORTIONS), default="Square", required=True, key=key, format_func=text
    )
    return PROPORTIONS[str(name)]


def blank_of(size: int, proportions: float, step: int = 1) -> Blank:
    """Return a blank picture with a long side of `size` pixels, both sides multiples of `step`."""
    width, height = (size, size / proportions) if proportions >= 1 else (size * proportions, size)
    height, width = (max(step, round(side / step) * step) for side in (height, width))
    return Blank(height, width)


def choice_of(blank: Blank) -> Choice:
    """Return a blank picture as what is chosen in the place of a photo."""
    shape = (blank.height, blank.width)
    # For the page alone: the settings may ask for more pixels than this server allows.
    shown = fitted_shape(*shape, min(PREVIEW_SIDE, max(shape)))
    paper = encode_jpeg(np.full((*shown, 3), _PAPER, np.uint8))
    return Choice(Upload(blank.name, blank.name.encode(), (), paper, shape))


def config_without_photo(config: StyleTransferConfig, blank: Blank, tileable: bool = False) -> StyleTransferConfig:
    """Return the page's settings for a blank picture, which says the size by itself."""
    changes = {"size": max(blank.height, blank.width), "crop": 0.0, "upscale": False, "tileable": tileable}
    return config.with_changes(**WITHOUT_PHOTO, **changes)


def blank_for(config: StyleTransferConfig, proportions: float, tileable: bool = False) -> Blank:
    """Return the blank picture of the settings' size, or of the whole sheet of a print.

    One that is to wrap around has the sides that it needs.
    """
    paper = chosen_print()
    size = config.size if paper is None else max(paper.sheet(1, 1))
    return blank_of(size, proportions, closing_step(config) if tileable else 1)


def blank_in(config: StyleTransferConfig, shape: Shape) -> Blank:
    """Return the blank picture of the settings' size, or of a print, in the proportions of (height, width)."""
    paper = chosen_print()
    if paper is None:
        return Blank(*fitted_shape(*shape, config.size))
    return Blank(*replace(paper, crop=False).shape_for(*shape))


def blank_spec(
    blank: Blank,
    paintings: tuple[Choice, ...],
    config: StyleTransferConfig,
    guides: tuple[PackedMask | None, ...],
    regions: tuple[Region, ...] = (),
) -> JobSpec:
    """Return what is to be painted on a blank picture."""
    sources = tuple(painting.source() for painting in paintings)
    recipe = Recipe(source_of(blank), sources, config, __version__, regions=regions, style_guides=guides)
    shapes = tuple(painting.shape for painting in paintings)
    _, used = reduced_shapes((blank.height, blank.width), shapes, config, resources.limits().max_size)
    chosen = {source.sha256: (each, shape) for source, each, shape in zip(sources, paintings, used, strict=True)}
    read = {sha256: each.read(shape) for sha256, (each, shape) in chosen.items()}  # one that is there twice once
    styles, paper = tuple(read[source.sha256] for source in sources), chosen_print()
    return JobSpec(blank.pixels, styles, recipe, dpi=None if paper is None else paper.dpi, bits=chosen_bits())
