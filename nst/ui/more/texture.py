"""The texture of a painting, or of several, without a photo."""

import streamlit as st

from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.ui.job.pace import estimate_line
from nst.ui.job.start import Chosen, submit
from nst.ui.language import said, text
from nst.ui.more.sheet import blank_for, blank_spec, choice_of, config_without_photo, proportions_control
from nst.ui.pictures.titles import listed
from nst.ui.widgets.errors import errors_shown
from nst.ui.widgets.markdown import literal


def texture_panel(chosen: Chosen, config: StyleTransferConfig, busy: bool) -> None:
    """Draw the choice of what the texture is to be, and the button that starts it."""
    manner = listed(painting.title for painting in chosen.paintings)
    st.caption(
        literal(text("No photo: only the strokes and colours of {paintings}, painted from noise.", paintings=manner))
    )
    proportions = proportions_control("texture_proportions")
    tileable = st.toggle(
        text("Tileable"), key="texture_tileable",
        help=text("The borders wrap around, so that copies fit beside each other."),
    )  # fmt: skip
    blank = blank_for(config, proportions, tileable)
    own = config_without_photo(config, blank, tileable)
    try:
        line = estimate_line(choice_of(blank), chosen.paintings, own, 0)
    except StyleTransferError as error:
        st.error(literal(said(str(error))))
        return
    st.caption(literal(line))
    if st.button(
        text("Paint the texture"), type="primary", icon=":material/texture:", key="texture_start", disabled=busy
    ):
        with errors_shown():
            submit(blank_spec(blank, chosen.paintings, own, chosen.style_guides))
