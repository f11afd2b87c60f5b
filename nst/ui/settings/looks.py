"""The looks: a small picture of what each makes of one photo, and one press to take back what it has changed."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from nst.config import LOOKS, Look, look_settings
from nst.ui.about.illustrations import look_picture
from nst.ui.language import text
from nst.ui.pictures.choice import Choice
from nst.ui.settings import state
from nst.ui.settings.labels import label
from nst.ui.settings.others import suggested
from nst.ui.widgets.picker import Item, picker

#: The look that was picked and is to be set, and the controls as they were before it.
_PICKED, _BEFORE = "look_picked", "look_before"
_COLUMNS = 4


def looks_control(painting: Choice) -> None:
    """Draw the looks; to be called before the controls that they set are drawn."""
    picked = st.session_state.pop(_PICKED, None)
    if picked is not None:
        _set(next((look for look in LOOKS if look.name == picked), LOOKS[0]), painting)
    current = next((look for look in LOOKS if _is_at(look)), None)
    items = [Item(look.name, text(look.title), "", text(spoken(look)), look_picture(look.name)) for look in LOOKS]

    def pick(name: str) -> None:
        st.session_state[_PICKED] = name

    st.markdown(
        f":small[{text('Look')}]",
        help=text("Sets a few of the controls below. The pictures show what each makes of one photo."),
    )
    chosen = "" if current is None else current.name
    picker(text("Choose a look"), items, chosen, "table", key="look_picker", on_pick=pick, columns=_COLUMNS)
    if current is not None:
        st.caption(text(spoken(current)))
    before = st.session_state.get(_BEFORE)
    if before:
        listed = ", ".join(label(name) for name in before)
        st.button(
            text("Undo the look"), key="undo_look", icon=":material/undo:", on_click=_undo, width="stretch",
            help=text("Puts back what it has changed: {controls}.", controls=listed),
        )  # fmt: skip


def forget_look() -> None:
    """Forget what the last look has changed: the controls have been set otherwise since."""
    st.session_state.pop(_BEFORE, None)


def spoken(look: Look) -> str:
    """Return in a sentence what one gets with a look, in English."""
    return f"{look.reason[0].upper()}{look.reason[1:]}."


def _is_at(look: Look) -> bool:
    """Return whether the controls have what a look sets, and the rest as the painting suggests it or by default."""
    expected = _with_suggestions(look, st.session_state.get("suggestions", {}))
    return state.current(*expected) == expected


def _with_suggestions(look: Look, suggestions: Mapping[str, Any]) -> dict[str, Any]:
    """Return all fields that any look sets: as this one has them, else as suggested, else at their defaults."""
    settings = look_settings(look)
    own = {name: value for name, value in suggestions.items() if name in settings and name not in look.settings}
    return settings | own


def _set(look: Look, painting: Choice) -> None:
    """Put the controls to a look; to the first one with what the painting suggests."""
    suggestions = suggested(painting)
    settings = _with_suggestions(look, suggestions)
    before = state.current(*settings)
    st.session_state[_BEFORE] = {name: before[name] for name in settings if before[name] != settings[name]}
    state.put(settings)
    # What is not a look's stays as the visitor has it.
    kept = {name: value for name, value in st.session_state.get("suggestions", {}).items() if name in suggestions}
    own = {name: value for name, value in suggestions.items() if name in look_settings(look)}
    st.session_state.suggestions = {name: value for name, value in {**kept, **own}.items() if name not in look.settings}


def _undo() -> None:
    state.put(st.session_state.pop(_BEFORE))
