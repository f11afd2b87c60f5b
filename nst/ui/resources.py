"""What all visitors share: the gallery and the worker with its one model."""

from functools import cache

import streamlit as st

from nst import jobs
from nst.errors import PresetError
from nst.jobs.limits import Limits
from nst.pictures.codec import encode_jpeg
from nst.pictures.gallery import Gallery, Preset, load_gallery
from nst.server.decoder import Decoder
from nst.server.maker import Maker
from nst.server.settings import ServerSettings, load_settings, make_runner
from nst.server.slots import Slots
from nst.ui import guards
from nst.ui.warmup import load_network

THUMBNAIL_SIDE = 200


@st.cache_resource(show_spinner=False)
def gallery() -> Gallery:
    """Return the bundled paintings and photos, at least one of each."""
    found = load_gallery()
    if not found.paintings or not found.photos:
        raise PresetError("presets: expected at least one painting and one photo, got none; restore the folder.")
    return found


@st.cache_resource(show_spinner=False)
def guarded() -> None:
    """Install `nst.ui.guards` once in this process."""
    guards.install()


@st.cache_resource(show_spinner=False)
def hosting() -> ServerSettings:
    """Return how this server is run, as it was configured when the first visitor came."""
    return load_settings()


@st.cache_resource(show_spinner=False)
def runner() -> jobs.Runner:
    """Return the one queue; asking for it the first time starts to load the network in the background."""
    return make_runner(hosting(), load_network)


def limits() -> Limits:
    """Return what visitors may have; unlike the runner's, without starting to load the network."""
    return hosting().limits


@st.cache_resource(show_spinner=False)
def finders() -> Slots:
    """Return the place in which the subject of a photo is looked for: each time takes a core for most of a second."""
    return Slots(1)


@st.cache_resource(show_spinner=False)
def maker() -> Maker:
    """Return what makes files when visitors ask for them."""
    return Maker(seconds=guards.FETCH_SECONDS)


@st.cache_resource(show_spinner=False)
def decoder() -> Decoder:
    """Return what reads the files of visitors."""
    return Decoder(limits().decode_seconds, limits().decode_megabytes)


# Python's own cache: Streamlit's takes 0.1 ms to find what it has, and a run of the page asks for the whole gallery.
@cache
def thumbnail(preset: Preset, side: int = THUMBNAIL_SIDE) -> bytes:
    """Return a preset's picture as a small JPEG."""
    return encode_jpeg(preset.thumbnail(side), quality=74)


@cache
def shape(preset: Preset) -> tuple[int, int]:
    """Return the height and width of a preset's picture in pixels."""
    height, width, _ = preset.read().pixels.shape
    return height, width
