"""The photo's subject as it was found, for those who want it to stay recognisable, and its correction by brush."""

from typing import Any

import numpy as np
import streamlit as st

from nst.errors import ConfigError, LimitError, MaskError
from nst.masks.editing import MaskEdits
from nst.masks.mask import Mask, resized
from nst.masks.packed import PackedMask
from nst.masks.subject import subject
from nst.pictures.codec import Pixels, encode_jpeg, read_picture
from nst.recipes.recipe import Recipe
from nst.server.slots import Asker
from nst.ui import resources
from nst.ui.language import said, text
from nst.ui.pictures.choice import Choice
from nst.ui.regions.easel import Easel
from nst.ui.regions.mask_edits import entries, keep, kept_edits
from nst.ui.visitor import asker
from nst.ui.widgets.component import data_url
from nst.ui.widgets.markdown import literal

#: Key of whether the brush is out.
_OPEN = "subject_open"
#: How bright what is not the subject is shown.
_DIM = 0.25
#: Pixels of the page that it is wide, beside the button.
_SHOWN = 120
#: Seconds to wait while the subjects of other visitors' photos are looked for, one after the other.
_PATIENCE = 10.0


def subject_control(photo: Choice, easel: Easel) -> None:
    """Draw the subject, if it is to stay recognisable, and the button that puts it on the easel to be corrected."""
    if not _matters():
        return
    try:
        with st.spinner(text("Looking for the subject…")):
            found = _found(photo.source().sha256, photo.preview(), asker())
    except LimitError as error:
        st.caption(literal(said(str(error))))
        return
    edits = kept_edits("subject", photo)
    mask = found if edits is None else edits.masks.get(0)

    def begin() -> None:
        if kept_edits("subject", photo) is None:
            keep("subject", photo.source().sha256, _edits(photo, found))
        st.session_state[_OPEN] = True
        easel.put_up("subject")

    if not st.session_state.get(_OPEN):
        with st.container(horizontal=True, vertical_alignment="center", key="subject"):
            if mask is None:
                st.caption(text("Nothing stands out of this photo by itself."))
            else:
                shown = _lit(read_picture(photo.preview()).pixels, mask)
                st.image(data_url(encode_jpeg(shown)), width=_SHOWN, alt=text("The photo, dark but for its subject"))
            label = text("Mark it by hand") if mask is None else text("Correct it by brush")
            st.button(label, icon=":material/brush:", key="subject_correct", on_click=begin)
        return

    def look_again() -> None:
        keep("subject", photo.source().sha256, _edits(photo, found))

    def tools() -> None:
        st.button(text("As it was found"), icon=":material/undo:", key="subject_again", on_click=look_again)
        st.button(text("Done"), icon=":material/check:", key="subject_done", on_click=_close)

    label = text("Paint over what is to stay recognisable; the eraser takes away")
    easel.draw("subject", photo, label, [text("Subject")], tools)


def subject_mask(photo: Choice) -> PackedMask | None:
    """Return the subject as the visitor has corrected it; None if it is to be found, or does not matter."""
    edits = kept_edits("subject", photo) if _matters() else None
    return None if edits is None else edits.packed.get(0)


def subject_entries(recipe: Recipe) -> dict[str, Any]:
    """Return what the session's state holds when the subject is as a recipe has it.

    Raises:
        ConfigError: if its mask is empty, which no recipe of ours has.
    """
    mask = recipe.subject_mask
    try:
        edits = None if mask is None else MaskEdits.of([mask.mask], ["of the subject"])
    except MaskError as error:
        raise ConfigError(f"recipe: {error}") from error
    return {_OPEN: False, **entries("subject", {recipe.content.sha256: edits})}


def _matters() -> bool:
    return bool(st.session_state.subject_weight > 1)


def _close() -> None:
    st.session_state[_OPEN] = False


def _edits(photo: Choice, found: Mask | None) -> MaskEdits:
    """Return marks with what was found."""
    height, width, _ = read_picture(photo.preview()).pixels.shape
    edits = MaskEdits((height, width))
    return edits if found is None else edits.marked(0, found)


@st.cache_data(show_spinner=False, max_entries=16)
def _found(sha256: str, _preview: bytes, _asker: Asker) -> Mask | None:
    """Return the subject of a photo with this checksum, None if nothing stands out; looked for once."""
    try:
        return looked_for(_preview, _asker)
    except MaskError:
        return None


def looked_for(jpeg: bytes, asker: Asker) -> Mask:
    """Return the subject of a photo as the page shows it; of all visitors' photos in one at a time.

    Raises:
        LimitError: if others were before this one for too long.
        MaskError: if nothing stands out.
    """
    with resources.finders().one(asker, _PATIENCE) as taken:
        if not taken:
            raise LimitError("subject: expected a free place to look for it, got none; try again in a moment.")
        return subject(read_picture(jpeg).pixels)


def _lit(photo: Pixels, mask: Mask) -> Pixels:
    """Return a photo that is dark but for the mask."""
    light = _DIM + (1 - _DIM) * resized(mask, photo.shape[:2])[..., None]
    return np.rint(photo * light).astype(np.uint8)
