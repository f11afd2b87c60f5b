"""Whose page this is: the secret with which a visitor cancels and removes their own jobs.

An address shows a picture to whoever has it, so the secret is not in it. It is in the session's state and, for the next
session of the same tab, in the browser's storage for this tab alone: after a reload, or when the server was started
anew, the jobs are still the visitor's own. Secrets cost nothing, so what visitors have to share is shared by networks.
"""

import hashlib
import secrets
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import streamlit as st

from nst.server.slots import Asker
from nst.ui.widgets.component import component

_STATE, _KEY = "visitor", "visitor_store"
#: A secret from the browser is no longer, or it is none of ours.
_LONGEST = 64

#: Of this process: with it the names of networks tell nothing about the addresses.
_SALT = secrets.token_bytes(16)

_store = component("visitor")


def visitor() -> str:
    """Return the secret of this page's visitor."""
    secret: str = st.session_state.setdefault(_STATE, secrets.token_urlsafe(16))
    return secret


def asker() -> Asker:
    """Return who asks for a place that visitors share."""
    return Asker(visitor(), network())


def network() -> str:
    """Return a name of where this page's visitor comes from; empty on the server's own computer.

    It stands for an IPv4 address, or for the 64 leading bits of an IPv6 address, of which one household has as many as
    it likes. Uvicorn takes the address from X-Forwarded-For if a proxy that it trusts has sent it.
    """
    try:
        address = ip_address(st.context.ip_address or "")
    except ValueError:  # none, or a name that a test gives itself
        return ""
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or ip_network((address, 64), strict=False).network_address
    return hashlib.blake2b(address.packed, key=_SALT, digest_size=8).hexdigest()


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
