"""The ways to save a result: the exact picture, smaller ones, what is for a printer, and how it came about."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec

import numpy as np
import streamlit as st

from nst.jobs import JobSnapshot
from nst.pictures.codec import Pixels, encode_jpeg, read_picture, read_recipe_text, resize
from nst.pictures.prints import FileFormat, encoded
from nst.pictures.timelapse import animation, before_and_after, gif
from nst.recipes.blank import is_without_photo
from nst.ui import resources
from nst.ui.language import deferred, text
from nst.ui.pictures.titles import title
from nst.ui.result.archive import file_stem
from nst.ui.visitor import network
from nst.video.timelapse import mp4

_TIMELAPSE_SIDE = 512
_TIMELAPSES = {
    "WebP": deferred("Small, and as it looks here; for browsers."),
    "GIF": deferred("Larger, with 256 colours; plays nearly everywhere."),
    "MP4": deferred("A film, for phones and messages."),
}


def downloads(job: JobSnapshot, png: bytes, jpeg: bytes, photo: Pixels) -> None:
    """Draw the ways to save a picture.

    Args:
        job: The job.
        png: Its picture, with the recipe inside.
        jpeg: The same, smaller.
        photo: The part of the photo that was painted.
    """
    file = file_stem(title(job.spec.recipe))
    deep = f" {text('16 bits a channel.')}" if job.spec.bits == 16 else ""
    exact = text("The exact picture, with its recipe inside.")
    _download("png", "PNG", png, f"{file}.png", "image/png", f"{exact}{deep}")
    _download("jpeg", "JPEG", jpeg, f"{file}.jpg", "image/jpeg", text("A smaller file, without the recipe."))
    if job.spec.dpi is not None:
        made = partial(_tiff, png, job.spec.dpi)
        printed = text("For the printer; it has the dots per inch too.")
        _download("tiff", "TIFF", made, f"{file}.tif", "image/tiff", f"{printed}{deep}")
    if len(resources.runner().frames(job.id)) > 1:
        _timelapse_downloads(job, jpeg, photo, file)
    if not is_without_photo(job.spec.recipe):
        made = partial(_before_and_after, photo, jpeg)
        both, name = text("Photo and picture in one."), f"{file}-before-after.jpg"
        _download("before_and_after", text("Before and after"), made, name, "image/jpeg", both)


def _timelapse_downloads(job: JobSnapshot, jpeg: bytes, photo: Pixels, file: str) -> None:
    """Draw the ways to save how a picture came about; a film needs PyAV here."""
    frames = partial(_timelapse, job.id, photo, jpeg)
    with st.popover(text("Time-lapse"), icon=":material/animation:", key="timelapse"):
        st.caption(text("How it came about, from the photo to the picture."))
        kinds = {"WebP": animation, "GIF": gif} | ({"MP4": mp4} if find_spec("av") else {})
        for kind, made in kinds.items():
            mime = f"{'video' if kind == 'MP4' else 'image'}/{kind.lower()}"
            data = partial(_animated, made, frames)
            _download(kind.lower(), kind, data, f"{file}.{kind.lower()}", mime, text(_TIMELAPSES[kind]))


def film_downloads(job: JobSnapshot, png: bytes) -> None:
    """Draw the ways to save a film and its first frame, a PNG."""
    file = file_stem(title(job.spec.recipe))
    if job.result_film is not None:
        whole = text("The film, an MP4, with its sound.")
        _download("film", text("Film"), job.result_film, f"{file}.mp4", "video/mp4", whole)
    first = text("As a PNG, with its recipe inside.")
    _download("first_frame", text("First frame"), png, f"{file}.png", "image/png", first)


def _download(key: str, label: str, data: bytes | Callable[[], bytes], file: str, mime: str, help_text: str) -> None:
    made = data if isinstance(data, bytes) else when_asked(data)
    st.download_button(
        label, made, file, mime, key=f"download_{key}", icon=":material/download:", help=help_text, on_click="ignore",
        type="primary" if key in ("png", "film") else "secondary",
    )  # fmt: skip


def when_asked(file: Callable[[], bytes]) -> Callable[[], bytes]:
    """Return what makes a file for this page's visitor when the browser asks for it, see `nst.server.maker`."""
    return partial(resources.maker().make, network(), file)


def _tiff(png: bytes, dpi: float) -> bytes:
    """Return a PNG as a TIFF with as many bits a channel; made when it is asked for."""
    levels = read_picture(png, deep=True).finest
    bits = 8 if levels.dtype == np.uint8 else 16
    return encoded(levels, FileFormat(".tif", bits, dpi), read_recipe_text(png))


def _timelapse(job_id: str, photo: Pixels, jpeg: bytes) -> list[Pixels]:
    """Return the pictures from the photo over the kept previews to the result."""
    result = read_picture(jpeg).pixels
    last = resize(result, min(_TIMELAPSE_SIDE, max(result.shape)))
    frames = [read_picture(frame).pixels for frame in resources.runner().frames(job_id)]
    return [photo, *frames, last]


def _animated(made: Callable[[Sequence[Pixels]], bytes], frames: Callable[[], Sequence[Pixels]]) -> bytes:
    """Return an animation; it is made when it is asked for."""
    return made(frames())


def _before_and_after(photo: Pixels, jpeg: bytes) -> bytes:
    """Return the photo and the picture beside each other, a JPEG; made when it is asked for."""
    return encode_jpeg(before_and_after(photo, read_picture(jpeg).pixels))
