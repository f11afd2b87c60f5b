"""The choice of the page's language, for whoever wants another than the browser's."""

import streamlit as st

from nst.ui.language import LANGUAGES, PARAMETER, language, text
from nst.ui.widgets.component import component

_KEY = "language"

_languages = component("languages")


def languages_control() -> None:
    """Draw the choice, and tell the browser the language, for those to whom it reads the page aloud.

    The choice is kept in the page's address: it survives a reload and goes with the address to others.
    """
    _languages(key="language_told", data={"language": language()})
    st.session_state[_KEY] = language()
    st.segmented_control(
        text("Language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key=_KEY, required=True,
        on_change=_choose, label_visibility="collapsed",
    )  # fmt: skip


def _choose() -> None:
    st.query_params[PARAMETER] = st.session_state[_KEY]
