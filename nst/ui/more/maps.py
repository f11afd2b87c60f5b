"""A doodle's two maps as files: drawings in a few flat colours, made in whatever program one likes."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nst.errors import MaskError, StyleTransferError
from nst.masks.labels import hexadecimal, parts_of, thinned
from nst.masks.mask import check_proportions
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.codec import Pixels, printable_name
from nst.plan.scales import Shape
from nst.ui import guards, resources
from nst.ui.language import deferred, said, text
from nst.ui.pictures.choice import FILE_TYPES, page_jpeg
from nst.ui.visitor import asker
from nst.ui.widgets.component import data_url
from nst.ui.widgets.markdown import literal

#: The maps by the keys of their uploaders, and what they are called.
_MODEL, _DRAWING = "doodle_model_map", "doodle_map"
#: Key of what came of the last two maps.
_FOUND = "doodle_maps_found"
_TITLES = {_MODEL: deferred("1. Of the painting"), _DRAWING: deferred("2. Of your picture")}


Parts = tuple[tuple[Region, ...], tuple[PackedMask | None, ...]]


@dataclass(frozen=True, eq=False)
class Map:
    """A label map: what the visitor calls it, its pixels thinned out, the (height, width) of its file, a JPEG of it."""

    name: str
    pixels: Pixels
    shape: Shape
    jpeg: bytes


def maps_control() -> tuple[Map, Map] | None:
    """Draw the uploaders of both maps; return that of the picture and that of the painting, None if one is missing."""
    st.caption(
        text(
            "Two drawings in at most eight flat colours, one in the painting's proportions. What has one colour in "
            "both belongs together."
        )
    )
    for place, (key, title) in zip(st.columns(2), _titles(), strict=True):
        with place:
            st.markdown(f"**{title}**")
            st.file_uploader(
                title, type=FILE_TYPES, key=key, label_visibility="collapsed", on_change=_take, args=(key,)
            )
            if sentence := st.session_state.get(f"{key}_error"):
                st.error(literal(said(sentence)))
            if (found := _kept(key)) is not None:
                alt = text("The map {name}", name=found.name)
                st.image(data_url(found.jpeg), width="stretch", alt=alt)
                st.caption(literal(found.name))
    drawing, model = _kept(_DRAWING), _kept(_MODEL)
    return None if drawing is None or model is None else (drawing, model)


def _titles() -> list[tuple[str, str]]:
    return [(key, text(title)) for key, title in _TITLES.items()]


def parts_of_maps(drawing: Map, model: Map, painting: Shape) -> Parts:
    """Return the regions of the picture, and for each the part of the painting that is its model.

    What came of the session's last two maps is kept: the page asks for it whenever it is drawn.

    Args:
        drawing: The map of the picture.
        model: That of the painting.
        painting: (height, width) of the painting.

    Raises:
        MaskError: if a colour has no counterpart, there are too many, or the painting's map has other proportions.
    """
    asked = (drawing, model, painting)
    before, found = st.session_state.get(_FOUND, (None, ""))
    if before != asked:
        try:
            found = _parts(*asked)
        except MaskError as error:
            found = str(error)
        st.session_state[_FOUND] = (asked, found)
    if isinstance(found, str):
        raise MaskError(found)
    parts: Parts = found
    return parts


def _parts(drawing: Map, model: Map, painting: Shape) -> Parts:
    parts = parts_of(drawing.pixels, model.pixels, (drawing.name, model.name))
    try:
        check_proportions(parts[0].model, painting, model.name)
    except MaskError:
        raise MaskError(
            f"{model.name}: expected a map in the proportions of the painting, such as {painting[1]}x{painting[0]}, "
            f"got {model.shape[1]}x{model.shape[0]}; draw it on the painting itself."
        ) from None
    shares = np.eye(len(parts))
    regions = tuple(
        # The first lies below the others, so that nothing between them is left out.
        Region(
            hexadecimal(part.colour),
            PackedMask.of(part.mask) if index else PackedMask.everything(),
            tuple(map(float, shares[index])),
        )
        for index, part in enumerate(parts)
    )
    return regions, tuple(PackedMask.of(part.model) for part in parts)


def _kept(key: str) -> Map | None:
    found: Map | None = st.session_state.get(f"{key}_kept")
    return found


def _take(key: str) -> None:
    """Read the map that has just arrived; one that was taken away is forgotten."""
    state, file = st.session_state, st.session_state[key]
    state[f"{key}_error"] = None
    if not isinstance(file, UploadedFile):
        state[f"{key}_kept"] = None
        return
    name = printable_name(file.name)
    try:
        pixels = resources.decoder().read(file.getvalue(), name, asker()).pixels
        shape = (pixels.shape[0], pixels.shape[1])
        few = np.ascontiguousarray(thinned(pixels))
        state[f"{key}_kept"] = Map(name, few, shape, page_jpeg(few))
    except StyleTransferError as error:
        state[f"{key}_error"] = str(error)
        guards.forget(file)
