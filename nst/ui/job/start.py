"""Turning what is chosen on the page into a job."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from nst import __version__
from nst.config import WITHOUT_PHOTO, StyleTransferConfig
from nst.errors import StyleTransferError
from nst.jobs import JobSnapshot, JobSpec
from nst.jobs.forecast import shapes_of
from nst.jobs.inputs import reduced_shapes
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region
from nst.pictures.codec import Pixels, read_picture, read_recipe_text
from nst.recipes.blank import is_without_photo
from nst.recipes.painting import going_on
from nst.recipes.recipe import Recipe, Source
from nst.ui import resources
from nst.ui.job.followed import follow
from nst.ui.job.pace import estimate_line, estimate_of
from nst.ui.job.series import leave_series
from nst.ui.language import said, text
from nst.ui.pictures.choice import Choice
from nst.ui.pictures.sketches import begun
from nst.ui.visitor import network, visitor
from nst.ui.widgets.component import data_url
from nst.ui.widgets.errors import errors_shown
from nst.ui.widgets.markdown import literal

#: (height, width) at which regions are arranged to see whether they can be.
_SMALL = (256, 256)


@dataclass(frozen=True)
class Chosen:
    """What is chosen beside the settings: pictures, what of them is used where, a print's dots per inch and bits."""

    photo: Choice
    paintings: tuple[Choice, ...]
    regions: tuple[Region, ...]
    style_guides: tuple[PackedMask | None, ...]
    subject_mask: PackedMask | None = None
    dpi: float | None = None
    bits: int = 8


def start_bar(chosen: Chosen, config: StyleTransferConfig | StyleTransferError, busy: bool) -> None:
    """Draw what is about to be painted and the button that starts it; what stands in its way is said below it."""
    with st.container(horizontal=True, vertical_alignment="center", key="busy_bar" if busy else "start_bar"):
        line = _work(chosen, config)
        wrong = isinstance(line, StyleTransferError)
        st.html(_pair(chosen, "" if isinstance(line, StyleTransferError) else line))
        pressed = st.button(
            text("Stylise"), type="primary", icon=":material/brush:", key="stylise", disabled=busy or wrong
        )
    if wrong:
        st.error(literal(said(str(line))))
    elif pressed and isinstance(config, StyleTransferConfig):
        with errors_shown():
            submit(begun(spec_of(chosen, config)))


def _work(chosen: Chosen, config: StyleTransferConfig | StyleTransferError) -> str | StyleTransferError:
    """Return in a line what is about to be painted, or what stands in its way."""
    if isinstance(config, StyleTransferError):
        return config
    try:
        # As good as any size for what can be wrong with regions.
        Layout.of(chosen.regions, chosen.style_guides, _SMALL, len(chosen.paintings), chosen.photo.shape)
        return estimate_line(chosen.photo, chosen.paintings, config, len(chosen.regions))
    except StyleTransferError as error:
        return error


def _pair(chosen: Chosen, line: str) -> str:
    """Return the chosen pictures in small, their titles, and a line below."""
    both = (chosen.photo, *chosen.paintings)
    pictures = "".join(f'<img src="{data_url(each.thumbnail())}" alt="">' for each in both)
    titles = " + ".join(escape(each.title) for each in both)
    return f'<div class="nst-pair">{pictures}<p><b>{titles}</b><small>{escape(line)}</small></p></div>'


def continue_button(
    job: JobSnapshot, config: StyleTransferConfig | StyleTransferError, dpi: float | None = None, bits: int = 8
) -> None:
    """Draw the button that paints on from a finished job's picture, with the settings as they are now."""
    help_text = text("Paint on from this picture, with the settings as they are now.")
    disabled = isinstance(config, StyleTransferError)
    pressed = st.button(text("Continue"), icon=":material/resume:", key="continue", help=help_text, disabled=disabled)
    if pressed and job.result_png is not None and isinstance(config, StyleTransferConfig):
        with errors_shown():
            submit(dataclasses.replace(_continued(job.spec, job.result_png, config), dpi=dpi, bits=bits))


