"""More ways to paint: what is there for those who look for it, and in nobody's way before."""

import streamlit as st

from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.pictures.gallery import Gallery
from nst.ui import resources
from nst.ui.job.start import Chosen
from nst.ui.language import deferred, text
from nst.ui.more.doodle import doodle_panel
from nst.ui.more.film import film_panel
from nst.ui.more.several import several_panel
from nst.ui.more.table import table_panel
from nst.ui.more.texture import texture_panel

_WAYS = {
    "several": deferred("Several paintings"),
    "table": deferred("Compare settings"),
    "texture": deferred("Texture"),
    "doodle": deferred("Doodle"),
    "film": deferred("Film"),
}


def more_panel(gallery: Gallery, chosen: Chosen, config: StyleTransferConfig | StyleTransferError, busy: bool) -> None:
    """Draw the panel; nothing of it is computed or sent before it is opened."""
    panel = st.expander(text("More ways to paint"), icon=":material/apps:", key="more", on_change="rerun")
    if not panel.open:
        return
    with panel:
        # A film is much more work than a picture: a host for strangers offers none.
        ways = [way for way in _WAYS if way != "film" or resources.limits().film_seconds]
        way = st.pills(
            text("What to paint"), ways, default="several", required=True, key="more_way",
            format_func=lambda way: text(_WAYS[way]), label_visibility="collapsed",
        )  # fmt: skip
        if busy:
            st.caption(text("What is being painted now is at the top of the page; the next can be started after it."))
        if isinstance(config, StyleTransferError):
            st.caption(text("First mend what is said at the settings."))
        elif way == "several":
            several_panel(gallery, chosen, config, busy)
        elif way == "table":
            table_panel(chosen, config, busy)
        elif way == "texture":
            texture_panel(chosen, config, busy)
        elif way == "doodle":
            doodle_panel(chosen, config, busy)
        elif way == "film":
            film_panel(chosen, config, busy)
