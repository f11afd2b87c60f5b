"""The photo panel: a strip of photos and the visitor's own."""

import streamlit as st

from nst.pictures.gallery import Gallery
from nst.ui.language import text
from nst.ui.pictures.choice import Choice, choose


def photo_panel(gallery: Gallery, first: str) -> Choice:
    """Draw the panel and return the chosen photo, at first the one with the id `first` if there is such a one."""
    st.subheader(text("Photo"), anchor=False)
    default = next((preset.id for preset in gallery.photos if preset.id == first), gallery.photos[0].id)
    return choose("photo", gallery.photos, "strip", default)
