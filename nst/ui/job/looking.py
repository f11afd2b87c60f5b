"""Whether the page shows the job that it follows, or the pictures that have been chosen since."""

from collections.abc import Sequence

import streamlit as st

from nst.jobs import JobSnapshot
from nst.ui.job.followed import unfollow
from nst.ui.job.series import is_cell
from nst.ui.pictures.choice import Choice

_CHOSEN = "chosen_before"


def still_shown(job: JobSnapshot | None, chosen: Sequence[Choice]) -> JobSnapshot | None:
    """Return the job, or None as soon as other pictures were chosen than before: then they are what is to be seen.

    What stays is a job that is under way, one that was made of just these pictures, and a table: nothing else leads
    back to that.

    Args:
        job: The one that the page follows.
        chosen: The photo and the paintings.
    """
    origins = tuple(each.origin for each in chosen)
    before = st.session_state.get(_CHOSEN, origins)
    st.session_state[_CHOSEN] = origins
    if job is None or not job.state.final or before == origins or is_cell(job.id) or _is_of(job, chosen):
        return job
    unfollow()
    return None


def _is_of(job: JobSnapshot, chosen: Sequence[Choice]) -> bool:
    recipe = job.spec.recipe
    made_of = [source.sha256 for source in (recipe.content, *recipe.styles)]
    return made_of == [each.source().sha256 for each in chosen]
