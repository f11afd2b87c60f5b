"""What a job has left: the picture with its downloads, or the sentence that says what went wrong."""

import numpy as np
import streamlit as st

from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.jobs import JobProgress, JobSnapshot, JobState
from nst.pictures.codec import Pixels, encode_jpeg, read_picture, read_shape, resize
from nst.pictures.paper import MM_PER_INCH
from nst.plan.scales import cropped
from nst.recipes.blank import is_without_photo
from nst.ui import resources
from nst.ui.job.pace import duration
from nst.ui.job.start import continue_button, finer_button
from nst.ui.language import deferred, number, said, text
from nst.ui.pictures.choice import PREVIEW_SIDE, page_jpeg
from nst.ui.pictures.titles import title
from nst.ui.recipes.reopen import link_button, link_note, use_settings
from nst.ui.result.archive import file_stem, recipe_text
from nst.ui.result.downloads import downloads, film_downloads
from nst.ui.result.history import forget, history_panel, kept
from nst.ui.widgets.compare import Side, View, compare
from nst.ui.widgets.component import data_url
from nst.ui.widgets.curve import curve
from nst.ui.widgets.markdown import literal
from nst.ui.widgets.terms import name_of

_PATTERN_SIDE = 320
_PHOTO = "photo"
#: Dots per inch at which no eye sees the dots.
_FINE_DPI = 300
_LAYOUTS: dict[View, str] = {
    "slider": deferred("Slider"),
    "beside": deferred("Side by side"),
    "fade": deferred("Fade"),
    "difference": deferred("Difference"),
}


def result_panel(
    job: JobSnapshot, config: StyleTransferConfig | StyleTransferError, dpi: float | None = None, bits: int = 8
) -> None:
    """Draw a job that has ended.

    Args:
        job: The job.
        config: The settings as they are now, for a picture that is painted on from this one.
        dpi: Its dots per inch, if it is to be printed.
        bits: Of a channel of its PNG.
    """
    if job.error is not None:
        st.error(literal(said(job.error)))
    elif job.state is JobState.CANCELLED and job.result_png is None:
        st.info(text("Cancelled before there was a picture."))
    if job.result_png is not None and job.result_jpeg is not None:
        if job.spec.film is not None:
            _film(job, job.result_jpeg)
        elif is_without_photo(job.spec.recipe):
            _alone(job, job.result_jpeg)
        else:
            _comparison(job, job.result_jpeg)
        _ways_on(job, job.result_png, job.result_jpeg, config, dpi, bits)
        _background(job, job.result_png)
    history_panel(job.id)


def _comparison(job: JobSnapshot, jpeg: bytes) -> None:
    """Draw the result against the photo or another result."""
    other = _PHOTO
    entries = {job_id: entry for job_id, entry in kept().items() if job_id != job.id}
    canvas = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_bar"):
        if entries:
            labels = {_PHOTO: text("The photo")} | {job_id: entry.label for job_id, entry in entries.items()}
            if st.session_state.get("against") not in labels:
                st.session_state.against = _PHOTO
            other = st.selectbox(text("Compare with"), list(labels), format_func=labels.__getitem__, key="against")
        layout = st.segmented_control(
            text("View"), list(_LAYOUTS), default="slider", required=True, key="view", label_visibility="collapsed",
            format_func=lambda view: text(_LAYOUTS[view]),
        )  # fmt: skip
    snapshot = None if other == _PHOTO else resources.runner().poll(other)
    if snapshot is not None and snapshot.result_jpeg is not None:
        alt = text("Another result: {title}", title=title(snapshot.spec.recipe))
        before = Side(entries[other].label, alt, snapshot.result_jpeg)
    else:
        before = Side(text("Photo"), text("The photo"), photo_jpeg(job.id, _photo(job)))
    name = title(job.spec.recipe)
    with canvas:
        compare(
            before, Side(text("Result"), text("The result: {title}", title=name), jpeg),
            title=name, byline=_summary(job), layout=layout, start=10, share=f"{file_stem(name)}.jpg", key="result",
        )  # fmt: skip


def _film(job: JobSnapshot, jpeg: bytes) -> None:
    """Draw a film; if none could be written, its first frame."""
    name = title(job.spec.recipe)
    if job.result_film is not None:
        st.video(job.result_film, format="video/mp4", loop=True)
    else:
        st.image(data_url(jpeg), width="stretch", alt=text("The first frame: {title}", title=name))
    st.markdown(f"**{literal(name)}**  \n:small[{literal(_summary(job))}]")


def _alone(job: JobSnapshot, jpeg: bytes) -> None:
    """Draw a result that has no photo to be compared with; one that wraps around also as a pattern."""
    shown, name = jpeg, title(job.spec.recipe)
    with st.container(key="alone"):
        place = st.container()
        if job.spec.recipe.config.tileable and st.toggle(text("Show it as a pattern"), key="pattern"):
            shown = _pattern(job.id, jpeg)
        place.image(data_url(shown), width="stretch", alt=text("The result: {title}", title=name))
        st.markdown(f"**{literal(name)}**  \n:small[{literal(_summary(job))}]")


