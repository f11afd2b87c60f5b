"""A job of another server: its visitors came here because that one is down, and go back as soon as it is up."""

import streamlit as st

from nst.ui import resources
from nst.ui.language import text
from nst.ui.widgets.component import component

_come_back = component("come_back")


def server_elsewhere(job_id: str) -> str | None:
    """Return the name of the server that a job's id names, or None if it is this one or none."""
    server, dot, _ = job_id.partition(".")
    return server if dot and server and server != resources.hosting().server_name else None


def elsewhere_panel(server: str) -> None:
    """Say where the picture is; the browser asks for its server and loads the page anew when that one answers."""
    st.info(
        text(
            "The server that has this picture is starting anew. This page comes back to it by itself, "
            "mostly within a minute; you can paint another one meanwhile."
        )
    )
    _come_back(key="come_back", data={"server": server})
