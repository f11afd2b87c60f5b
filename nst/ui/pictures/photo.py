"""The photo panel: a strip of photos and the visitor's own."""

import streamlit as st

from nst.pictures.gallery import Gallery
from nst.ui.pictures.choice import Choice, choose


def photo_panel(gallery: Gallery) -> Choice:
    """Draw the panel and return the chosen photo."""
    st.subheader("Photo", anchor=False)
    return choose("photo", gallery.photos, "strip", gallery.photos[0].id)