@st.cache_data(show_spinner=False, max_entries=8)
def _pattern(job_id: str, _jpeg: bytes) -> bytes:
    """Return a result nine times, three by three, made once."""
    pixels = read_picture(_jpeg).pixels
    return encode_jpeg(np.tile(resize(pixels, min(_PATTERN_SIDE, max(pixels.shape))), (3, 3, 1)), 85)


def _photo(job: JobSnapshot) -> Pixels:
    """Return the part of the photo that was painted."""
    return cropped(job.spec.content, job.spec.recipe.config.crop)


@st.cache_data(show_spinner=False, max_entries=24)
def photo_jpeg(job_id: str, _pixels: Pixels) -> bytes:
    """Return a job's photo for the page, made once."""
    return page_jpeg(_pixels, 2 * PREVIEW_SIDE)


def _ways_on(
    job: JobSnapshot,
    png: bytes,
    jpeg: bytes,
    config: StyleTransferConfig | StyleTransferError,
    dpi: float | None,
    bits: int,
) -> None:
    """Draw the downloads, the link, and what to do with the picture next."""
    recipe, is_picture = job.spec.recipe, job.spec.film is None
    # What was painted without a photo has no settings that would suit one.
    has_settings = is_picture and not is_without_photo(recipe)
    with st.container(horizontal=True, key="ways_on"):
        if is_picture and _is_finished(job):
            finer_button(job)
        if is_picture:
            downloads(job, png, jpeg, _photo(job))
        else:
            film_downloads(job, png)
        if has_settings:
            link_button(recipe)
        if is_picture:
            continue_button(job, config, dpi, bits)
        if has_settings:
            st.button(
                text("Use its settings"), icon=":material/tune:", key="use_settings", on_click=use_settings,
                args=(recipe,), help=text("Set every control as this picture was made."),
            )  # fmt: skip
        if job.own:
            st.button(
                text("Remove"), icon=":material/delete:", key="remove", on_click=forget, args=(job.id,),
                help=text("Delete this picture here, for everybody who has its address."),
            )  # fmt: skip
    if has_settings:
        link_note(recipe)


def _background(job: JobSnapshot, png: bytes) -> None:
    """Draw how the picture came about: the engine's notes, J's curve, and the recipe inside its PNG."""
    for note in job.notes:
        st.caption(literal(said(note)))
    if job.spec.film is None:
        with st.expander(text("How J fell"), icon=":material/show_chart:"):
            st.caption(_losses(job))
            curve(job, key="final_curve")
    with st.expander(text("Recipe"), icon=":material/receipt_long:"):
        st.caption(text("Everything it takes to paint it again, as it stands inside the PNG."))
        st.code(recipe_text(png), language="json", wrap_lines=True)


def _summary(job: JobSnapshot) -> str:
    if job.progress is None:
        return ""
    ended = _ended(job, job.progress)
    if job.spec.film is not None or job.result_jpeg is None:
        return ended
    return f"{_size(*read_shape(job.result_jpeg))} · {ended}"


_WHOLE = {
    JobState.DONE: deferred("Finished in {time}"),
    JobState.CANCELLED: deferred("Cancelled in {time}"),
    JobState.FAILED: deferred("Stopped in {time}"),
}
_EARLY = {
    JobState.DONE: deferred("Finished after {time}, before its end"),
    JobState.CANCELLED: deferred("Cancelled after {time}, before its end"),
    JobState.FAILED: deferred("Stopped after {time}, before its end"),
}
_WHOLE_FILM = {
    JobState.DONE: deferred("Finished with all frames in {time}"),
    JobState.CANCELLED: deferred("Cancelled with all frames in {time}"),
    JobState.FAILED: deferred("Stopped with all frames in {time}"),
}
_PART_OF_FILM = {
    JobState.DONE: deferred("Finished after {done} of {frames} frames in {time}"),
    JobState.CANCELLED: deferred("Cancelled after {done} of {frames} frames in {time}"),
    JobState.FAILED: deferred("Stopped after {done} of {frames} frames in {time}"),
}


def _ended(job: JobSnapshot, progress: JobProgress) -> str:
    whole, early = (_WHOLE, _EARLY) if job.spec.film is None else (_WHOLE_FILM, _PART_OF_FILM)
    sentence = (whole if _is_finished(job) else early)[job.state]
    return text(sentence, time=duration(progress.seconds), done=progress.step, frames=progress.steps)


def _size(height: int, width: int) -> str:
    """Return a picture's size in pixels and on good paper."""
    across, down = (number(side / _FINE_DPI * MM_PER_INCH / 10, ".1f") for side in (width, height))
    return text(
        "{width} × {height} px, {across} × {down} cm at {dpi} dpi",
        width=width, height=height, across=across, down=down, dpi=_FINE_DPI,
    )  # fmt: skip


def _is_finished(job: JobSnapshot) -> bool:
    """Tell whether a picture has had all of its steps, or a film all of its frames."""
    return job.progress is not None and job.progress.step == job.progress.steps


def _losses(job: JobSnapshot) -> str:
    """Return the steps, and J with its weighted parts, which add up to it."""
    if job.progress is None:
        return ""
    steps = text("{done} of {steps} steps.", done=job.progress.step, steps=job.progress.steps)
    terms = " + ".join(f"{name_of(name)} {number(value, '.3g')}" for name, value in job.progress.weighted().items())
    return f"{steps} J = {number(job.progress.total, '.4g')}{': ' * bool(terms)}{terms}"
