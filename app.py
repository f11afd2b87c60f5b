"""The page: choose a photo and a painting, adjust, watch the one turn into the other, keep the picture.

Start it with ``streamlit run app.py``.
"""

import streamlit as st

from nst.errors import StyleTransferError
from nst.ui import resources, state
from nst.ui.component import FRONTEND
from nst.ui.example import example_panel
from nst.ui.follow import follow_panel
from nst.ui.history import remember
from nst.ui.how import how_panel
from nst.ui.painting import painting_panel
from nst.ui.parts import parts_panel
from nst.ui.photo import photo_panel
from nst.ui.regions import regions_panel
from nst.ui.reopen import follow_link, link_error
from nst.ui.restore import notice
from nst.ui.result import result_panel
from nst.ui.settings import settings_panel
from nst.ui.start import Chosen, followed_job, start_bar

st.set_page_config(page_title="From a photo to a painting", page_icon="🎨", layout="wide", initial_sidebar_state=330)


def main() -> None:
    """Draw the page once, from top to bottom."""
    st.html(FRONTEND / "page.css")
    gallery = resources.gallery()
    state.fill_in_defaults()
    follow_link()
    st.title("From a photo to a painting", anchor=False)
    # The canvas comes first, so that a phone shows it first.
    canvas, choices = st.columns([8, 5], gap="large")
    with canvas:
        job = followed_job()
    busy = job is not None and not job.state.final
    with choices:
        photo = photo_panel(gallery)
        palette = painting_panel(gallery)
        chosen = Chosen(photo, palette.paintings, regions_panel(photo, palette, busy), parts_panel(palette, busy))
    with st.sidebar:
        config = settings_panel(palette, chosen.regions)
    with canvas:
        if job is not None and not busy:
            remember(job)
        notice()
        link_error()
        start_bar(chosen, config, busy)
        if job is None:
            example_panel(gallery)
        elif busy:
            follow_panel(job)
        else:
            result_panel(job, config)
    how_panel()
    # Last, when the page is on its way to the browser: this starts to load the network.
    resources.runner()


try:
    main()
except StyleTransferError as error:
    st.error(str(error))
