"""The running job: progress, live preview, J's curve and Cancel, polled by a fragment.

The fragment only asks for a snapshot; the worker does the work. A preview travels inside the page's own
websocket, as a data URL: Streamlit's media store would keep every frame until the next full run, or drop it
before a slow browser has fetched it. A frame that the browser has is sent by its checksum only.
"""

import streamlit as st

from nst.errors import HostingError
from nst.jobs import JobProgress, JobSnapshot, JobState
from nst.pictures.codec import encode_jpeg, resize
from nst.ui import resources
from nst.ui.job.beside import detail_pair, paintings_of
from nst.ui.job.pace import duration, seconds_between_looks
from nst.ui.job.presence import presence
from nst.ui.job.series import is_cell, own_series, place
from nst.ui.language import deferred, plural, said, text
from nst.ui.pictures.chosen import paintings_beside
from nst.ui.visitor import visitor
from nst.ui.widgets.component import data_url
from nst.ui.widgets.curve import curve
from nst.ui.widgets.markdown import literal

#: While other pictures are painted there is little to see, and a crowd that waits should not keep the server busy.
WAITING_SECONDS = 1.5
_WAITING_SIDE = 640

_STOP = deferred("Stop here and keep the picture as it is. Of a series, those that are to come are left out.")


def follow_panel(job: JobSnapshot) -> None:
    """Draw a queued or running job and keep it up to date until it ends; then the page runs again."""
    series = own_series()
    presence().watch(job.id, visitor(), resources.runner(), None if series is None else series.go_on)
    waiting = _in_line(job)
    tick = st.fragment(_tick, run_every=WAITING_SECONDS if waiting else seconds_between_looks(job))
    if is_cell(job.id):
        tick(job.id, waiting)
        return
    growing, beside = st.columns([3, 1], gap="small")
    with growing, st.container(key="following"):
        tick(job.id, waiting)
    beside.html(paintings_beside(paintings_of(job), told=True))


def _in_line(job: JobSnapshot) -> bool:
    return job.state is JobState.QUEUED and job.position > 0


def _tick(job_id: str, waiting: bool) -> None:
    try:
        job = resources.runner().poll(job_id, visitor())
    except HostingError as error:  # the next tick asks again
        st.warning(literal(said(str(error))))
        return
    if job is None or job.state.final or _in_line(job) != waiting:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="cancel_bar"):
        _progress(job)
        st.button(
            text("Stopping…") if job.cancelling else text("Cancel"),
            icon=":material/stop_circle:",
            key="cancel",
            help=text(_STOP) if job.own else text("Only who started the picture can stop it."),
            disabled=job.cancelling or not job.own,
            on_click=_cancel,
            args=(job_id,),
        )
    if is_cell(job_id):
        return
    with st.container(key="preview"):
        if job.preview_jpeg is not None:
            st.image(data_url(job.preview_jpeg), width="stretch", alt=text("The picture so far"))
            st.html(detail_pair(job, job.preview_jpeg))
        else:
            waiting_picture = data_url(_waiting_picture(job_id, job))
            st.image(waiting_picture, width="stretch", alt=text("The photo, waiting to be painted"))
    for note in job.notes:
        st.caption(literal(said(note)))
    if job.spec.film is None:
        curve(job, key="live_curve")
        if job.progress is not None:
            st.caption(_details(job.progress))


def _cancel(job_id: str) -> None:
    """Stop a job, and the series that it belongs to: the job may have ended just before."""
    series = own_series()
    if series is not None and job_id in series.job_ids:
        series.stop()
    resources.runner().cancel(job_id, visitor())


@st.cache_data(show_spinner=False, max_entries=16)
def _waiting_picture(job_id: str, _job: JobSnapshot) -> bytes:
    """Return the photo until there is a first preview; it is made once a job."""
    pixels = _job.spec.content
    return encode_jpeg(resize(pixels, min(_WAITING_SIDE, max(pixels.shape))), 75)


def _progress(job: JobSnapshot) -> None:
    done, state = 0.0, _waiting(job)
    if job.progress is not None:
        done = min(1.0, job.progress.step / max(1, job.progress.steps))
        state = _where(job.progress) if job.spec.film is None else _frame(job.progress)
    st.progress(done, text=" · ".join(part for part in (place(job.id), state) if part))


def _waiting(job: JobSnapshot) -> str:
    if job.loading:
        return text("The network is loading; your picture starts right after.")
    if not _in_line(job):
        return text("Starting…")
    if job.wait is None:
        return plural("Waiting: {count} picture before yours.", "Waiting: {count} pictures before yours.", job.position)
    return plural(
        "Waiting: {count} picture before yours, about {time}.",
        "Waiting: {count} pictures before yours, about {time}.",
        job.position,
        time=duration(job.wait),
    )


def _frame(progress: JobProgress) -> str:
    frame = min(progress.step + 1, progress.steps)
    return _with_rest(text("Frame {frame} of {frames}", frame=frame, frames=progress.steps), progress)


def _where(progress: JobProgress) -> str:
    return _with_rest(f"{100 * progress.step / max(1, progress.steps):.0f} %", progress)


def _with_rest(done: str, progress: JobProgress) -> str:
    """Return what is done, and the time that is left if it is known."""
    return done if progress.eta is None else f"{done} · {text('about {time} left', time=duration(progress.eta))}"


def _details(progress: JobProgress) -> str:
    return text(
        "Pass {scale} of {scales} ({width}×{height}) · step {step} of {steps}",
        scale=progress.scale,
        scales=progress.scales,
        width=progress.width,
        height=progress.height,
        step=progress.step,
        steps=progress.steps,
    )
