"""A doodle: a picture after a drawing in a few colours, each painted like the part of the painting that has it too."""

import numpy as np
import streamlit as st

from nst.config import StyleTransferConfig
from nst.errors import MaskError, StyleTransferError
from nst.masks.editing import MaskEdits
from nst.masks.mask import LEAST, Mask
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region
from nst.pictures.blank import Blank
from nst.ui.job.pace import estimate_line
from nst.ui.job.start import Chosen, submit
from nst.ui.language import deferred, said, text
from nst.ui.more.maps import Parts, maps_control, parts_of_maps
from nst.ui.more.sheet import (
    blank_for,
    blank_in,
    blank_of,
    blank_spec,
    choice_of,
    config_without_photo,
    proportions_control,
)
from nst.ui.pictures.choice import Choice
from nst.ui.regions.mask_edits import change_all, edits_on, mask_canvas
from nst.ui.widgets.errors import errors_shown
from nst.ui.widgets.markdown import literal

#: Long side of the sheet that is drawn on; the picture has the size of the settings.
_SHEET_SIDE = 480
_COUNTS = (1, 2, 3, 4, 5)
_HERE, _FILES = deferred("Draw here"), deferred("Files")


def doodle_panel(chosen: Chosen, config: StyleTransferConfig, busy: bool) -> None:
    """Draw the two canvases, and the button that starts the picture."""
    painting = chosen.paintings[0]
    how = st.segmented_control(
        text("Maps"), [_HERE, _FILES], default=_HERE, required=True, key="doodle_how", format_func=text
    )
    if how == _FILES:
        _from_maps(painting, config, busy)
        return
    st.caption(
        literal(
            text(
                "No photo: mark parts of {title}, then draw where they are to be. What is left free in the "
                "drawing becomes like what is left free in the painting.",
                title=painting.title,
            )
        )
    )
    count = int(st.segmented_control(text("Colours"), _COUNTS, default=2, required=True, key="doodle_colours") or 1)
    proportions = proportions_control("doodle_proportions")
    names = [text("Colour {number}", number=number) for number in range(1, count + 1)]
    sheet = choice_of(blank_of(_SHEET_SIDE, proportions))
    for role in ("doodle_model", "doodle"):
        change_all(role, lambda edits: edits.limited(count))
    if busy:
        return  # strokes would travel to and fro with every look at the job
    st.markdown(f"**{text('1. In the painting')}**")
    mask_canvas("doodle_model", painting, text("Mark parts of the painting"), names)
    st.markdown(f"**{text('2. In your picture')}**")
    mask_canvas("doodle", sheet, text("Draw where they are to be"), names)
    try:
        found = parts(edits_on("doodle", sheet), edits_on("doodle_model", painting), names)
    except StyleTransferError as error:
        _start_button(str(error), disabled=True)
        return
    _start(painting, config, blank_for(config, proportions), found)


def _from_maps(painting: Choice, config: StyleTransferConfig, busy: bool) -> None:
    """Draw the uploaders of the maps, and the button that starts the picture."""
    maps = maps_control()
    if busy:
        return
    if maps is None:
        _start_button(text("Both maps are needed."), disabled=True)
        return
    drawing, model = maps
    try:
        found = parts_of_maps(drawing, model, painting.shape)
    except StyleTransferError as error:
        _start_button(str(error), disabled=True)
        return
    _start(painting, config, blank_in(config, drawing.shape), found)


def _start(painting: Choice, config: StyleTransferConfig, blank: Blank, found: Parts) -> None:
    """Draw what the picture takes, or why it cannot be, and the button that starts it."""
    regions, guides = found
    paintings = (painting,) * len(regions)
    try:
        own = config_without_photo(config, blank).with_changes(style_blend_weights=(), style_blocks=())
        Layout.of(regions, guides, (256, 256), len(paintings), (blank.height, blank.width))
        line = estimate_line(choice_of(blank), paintings, own, len(regions))
    except StyleTransferError as error:
        _start_button(str(error), disabled=True)
        return
    if _start_button(line, disabled=False):
        with errors_shown():
            submit(blank_spec(blank, paintings, own, guides, regions))


def _start_button(line: str, *, disabled: bool) -> bool:
    st.caption(literal(said(line)))
    return st.button(
        text("Paint the doodle"), type="primary", icon=":material/draw:", key="doodle_start", disabled=disabled
    )


def parts(drawing: MaskEdits, model: MaskEdits, names: list[str]) -> Parts:
    """Return the regions of the picture, and for each the part of the painting that is its model.

    Args:
        drawing: What is drawn where in the picture.
        model: What has the same colours in the painting.
        names: Of the colours.

    Raises:
        MaskError: if nothing is drawn, or something that is nowhere in the painting.
    """
    if not drawing.masks:
        raise MaskError("doodle: expected a drawing, got an empty sheet; draw on it.")
    missing = [names[index] for index in drawing.masks if index not in model.masks]
    if missing:
        raise MaskError(f"doodle: expected {missing[0]} in the painting too, got none; mark what it stands for.")
    pairs: list[tuple[str, PackedMask, PackedMask | None]] = [
        (names[index], mask, PackedMask.of(model.masks[index])) for index, mask in drawing.packed.items()
    ]
    if _free(drawing) is not None:
        free = _free(model)
        # Below the others, so that nothing between them is left out. Of a painting that is marked all over, the whole.
        pairs.insert(0, ("for the rest", PackedMask.everything(), None if free is None else PackedMask.of(free)))
    shares = np.eye(len(pairs))
    regions = tuple(Region(name, mask, tuple(map(float, shares[index]))) for index, (name, mask, _) in enumerate(pairs))
    return regions, tuple(guide for *_, guide in pairs)


def _free(edits: MaskEdits) -> Mask | None:
    """Return what is not marked, None if there is nothing of it."""
    free: Mask = np.clip(1 - sum(edits.masks.values(), np.zeros(edits.shape, np.float32)), 0, 1)
    return free if np.max(free) >= LEAST else None
