"""The page: choose a photo and a painting, adjust, watch the one turn into the other, keep the picture.

Start it with ``streamlit run app.py``.
"""

import streamlit as st

from nst.errors import StyleTransferError
from nst.ui import resources
from nst.ui.before import before_panel
from nst.ui.follow import follow_panel
from nst.ui.painting import painting_panel
from nst.ui.photo import photo_panel
from nst.ui.result import result_panel
from nst.ui.settings import settings_panel
from nst.ui.start import followed_job, stylise_button

st.set_page_config(page_title="From a photo to a painting", page_icon="🎨", layout="wide", initial_sidebar_state=350)


def main() -> None:
    """Draw the page once, from top to bottom."""
    st.title("From a photo to a painting")
    choices, canvas = st.columns([5, 6], gap="large")
    with choices:
        gallery = resources.gallery()
        photo = photo_panel(gallery)
        paintings, shares = painting_panel(gallery)
    with st.sidebar:
        config = settings_panel(paintings[0], shares)
    with canvas:
        job = followed_job()
        busy = job is not None and not job.state.final
        stylise_button(photo, paintings, config, busy)
        if job is None:
            before_panel(photo, paintings)
        elif busy:
            follow_panel(job)
        else:
            result_panel(job, config)
    # Last, when the page is on its way to the browser: this starts to load the network.
    resources.runner()


try:
    main()
except StyleTransferError as error:
    st.error(str(error))
