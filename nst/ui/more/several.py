"""The photo in the manner of several paintings, one after the other, at one press."""

import streamlit as st

from nst import __version__
from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.jobs import JobSpec
from nst.jobs.inputs import reduced
from nst.jobs.place import Step
from nst.jobs.series import check_count
from nst.pictures.codec import Pixels
from nst.pictures.gallery import Gallery
from nst.recipes.recipe import Recipe
from nst.ui import resources
from nst.ui.job.pace import duration, estimate
from nst.ui.job.series import is_in_gallery, start_series
from nst.ui.job.start import Chosen
from nst.ui.pictures.choice import UPLOAD, Choice, Upload, preset_item
from nst.ui.settings.others import settings_for
from nst.ui.widgets.errors import errors_shown
from nst.ui.widgets.markdown import literal
from nst.ui.widgets.picker import Item, multiple_picker

#: Long side at which the photo of a series is kept for a larger picture that goes on from one of the results; each of
#: them keeps it.
_KEPT_SIDE = 2048

_KEY = "several"


def several_panel(gallery: Gallery, chosen: Chosen, config: StyleTransferConfig, busy: bool) -> None:
    """Draw the paintings to choose any number of, and the button that paints them all."""
    upload: Upload | None = st.session_state.get("painting_upload")
    known = {preset.id: Choice(preset) for preset in gallery.paintings}
    items = [preset_item(preset) for preset in gallery.paintings]
    if upload is not None:
        known[UPLOAD] = Choice(upload)
        items.insert(0, Item(UPLOAD, "Your own", upload.name, "Your own painting", upload.preview))
    picked = [each for each in st.session_state.setdefault(_KEY, []) if each in known]
    with st.container(horizontal=True, key="several_ways"):
        st.button(
            "Choose all", key="several_all", on_click=_choose, args=(list(known),), disabled=len(picked) == len(known)
        )
        st.button("Choose none", key="several_none", on_click=_choose, args=([],), disabled=not picked)
    multiple_picker("Choose several paintings", items, picked, "several_picker", _choose)
    paintings = [painting for each, painting in known.items() if each in picked]
    try:
        check_count(len(paintings), resources.limits())
        line = _line(chosen, config, paintings)
    except StyleTransferError as error:
        st.error(literal(str(error)))
        return
    st.caption(literal(line))
    pressed = st.button(
        f"Paint all {len(paintings)}" if paintings else "Paint them all", type="primary", icon=":material/brush:",
        key="several_start", disabled=busy or not paintings,
    )  # fmt: skip
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
        return f"{chosen.photo.title} in the manner of each painting that you choose. They come under “This session”."
    each = [estimate(chosen.photo, (painting,), settings_for(config, painting), 0) for painting in paintings]
    seconds = [one.seconds for one in each if one.seconds is not None]
    time = f", about {duration(sum(seconds))} in all" if len(seconds) == len(each) else ""
    left_out = " Regions and parts of paintings are left out." if chosen.regions or any(chosen.style_guides) else ""
    pictures = f"{len(each)} picture{'s' if len(each) > 1 else ''} of {each[0].pixels}{time}, one after the other."
    return f"{pictures} They come under “This session”.{left_out}"


def start_several(chosen: Chosen, config: StyleTransferConfig, paintings: list[Choice]) -> None:
    """Start the series; what stands in its way is said."""
    with errors_shown():
        steps = [Step(each.title, settings_for(config, each), (each.source(),)) for each in paintings]
        spec = _spec(chosen, steps[0], chosen.photo.read().pixels, paintings[0].read().pixels)
        # The photo is reduced once for all of them.
        spec = reduced(spec, min(resources.limits().max_size, _KEPT_SIDE))
        start_series(spec, steps, paintings=_own(chosen, spec.content, steps, paintings))
        st.rerun()


def _own(chosen: Chosen, photo: Pixels, steps: list[Step], paintings: list[Choice]) -> dict[str, Pixels]:
    """Return the paintings that are not in the gallery by their checksums, no larger than they are used."""
    pairs = [(step, each) for step, each in zip(steps, paintings, strict=True) if not is_in_gallery(step.styles[0])]
    return {
        step.styles[0].sha256: reduced(_spec(chosen, step, photo, each.read().pixels), max(photo.shape)).styles[0]
        for step, each in pairs
    }


def _spec(chosen: Chosen, step: Step, photo: Pixels, painting: Pixels) -> JobSpec:
    recipe = Recipe(chosen.photo.source(), step.styles, step.config, __version__)
    return JobSpec(photo, (painting,), recipe, dpi=chosen.dpi, bits=chosen.bits)
