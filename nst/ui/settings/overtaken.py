"""Controls that the page has set itself, and a browser that speaks before it has heard of it.

With everything that a visitor does the browser says the values of all controls. What it says before the last drawing
has reached it has the former values of the controls which that drawing has set: they would be taken for the visitor's
wish, and a callback would set further controls by them. So each drawing has a number, in a control that nobody sees.
With its value the browser says which drawing it speaks of, and former values are put right.

The other way round a value that is on its way to the browser puts another in the place of what the visitor types
there meanwhile. So a control is sent its value only if that is new, and sent the visitor's own if it was overtaken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

#: Keys of the control with the number of the drawing that the browser has, of the number of the drawing that is next
#: to be finished, and of what was set, by the controls' keys.
_HEARD, _NEXT, _SET = "drawing", "drawing_next", "controls_set"
#: Drawings after which any browser has heard of what was set.
_FORGOTTEN = 20


@dataclass(frozen=True)
class _Setting:
    """What a control was set to, in which drawing, and the values that the browser may still say instead."""

    drawing: int
    value: Any
    former: tuple[Any, ...]


def put(values: Mapping[str, Any]) -> None:
    """Set controls, by their keys."""
    state, settings = st.session_state, _settings()
    for key, value in values.items():
        before = settings.pop(key, None)
        former = [] if before is None or _is_heard(before) else [*before.former, before.value]
        former += [state[key]] if key in state else []
        if any(each != value for each in former):
            settings[key] = _Setting(_next(), value, tuple(each for each in former if each != value))
        if key in settings or key not in state:
            state[key] = value
    state[_SET] = settings


def is_former(key: str) -> bool:
    """Tell whether a control's value is just what the browser has not yet heard to be another by now.

    For callbacks: what such a control "changes to" is nobody's wish.
    """
    setting = _settings().get(key)
    return setting is not None and not _is_heard(setting) and st.session_state[key] in setting.former


def put_right() -> None:
    """Set controls again whose values the browser has not heard of; to be called first in a drawing."""
    state = st.session_state
    settings = {key: each for key, each in _settings().items() if each.drawing + _FORGOTTEN > _next()}
    state[_SET] = settings
    for key, setting in settings.items():
        if key not in state or _is_heard(setting) or state[key] == setting.value:
            continue
        if state[key] in setting.former:
            state[key] = setting.value
        else:  # the visitor's own, in whose place the browser gets to see what was set before
            put({key: state[key]})


def number_drawing() -> None:
    """Draw the control that nobody sees; to be called last in a drawing."""
    drawing = _next()
    st.session_state[_HEARD] = drawing
    st.session_state[_NEXT] = drawing + 1
    with st.container(key="drawing_number"):
        st.number_input("№", step=1, key=_HEARD, label_visibility="collapsed")


def _settings() -> dict[str, _Setting]:
    return dict(st.session_state.get(_SET, {}))


def _next() -> int:
    number: int = st.session_state.get(_NEXT, 1)
    return number


def _is_heard(setting: _Setting) -> bool:
    heard: int = st.session_state.get(_HEARD, 0)
    return heard >= setting.drawing
