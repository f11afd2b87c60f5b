"""The photo in the manner of several paintings, one after the other, at one press."""

import streamlit as st

from nst import __version__
from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.jobs import JobSpec
from nst.jobs.inputs import reduced_shapes
from nst.jobs.place import Step
from nst.jobs.series import check_count
from nst.pictures.codec import Pixels
from nst.pictures.gallery import Gallery
from nst.recipes.recipe import Recipe
from nst.ui import resources
from nst.ui.job.pace import about_in_all, estimate
from nst.ui.job.series import is_in_gallery, start_series
from nst.ui.job.start import Chosen, pictures_of
from nst.ui.language import deferred, plural, said, text
from nst.ui.pictures.choice import UPLOAD, Choice, Upload, preset_items
from nst.ui.settings.others import settings_for
from nst.ui.widgets.errors import errors_shown
from nst.ui.widgets.markdown import literal
from nst.ui.widgets.picker import Item, multiple_picker

#: Long side at which the photo of a series is kept for a larger picture that goes on from one of the results; each of
#: them keeps it.
_KEPT_SIDE = 2048

#: Said where regions and style guides are chosen that the picture will not have.
LEFT_OUT = deferred("Regions and parts of paintings are left out.")
_WHERE = deferred("They come under “This session”.")

_KEY = "several"


def several_panel(gallery: Gallery, chosen: Chosen, config: StyleTransferConfig, busy: bool) -> None:
    """Draw the paintings to choose any number of, and the button that paints them all."""
    upload: Upload | None = st.session_state.get("painting_upload")
    known = {preset.id: Choice(preset) for preset in gallery.paintings}
    items = preset_items(gallery.paintings)
    if upload is not None:
        known[UPLOAD] = Choice(upload)
        items.insert(0, Item(UPLOAD, text("Your own"), upload.name, text("Your own painting"), upload.preview))
    picked = [each for each in st.session_state.setdefault(_KEY, []) if each in known]
    with st.container(horizontal=True, key="several_ways"):
        st.button(
            text("Choose all"), key="several_all", on_click=_choose, args=(list(known),),
            disabled=len(picked) == len(known),
        )  # fmt: skip
        st.button(text("Choose none"), key="several_none", on_click=_choose, args=([],), disabled=not picked)
    multiple_picker(text("Choose several paintings"), items, picked, "several_picker", _choose)
    paintings = [painting for each, painting in known.items() if each in picked]
    try:
        check_count(len(paintings), resources.limits())
        line = _line(chosen, config, paintings)
    except StyleTransferError as error:
        st.error(literal(said(str(error))))
        return
    st.caption(literal(line))
    title = text("Paint all {count}", count=len(paintings)) if paintings else text("Paint them all")
    pressed = st.button(
        title, type="primary", icon=":material/brush:", key="several_start", disabled=busy or not paintings
    )
    if pressed:
        start_several(chosen, config, paintings)


def _choose(ids: list[str]) -> None:
    st.session_state[_KEY] = list(ids)


def _line(chosen: Chosen, config: StyleTransferConfig, paintings: list[Choice]) -> str:
    """Return what is about to be painted, with the time for all.

    Raises:
        StyleTransferError: if one of them is more than a job may have here.
    """
    if not paintings:
        promise = text("{photo} in the manner of each painting that you choose.", photo=chosen.photo.title)
        return f"{promise} {text(_WHERE)}"
    each = [estimate(chosen.photo, (painting,), settings_for(config, painting), 0) for painting in paintings]
    seconds = [one.seconds for one in each if one.seconds is not None]
    work = each[0].pixels
    if len(seconds) == len(each):
        work = f"{work}, {about_in_all(sum(seconds))}"
    pictures = plural(
        "{count} picture of {work}, one after the other.",
        "{count} pictures of {work}, one after the other.",
        len(each),
        work=work,
    )
    left_out = [text(LEFT_OUT)] if chosen.regions or any(chosen.style_guides) else []
    return " ".join([pictures, text(_WHERE), *left_out])


def start_several(chosen: Chosen, config: StyleTransferConfig, paintings: list[Choice]) -> None:
    """Start the series; what stands in its way is said."""
    with errors_shown():
        steps = [Step(each.title, settings_for(config, each), (each.source(),)) for each in paintings]
        # The photo is reduced once for all of them.
        most = min(resources.limits().max_size, _KEPT_SIDE)
        photo, (painting,) = pictures_of(chosen.photo, paintings[:1], steps[0].config, most)
        spec = _spec(chosen, steps[0], photo, painting)
        start_series(spec, steps, paintings=_own(chosen.photo, steps, paintings))
        st.rerun()


def _own(photo: Choice, steps: list[Step], paintings: list[Choice]) -> dict[str, Pixels]:
    """Return the paintings that are not in the gallery by their checksums, no larger than they are used."""
    own = [(step, each) for step, each in zip(steps, paintings, strict=True) if not is_in_gallery(step.styles[0])]
    shapes = [reduced_shapes(photo.shape, (each.shape,), step.config, max(photo.shape))[1] for step, each in own]
    return {step.styles[0].sha256: each.read(shape) for (step, each), (shape,) in zip(own, shapes, strict=True)}


def _spec(chosen: Chosen, step: Step, photo: Pixels, painting: Pixels) -> JobSpec:
    recipe = Recipe(chosen.photo.source(), step.styles, step.config, __version__)
    return JobSpec(photo, (painting,), recipe, dpi=chosen.dpi, bits=chosen.bits)
