"""A short film: every frame painted, each from the one before it, so that the strokes do not flicker."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nst import __version__
from nst.config import FilmConfig, StyleTransferConfig
from nst.errors import FilmError, StyleTransferError
from nst.jobs import JobSpec
from nst.jobs.records import FilmClip
from nst.pictures.codec import Pixels, printable_name, resize_to
from nst.recipes.recipe import Recipe, Source
from nst.ui import guards, resources
from nst.ui.job.pace import about, machine, paced
from nst.ui.job.start import Chosen, submit
from nst.ui.language import number, plural, said, text
from nst.ui.more.several import LEFT_OUT
from nst.ui.widgets.errors import errors_shown
from nst.ui.widgets.markdown import literal
from nst.video.estimate import plan_film
from nst.video.film import Probe
from nst.video.library import pyav
from nst.video.survey import Survey

TYPES = ["mp4", "mov", "mkv", "webm", "avi", "gif", "m4v"]
#: Frames a second that are offered.
FPS = (6, 12, 24)

_KEY, _FILE, _ERROR = "film_clip", "film_file", "film_error"


@dataclass(frozen=True, eq=False)
class Clip:
    """A visitor's film that was read without trouble: its file, its name, its first frame and its length."""

    data: bytes
    name: str
    first: Pixels
    seconds: float


def film_panel(chosen: Chosen, config: StyleTransferConfig, busy: bool) -> None:
    """Draw the uploader, what the film will take, and the button that starts it."""
    try:
        pyav()
    except FilmError as error:
        st.info(literal(said(str(error))))
        return
    most = resources.limits().film_seconds
    st.caption(
        text(
            "A clip of up to {seconds} seconds in the manner of the painting; what is longer is cut there.",
            seconds=number(most),
        )
    )
    st.file_uploader(text("Your film"), type=TYPES, key=_FILE, on_change=_take, label_visibility="collapsed")
    if sentence := st.session_state.get(_ERROR):
        st.error(literal(said(sentence)))
    clip: Clip | None = st.session_state.get(_KEY)
    if clip is None:
        return
    fps = st.segmented_control(text("Frames a second"), FPS, default=12, required=True, key="film_fps")
    film = film_config(config, min(clip.seconds, most), int(fps or FPS[0]))
    try:
        line = _line(clip, chosen, film)
    except StyleTransferError as error:
        st.error(literal(said(str(error))))
        return
    st.caption(literal(line))
    with st.container(horizontal=True, key="film_ways"):
        whole = st.button(
            text("Paint the film"), type="primary", icon=":material/movie:", key="film_start", disabled=busy
        )
        first = st.button(
            text("First frame only"), icon=":material/image:", key="film_first", disabled=busy,
            help=text("A picture as the film would begin with it. The time for the film is known better afterwards."),
        )  # fmt: skip
    if whole or first:
        with errors_shown():
            submit(_spec(clip, chosen, film) if whole else first_frame(clip, chosen, film))


def film_config(config: StyleTransferConfig, seconds: float, fps: int) -> FilmConfig:
    """Return the page's settings for a film; how firmly its frames are held together is a film's own default."""
    settings = {name: value for name, value in config.to_dict().items() if name != "temporal_weight"}
    return FilmConfig.from_dict({**settings, "seconds": seconds, "fps": fps, "crop": 0.0, "tileable": False})


def _line(clip: Clip, chosen: Chosen, film: FilmConfig) -> str:
    """Return what is about to be painted, with the time and the memory for it.

    Raises:
        StyleTransferError: if it is more than a job may have here, or does not fit into the memory.
    """
    height, width, _ = clip.first.shape
    styles = tuple(painting.shape for painting in chosen.paintings)
    resources.limits().check(film.first_frame(), (height, width), styles)
    resources.limits().check_film(film, (height, width), styles)
    survey = Survey.expected((height, width), film)
    plan = plan_film(survey, styles, film, resources.hosting().run, machine())
    seconds = paced(plan.seconds, plan.work)
    size = f"{survey.shape[1]} × {survey.shape[0]} px"
    parts = [plural("{count} frame of {size}", "{count} frames of {size}", survey.frames, size=size)]
    parts += [] if seconds is None else [about(seconds)]
    parts += [] if plan.seconds is None else [f"{number(plan.memory / 1e9, '.1f')} GB"]
    line = f"{clip.name}: {', '.join(parts)}."
    return f"{line} {text(LEFT_OUT)}" if chosen.regions or any(chosen.style_guides) else line


def _spec(clip: Clip, chosen: Chosen, film: FilmConfig) -> JobSpec:
    sources = tuple(painting.source() for painting in chosen.paintings)
    recipe = Recipe(Source.of(clip.name, clip.data), sources, film.first_frame(), __version__)
    styles = tuple(painting.read() for painting in chosen.paintings)
    return JobSpec(clip.first, styles, recipe, film=FilmClip(clip.data, clip.name, film))


def first_frame(clip: Clip, chosen: Chosen, film: FilmConfig) -> JobSpec:
    """Return the picture that a film begins with: its first frame, painted as `nst.video.transfer` does it."""
    shape = Survey.expected((clip.first.shape[0], clip.first.shape[1]), film).shape
    config = film.with_changes(size=max(64, *shape)).first_frame()
    sources = tuple(painting.source() for painting in chosen.paintings)
    recipe = Recipe(Source.of(f"{clip.name} frame 1", clip.data), sources, config, __version__)
    styles = tuple(painting.read() for painting in chosen.paintings)
    return JobSpec(resize_to(clip.first, *shape), styles, recipe)


def _take() -> None:
    """Read the beginning of the film that has just arrived, or forget the one that was taken away."""
    state = st.session_state
    file = state[_FILE]
    state[_ERROR] = None
    if not isinstance(file, UploadedFile):
        state[_KEY] = None
        return
    name, data = printable_name(file.name), file.getvalue()
    try:
        state[_KEY] = _read(data, name)
    except StyleTransferError as error:
        state[_KEY], state[_ERROR] = None, str(error)
        guards.forget(file)


def _read(data: bytes, name: str) -> Clip:
    most = resources.limits().film_seconds
    if not most:
        raise FilmError("film: expected a picture on this server, got a film; paint it on your own computer.")
    with NamedTemporaryFile(prefix="nst-film-") as file:
        file.write(data)
        file.flush()
        try:
            found = Probe.of(Path(file.name))
        except FilmError as error:
            raise FilmError(str(error).replace(Path(file.name).name, name)) from error
    return Clip(data, name, found.first, found.seconds or most)
