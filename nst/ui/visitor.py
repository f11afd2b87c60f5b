"""Who this session is to the queue and to the decoder: a name that nobody can guess, and that says nothing."""

import secrets

import streamlit as st


def visitor() -> str:
    """Return the name of this session, the same as long as it lasts."""
    name: str = st.session_state.setdefault("visitor", secrets.token_urlsafe(8))
    return name
