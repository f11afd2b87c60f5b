"""Turning what is chosen on the page into a job; the job's id lives in the page's address.

With the id in the address a reload, or a lost connection, finds its job again.
"""

import dataclasses
import secrets
from html import escape

import streamlit as st

from nst import __version__
from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.images import read_picture
from nst.jobs import JobSnapshot, JobSpec
from nst.recipe import Recipe, Source
from nst.regions import Region
from nst.ui import resources
from nst.ui.choice import Choice
from nst.ui.component import data_url
from nst.ui.estimate import estimate_line

_PARAMETER = "job"


def followed_job() -> JobSnapshot | None:
    """Return the job that this page follows, and say so if the address names one that is gone."""
    job_id = st.query_params.get(_PARAMETER)
    if job_id is None:
        return None
    snapshot = resources.runner().poll(job_id)
    if snapshot is None:
        del st.query_params[_PARAMETER]
        st.info("The picture of this address is no longer kept; press Stylise to paint it again.")
    return snapshot


def follow(job_id: str) -> None:
    """Make this the job that the page shows."""
    st.query_params[_PARAMETER] = job_id


def start_bar(
    photo: Choice,
    paintings: tuple[Choice, ...],
    config: StyleTransferConfig | StyleTransferError,
    regions: tuple[Region, ...],
    busy: bool,
) -> None:
    """Draw what is about to be painted and the button that starts it; what stands in its way is said below it."""
    with st.container(horizontal=True, vertical_alignment="center", key="busy_bar" if busy else "start_bar"):
        line = _work(photo, paintings, config)
        wrong = isinstance(line, StyleTransferError)
        st.html(_pair(photo, paintings, "" if isinstance(line, StyleTransferError) else line))
        pressed = st.button("Stylise", type="primary", icon=":material/brush:", key="stylise", disabled=busy or wrong)
    if wrong:
        st.error(str(line))
    elif pressed and isinstance(config, StyleTransferConfig):
        try:
            _submit(_spec(photo, paintings, config, regions))
        except StyleTransferError as error:
            st.error(str(error))


def _work(
    photo: Choice, paintings: tuple[Choice, ...], config: StyleTransferConfig | StyleTransferError
) -> str | StyleTransferError:
    """Return in a line what is about to be painted, or what stands in its way."""
    if isinstance(config, StyleTransferError):
        return config
    try:
        return estimate_line(photo, paintings, config)
    except StyleTransferError as error:
        return error


def _pair(photo: Choice, paintings: tuple[Choice, ...], line: str) -> str:
    """Return the chosen pictures in small, their titles, and a line below."""
    pictures = "".join(f'<img src="{data_url(each.thumbnail())}" alt="">' for each in (photo, *paintings))
    titles = " + ".join(escape(each.title) for each in (photo, *paintings))
    return f'<div class="nst-pair">{pictures}<p><b>{titles}</b><small>{escape(line)}</small></p></div>'


def continue_button(job: JobSnapshot, config: StyleTransferConfig | StyleTransferError) -> None:
    """Draw the button that paints on from a finished job's picture, with the settings as they are now."""
    help_text = "Paint on from this picture, with the settings as they are now."
    disabled = isinstance(config, StyleTransferError)
    pressed = st.button("Continue", icon=":material/resume:", key="continue", help=help_text, disabled=disabled)
    if pressed and job.result_png is not None and isinstance(config, StyleTransferConfig):
        try:
            _submit(_continued(job.spec, job.result_png, config))
        except StyleTransferError as error:
            st.error(str(error))


def _spec(
    photo: Choice, paintings: tuple[Choice, ...], config: StyleTransferConfig, regions: tuple[Region, ...]
) -> JobSpec:
    sources = tuple(painting.source() for painting in paintings)
    recipe = Recipe(photo.source(), sources, config, __version__, regions=regions)
    return JobSpec(photo.read().pixels, tuple(painting.read().pixels for painting in paintings), recipe)


def _continued(spec: JobSpec, result_png: bytes, config: StyleTransferConfig) -> JobSpec:
    """Return a job with the photo and paintings of `spec`, whatever is chosen on the page by now."""
    shares = spec.recipe.config.style_blend_weights
    recipe = dataclasses.replace(
        spec.recipe,
        config=config.with_changes(init="picture", style_blend_weights=shares),
        initial=Source.of("result.png", result_png),
    )
    return dataclasses.replace(spec, recipe=recipe, initial=read_picture(result_png).pixels)


def _submit(spec: JobSpec) -> None:
    st.session_state.notice = None
    # A visitor has one turn in the queue; the newest picture is the one that they want.
    visitor = st.session_state.setdefault("visitor", secrets.token_urlsafe(8))
    follow(resources.runner().submit(spec, visitor, replace=True))
    st.rerun()
