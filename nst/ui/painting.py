"""The painting panel: the gallery, the visitor's own, and a second painting to blend in."""

import streamlit as st

from nst.presets import Gallery, Preset
from nst.ui.choice import Choice, choose


def painting_panel(gallery: Gallery) -> tuple[tuple[Choice, ...], tuple[float, ...]]:
    """Draw the panel; return the chosen paintings, one or two, and their shares when there are two."""
    st.subheader("2 · Painting")
    first = choose("painting", gallery.paintings, layout="grid")
    with st.expander("Blend in a second painting"):
        others = {preset.id: preset for preset in gallery.paintings if preset.id != first.id}
        second = st.selectbox(
            "Second painting",
            [None, *others],
            format_func=lambda preset_id: "None" if preset_id is None else _label(others, preset_id),
            key="second_painting",
        )
        if second is None:
            return (first,), ()
        percent = st.slider("Share of the second painting", 0, 100, 50, step=5, format="%d %%", key="second_share")
    return (first, Choice(others[second])), (1 - percent / 100, percent / 100)


def _label(presets: dict[str, Preset], preset_id: str) -> str:
    return f"{presets[preset_id].artist}: {presets[preset_id].title}"