def finer_button(job: JobSnapshot) -> None:
    """Draw the button that takes a finished picture to the next quality, from where its run has ended.

    It says what that takes. There is none after the best quality, nor where this server has no room for the next.
    """
    spec = job.spec
    done = spec.reached or spec.recipe.config.steps
    following = next((quality for quality in resources.limits().qualities() if quality.steps > done), None)
    if following is None or job.result_png is None:
        return
    config = _finer_config(job.result_png, done, following.steps)
    try:
        found = estimate_of(*shapes_of(spec), config, len(spec.recipe.regions))
    except StyleTransferError:
        return
    pressed = st.button(
        text("Finer: {quality}", quality=f"{text(following.name.capitalize())}{found.time}"),
        icon=":material/auto_awesome:", key="finer",
        help=text("Goes on from this picture, with its own settings, to the next quality. This one stays too."),
    )  # fmt: skip
    if pressed:
        with errors_shown():
            submit(dataclasses.replace(_from_result(spec, job.result_png, config), reached=following.steps))


def _finer_config(result_png: bytes, done: int, steps: int) -> StyleTransferConfig:
    """Return the settings that bring a result from `done` to `steps` evaluations at its size."""
    # The recipe of the picture has the style weight that was found for it.
    made = Recipe.from_json(str(read_recipe_text(result_png)))
    return going_on(made.config.with_changes(steps=steps), steps - done)


def _from_result(spec: JobSpec, result_png: bytes, config: StyleTransferConfig) -> JobSpec:
    """Return a job like `spec` that starts from its result."""
    recipe = dataclasses.replace(spec.recipe, config=config, initial=Source.of("result.png", result_png))
    initial = read_picture(result_png).pixels
    return dataclasses.replace(spec, recipe=recipe, initial=initial, reached=None, series=None)


def spec_of(chosen: Chosen, config: StyleTransferConfig) -> JobSpec:
    """Return what is to be painted, with pictures no larger than a job has use for on this server."""
    sources = tuple(painting.source() for painting in chosen.paintings)
    recipe = Recipe(
        chosen.photo.source(), sources, config, __version__,
        regions=chosen.regions, style_guides=chosen.style_guides, subject_mask=chosen.subject_mask,
    )  # fmt: skip
    content, styles = pictures_of(chosen.photo, chosen.paintings, config, resources.limits().max_size)
    return JobSpec(content, styles, recipe, dpi=chosen.dpi, bits=chosen.bits)


def pictures_of(
    photo: Choice, paintings: Sequence[Choice], config: StyleTransferConfig, max_size: int
) -> tuple[Pixels, tuple[Pixels, ...]]:
    """Return a photo's and its paintings' pixels, uint8 RGB, reduced as `nst.jobs.inputs.reduced` would.

    What many visitors have chosen at a time is never held at its full size.
    """
    shape, shapes = reduced_shapes(photo.shape, tuple(each.shape for each in paintings), config, max_size)
    return photo.read(shape), tuple(each.read(used) for each, used in zip(paintings, shapes, strict=True))


def _continued(spec: JobSpec, result_png: bytes, config: StyleTransferConfig) -> JobSpec:
    """Return a job with the photo, paintings and regions of `spec`, whatever is chosen on the page by now."""
    before = spec.recipe.config
    without = {**WITHOUT_PHOTO, "tileable": before.tileable} if is_without_photo(spec.recipe) else {}
    changed = config.with_changes(
        **{**without, "init": "picture"},
        style_blend_weights=before.style_blend_weights,
        style_blocks=before.style_blocks,
    )
    return _from_result(spec, result_png, changed)


def submit(spec: JobSpec) -> None:
    """Queue a job in place of what this visitor has in the queue, and let the page follow it.

    Raises:
        StyleTransferError: if it is not taken.
    """
    st.session_state.notice = None
    # A visitor has one turn in the queue; the newest picture is the one that they want.
    follow(resources.runner().submit(spec, visitor(), network=network(), replace=True))
    leave_series()
    st.rerun()
