"""The painting panel: the gallery, the visitor's own, and a second painting to blend in."""

import streamlit as st

from nst.presets import Gallery
from nst.ui.choice import Choice, choose
from nst.ui.pictures import EXAMPLE


def painting_panel(gallery: Gallery) -> tuple[tuple[Choice, ...], tuple[float, ...]]:
    """Draw the panel; return the chosen paintings, one or two, and their shares when there are two."""
    st.subheader("Painting", anchor=False)
    # The example already shows one; the first press shall make another picture.
    others = [preset.id for preset in gallery.paintings if preset.id != EXAMPLE.painting]
    default, second_default = (others + [gallery.paintings[0].id] * 2)[:2]
    first = choose("painting", gallery.paintings, "grid", default)
    if not st.toggle("Blend in a second painting", key="blend"):
        return (first,), ()
    second = choose("second", gallery.paintings, "strip", second_default)
    st.session_state.setdefault("second_share", 50)
    percent = st.slider("Share of the second painting", 0, 100, key="second_share", format="%d %%")
    return (first, second), ((100 - percent) / 100, percent / 100)
