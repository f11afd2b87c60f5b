"""What there is to look at while a picture grows: its paintings, and a detail of one beside a detail of the picture.

The two details have as many pixels, and the painting is at the size at which its strokes are taken.
"""

from html import escape

import streamlit as st

from nst.jobs import JobSnapshot
from nst.pictures.codec import Pixels, read_picture, resize
from nst.ui import resources
from nst.ui.language import text
from nst.ui.pictures.choice import Choice, Upload, page_jpeg
from nst.ui.widgets.component import data_url

#: Part of the picture's shorter side that its detail shows.
_PART = 1 / 3


@st.cache_data(show_spinner=False, max_entries=32)
def _preview(job_id: str, index: int, _pixels: Pixels) -> bytes:
    """Return a painting of a job for the page, made once."""
    return page_jpeg(_pixels)


def paintings_of(job: JobSnapshot) -> list[Choice]:
    """Return a job's paintings: those of the gallery with their records."""
    presets = {preset.sha256: preset for preset in resources.gallery().paintings}
    found = []
    for index, (source, pixels) in enumerate(zip(job.spec.recipe.styles, job.spec.styles, strict=True)):
        preset = presets.get(source.sha256)
        shape = (pixels.shape[0], pixels.shape[1])
        upload = preset or Upload(source.name, b"", (), _preview(job.id, index, pixels), shape)
        found.append(Choice(upload))
    return found


def detail_pair(job: JobSnapshot, preview: bytes) -> str:
    """Return a detail of the first painting and one of the picture so far, as HTML.

    Args:
        job: The job.
        preview: The picture so far, a JPEG.
    """
    picture = read_picture(preview).pixels
    side = max(1, round(_PART * min(picture.shape[:2])))
    scale = job.spec.recipe.config.style_scale
    painting = _painting_detail(job.id, round(scale * max(picture.shape)), side, job.spec.styles[0])
    part = _middle(picture, side)
    pairs = ((painting, text("A detail of the painting")), (part, text("As large a part of the picture")))
    figures = (
        f'<figure><img src="{data_url(page_jpeg(pixels))}" alt="{escape(what)}">{escape(what)}</figure>'
        for pixels, what in pairs
    )
    return f'<div class="nst-detail">{"".join(figures)}</div>'


@st.cache_data(show_spinner=False, max_entries=16)
def _painting_detail(job_id: str, long_side: int, side: int, _painting: Pixels) -> Pixels:
    """Return the middle of a painting at a long side, made once for each size of the picture."""
    return _middle(resize(_painting, min(long_side, max(_painting.shape))), side)


def _middle(pixels: Pixels, side: int) -> Pixels:
    """Return the square in the middle, with the given side or what the picture has of it."""
    height, width = pixels.shape[:2]
    side = min(side, height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]
