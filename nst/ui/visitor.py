"""Whose page this is: the secret with which a visitor cancels and removes their own jobs.

An address shows a picture to whoever has it, so the secret is not in it. It is in the session's state and, for the next
session of the same tab, in the browser's storage for this tab alone: after a reload, or when the server was started
anew, the jobs are still the visitor's own.
"""

import secrets
from typing import Any

import streamlit as st

from nst.ui.widgets.component import component

_STATE, _KEY = "visitor", "visitor_store"
#: A secret from the browser is no longer, or it is none of ours.
_LONGEST = 64

_store = component("visitor")


def visitor() -> str:
    """Return the secret of this page's visitor."""
    secret: str = st.session_state.setdefault(_STATE, secrets.token_urlsafe(16))
    return secret


def remember_visitor() -> None:
    """Let the tab keep the secret, or take the one that it has kept; draws nothing that can be seen.

    A tab that was reloaded says its secret after the first run, in a message of its own. One that lost its connection
    says it with the first run, when no callback is known yet: then the page runs once more, as its visitor's.
    """
    kept = _store(key=_KEY, data={"secret": visitor()}, on_secret_change=_returned)
    if _take(kept.get("secret")):
        st.rerun()


def _returned() -> None:
    state: Any = st.session_state.get(_KEY)
    _take(None if state is None else state.get("secret"))


def _take(secret: object) -> bool:
    """Make the tab's secret the session's; return whether it was another one."""
    if not isinstance(secret, str) or not 16 <= len(secret) <= _LONGEST or secret == visitor():
        return False
    st.session_state[_STATE] = secret
    return True
