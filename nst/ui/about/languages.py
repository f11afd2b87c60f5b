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
    """Speak the chosen language from now on; what else is chosen on the page stays.

    Browsers know the options of a menu by what they are called, so those in the language before have to be said anew.
    Switches and buttons, which are true or false, have no options.
    """
    st.query_params[PARAMETER] = st.session_state[_KEY]
    for key, value in list(st.session_state.items()):
        if isinstance(value, (str, int, float, list, tuple)) and not isinstance(value, bool):
            st.session_state[key] = value
