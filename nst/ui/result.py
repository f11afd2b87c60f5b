"""What a job has left: the picture with its downloads, or the sentence that says what went wrong."""

import re

import streamlit as st

from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.jobs import JobSnapshot, JobState
from nst.ui.follow import losses_line
from nst.ui.start import continue_button


def result_panel(job: JobSnapshot, config: StyleTransferConfig | StyleTransferError) -> None:
    """Draw a job that has ended."""
    if job.error is not None:
        st.error(job.error)
    elif job.state is JobState.CANCELLED and job.result_png is None:
        st.info("Cancelled before there was a picture.")
    if job.result_png is not None and job.result_jpeg is not None:
        _picture(job, job.result_png, job.result_jpeg, config)


def _picture(job: JobSnapshot, png: bytes, jpeg: bytes, config: StyleTransferConfig | StyleTransferError) -> None:
    recipe = job.spec.recipe
    title = f"{recipe.content.name} after {' and '.join(style.name for style in recipe.styles)}"
    st.image(png, width="stretch", output_format="PNG", alt=f"The result: {title}")
    st.caption(_summary(job))
    name = re.sub(r"[^\w-]+", "-", title).strip("-")
    with st.container(horizontal=True):
        st.download_button(
            "PNG",
            png,
            f"{name}.png",
            "image/png",
            key="download_png",
            icon=":material/download:",
            help="The exact picture, with its recipe inside.",
            on_click="ignore",
        )
        st.download_button(
            "JPEG",
            jpeg,
            f"{name}.jpg",
            "image/jpeg",
            key="download_jpeg",
            icon=":material/download:",
            help="A smaller file, without the recipe.",
            on_click="ignore",
        )
        continue_button(job, config)


def _summary(job: JobSnapshot) -> str:
    if job.progress is None:
        return ""
    progress = job.progress
    ended = {JobState.CANCELLED: "Cancelled", JobState.FAILED: "Stopped"}.get(job.state, "Finished")
    steps = "with all steps" if progress.step == progress.steps else f"after {progress.step} of {progress.steps} steps"
    parts = [f"{ended} {steps} in {progress.seconds:.0f} s", losses_line(job), *job.notes]
    return " · ".join(part for part in parts if part)
