"""The first sight: a finished picture, before anything has been pressed."""

import streamlit as st

from nst.pictures.gallery import Gallery
from nst.ui import resources
from nst.ui.about.illustrations import EXAMPLE, picture
from nst.ui.pictures.choice import PREVIEW_SIDE
from nst.ui.widgets.compare import Side, compare


def example_panel(gallery: Gallery) -> None:
    """Draw the example between photo and result; a gallery without its two pictures has none."""
    photo = next((preset for preset in gallery.photos if preset.id == EXAMPLE.photo), None)
    painting = next((preset for preset in gallery.paintings if preset.id == EXAMPLE.painting), None)
    if photo is None or painting is None:
        st.info("Choose a photo and a painting, and press Stylise.")
        return
    compare(
        Side("Photo", photo.description, resources.thumbnail(photo, PREVIEW_SIDE)),
        Side("Painted here", f"The example: {photo.title} after {painting.title}", picture("example")),
        title=f"{photo.title}, in the manner of {painting.title}",
        byline=f"An example. {painting.artist}, {painting.year}. Drag the divider, or press Stylise for the next one.",
        insets=[Side("", painting.description, resources.thumbnail(painting))],
        key="example",
    )
