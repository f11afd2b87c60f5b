"""The job that the page shows; its id lives in the page's address.

With the id in the address a reload, or a lost connection, finds its job again.
"""

import streamlit as st

from nst.jobs import JobSnapshot
from nst.ui import resources
from nst.ui.job.elsewhere import elsewhere_panel, server_elsewhere
from nst.ui.language import text
from nst.ui.visitor import visitor

_PARAMETER = "job"


def followed_job() -> JobSnapshot | None:
    """Return the job that this page follows, and say so if the address names one that is gone."""
    job_id = st.query_params.get(_PARAMETER)
    if job_id is None:
        return None
    snapshot = resources.runner().poll(job_id, visitor())
    if snapshot is None and (server := server_elsewhere(job_id)) is not None:
        elsewhere_panel(server)
    elif snapshot is None:
        del st.query_params[_PARAMETER]
        st.info(text("The picture of this address is no longer kept; press Stylise to paint it again."))
    return snapshot


def follow(job_id: str) -> None:
    """Make this the job that the page shows."""
    st.query_params[_PARAMETER] = job_id


def unfollow() -> None:
    """Let the page show no job, as on a first visit."""
    st.query_params.pop(_PARAMETER, None)
