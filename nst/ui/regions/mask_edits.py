"""Masks of a picture as they are edited: the canvas, mask files, and what is kept of it all for each picture."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nst.errors import MaskError, StyleTransferError
from nst.masks.editing import MaskEdits
from nst.pictures.codec import read_picture
from nst.ui import guards, resources
from nst.ui.language import said, text
from nst.ui.pictures.choice import FILE_TYPES, Choice
from nst.ui.visitor import asker
from nst.ui.widgets.brush import paint_canvas
from nst.ui.widgets.markdown import literal

#: What the masks are of: regions of the photo; its subject; the style guide, the part of a painting that is used; a
#: doodle, and the parts of the painting that it is made of.
Role = Literal["regions", "subject", "style_guides", "doodle", "doodle_model"]

#: Pictures of a session whose edits are kept, so that a glance at another photo loses nothing.
_KEPT = 6


def edits_on(role: Role, choice: Choice) -> MaskEdits:
    """Return what is marked on a picture."""
    kept = kept_edits(role, choice)
    if kept is None:
        height, width, _ = read_picture(choice.preview()).pixels.shape
        kept = MaskEdits((height, width))
        # Kept although it is empty: what the browser sends is meant for this edition.
        keep(role, choice.source().sha256, kept)
    return kept


def kept_edits(role: Role, choice: Choice) -> MaskEdits | None:
    """Return what is kept of a picture, None if nothing was ever marked on it."""
    return _kept(role).get(choice.source().sha256)


def keep(role: Role, sha256: str, edits: MaskEdits) -> None:
    """Keep what is marked on the picture with this checksum."""
    st.session_state.update(entries(role, {sha256: edits}))


def entries(role: Role, edits: Mapping[str, MaskEdits | None]) -> dict[str, Any]:
    """Return what the session's state holds once `edits` are kept, by the pictures' checksums; None forgets."""
    # Of pictures that are not worked on, only what it takes to work on them again.
    others = [(sha256, other.at_rest()) for sha256, other in _kept(role).items() if sha256 not in edits]
    changed = [(sha256, edits) for sha256, edits in edits.items() if edits is not None]
    return {f"{role}_edits": dict([*others, *changed][-_KEPT:]), f"{role}_error": None}


def change_all(role: Role, change: Callable[[MaskEdits], MaskEdits]) -> None:
    """Change what is marked on all pictures."""
    st.session_state[f"{role}_edits"] = {sha256: change(edits) for sha256, edits in _kept(role).items()}


def attempt(role: Role, choice: Choice, change: Callable[[MaskEdits], MaskEdits]) -> None:
    """Change what is marked on a picture; if that cannot be, its one sentence stands below the canvas."""
    try:
        keep(role, choice.source().sha256, change(edits_on(role, choice)))
    except StyleTransferError as error:
        st.session_state[f"{role}_error"] = str(error)


def mask_canvas(role: Role, choice: Choice, label: str, regions: Sequence[str], wish: str = "") -> None:
    """Draw a picture to mark regions on, and below it the sentence on what went wrong.

    With another `wish` than before it is brought into view.
    """

    def take(changed: MaskEdits | MaskError) -> None:
        if isinstance(changed, MaskError):
            st.session_state[f"{role}_error"] = str(changed)
        else:
            keep(role, choice.source().sha256, changed)

    paint_canvas(label, choice.preview(), regions, edits_on(role, choice), f"{role}_canvas", take, wish)
    mask_error(role)


def mask_error(role: Role) -> None:
    """Draw the sentence on what went wrong with the marks, if anything did."""
    if sentence := st.session_state.get(f"{role}_error"):
        st.error(literal(said(sentence)))


def mask_uploader(role: Role, choice: Choice, region: int, name: str) -> None:
    """Draw the uploader of a mask file, which takes the place of what the region has."""
    # Another edition, another uploader: what was taken in is not listed as a file that could be taken away again.
    key = f"{role}_mask_{region}_{edits_on(role, choice).edition}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"{role}_{region}_ways"):
        st.file_uploader(
            literal(text("A mask for {name}", name=name)), type=FILE_TYPES, key=key, label_visibility="collapsed",
            on_change=_take_file, args=(role, choice, region, name, key),
        )  # fmt: skip
        st.caption(text("A mask file: white, or opaque, is in."))


def _take_file(role: Role, choice: Choice, region: int, name: str, key: str) -> None:
    file = st.session_state[key]
    if file is None:
        st.session_state[f"{role}_error"] = None
    if not isinstance(file, UploadedFile):
        return  # taken away, or one that was taken in already and that the browser still names

    def put(edits: MaskEdits) -> MaskEdits:
        mask = resources.decoder().read_mask(file.getvalue(), choice.shape, name, asker())
        # Its uploader goes with this edition; Streamlit would keep the file as long as the session.
        guards.forget(file)
        return edits.marked(region, mask, instead=True)

    attempt(role, choice, put)


def _kept(role: Role) -> dict[str, MaskEdits]:
    kept: dict[str, MaskEdits] = st.session_state.setdefault(f"{role}_edits", {})
    return kept
