"""Finished pictures of what is chosen, before anything has been pressed: the example, and those of the wall."""

from collections.abc import Sequence

import streamlit as st

from nst.pictures.codec import fitted_shape, read_picture, resize_to
from nst.plan.scales import Shape
from nst.ui.about.illustrations import EXAMPLE, WALL, picture
from nst.ui.language import text
from nst.ui.pictures.choice import PREVIEW_SIDE, Choice, page_jpeg
from nst.ui.widgets.compare import Side


def example_of(photo: Choice, paintings: Sequence[Choice]) -> Side | None:
    """Return what the engine made of these pictures; None if the page has no picture of that."""
    chosen = (photo.id, *(painting.id for painting in paintings))
    if chosen == (EXAMPLE.photo, EXAMPLE.painting):
        alt = text("The example: {photo} after {painting}", photo=photo.title, painting=paintings[0].title)
        return Side(text("Painted here"), alt, picture("example"))
    for each in WALL:
        if chosen == (each.photo, each.painting):
            alt = text("Painted here: {photo} after {painting}", photo=photo.title, painting=paintings[0].title)
            return Side(text("Painted here"), alt, _enlarged(each.name, photo.shape))
    return None


@st.cache_data(show_spinner=False, max_entries=len(WALL))
def _enlarged(name: str, shape: Shape) -> bytes:
    """Return a picture of the wall as large as the preview of its photo of (height, width), which it is laid upon."""
    height, width = fitted_shape(*shape, min(PREVIEW_SIDE, max(shape)))
    return page_jpeg(resize_to(read_picture(picture(name)).pixels, height, width))
