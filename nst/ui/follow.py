"""The running job: progress, live preview and Cancel, polled by a fragment.

The fragment only asks for a snapshot; the worker does the work. A preview travels inside the page's own
websocket, as a data URL: Streamlit's media store would keep every frame until the next full run, or drop it
before a slow browser has fetched it. A frame that the browser has is sent by its checksum only.
"""

import streamlit as st

from nst.jobs import JobProgress, JobSnapshot, JobState
from nst.ui import resources
from nst.ui.picker import data_url

POLL_SECONDS = 0.4


def follow_panel(job: JobSnapshot) -> None:
    """Draw a queued or running job and keep it up to date until it ends; then the page runs again."""
    st.fragment(_tick, run_every=POLL_SECONDS)(job.id)


def _tick(job_id: str) -> None:
    job = resources.runner().poll(job_id)
    if job is None or job.state.final:
        st.rerun()
    _progress(job)
    st.button(
        "Stopping after this step…" if job.cancelling else "Cancel",
        icon=":material/stop_circle:",
        key="cancel",
        help="Stop here and keep the picture as it is.",
        disabled=job.cancelling,
        on_click=resources.runner().cancel,
        args=(job_id,),
    )
    if job.preview_jpeg is not None:
        st.image(data_url(job.preview_jpeg), width="stretch", alt="The picture so far")


def _progress(job: JobSnapshot) -> None:
    if job.progress is None:
        st.progress(0.0, text=_waiting(job))
        return
    st.progress(min(1.0, job.progress.step / max(1, job.progress.steps)), text=_where(job.progress))
    st.caption(losses_line(job))
    for note in job.notes:
        st.caption(note)


def _waiting(job: JobSnapshot) -> str:
    if job.loading:
        return "The network is loading; your picture starts right after."
    if job.state is JobState.QUEUED and job.position > 0:
        return f"Waiting: {job.position} picture{'s' if job.position > 1 else ''} before yours."
    return "Starting…"


def _where(progress: JobProgress) -> str:
    parts = [
        f"Size {progress.scale} of {progress.scales} ({progress.width}×{progress.height})",
        f"step {progress.step} of {progress.steps}",
    ]
    if progress.eta is not None:
        parts.append(f"about {_duration(progress.eta)} left")
    return " · ".join(parts)


def losses_line(job: JobSnapshot) -> str:
    """Return J and its weighted parts, which add up to it."""
    if job.progress is None:
        return ""
    config, losses = job.spec.recipe.config, job.progress
    return (
        f"J = {losses.total:.4g}: content {config.content_weight * losses.content:.3g}"
        f" + style {config.style_weight * losses.style:.3g} + smoothness {config.tv_weight * losses.tv:.3g}"
    )


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 90 else f"{round(whole / 60)} min"
