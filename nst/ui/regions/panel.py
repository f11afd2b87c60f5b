"""The regions panel: where on the photo each painting goes, and how strongly."""

import streamlit as st

from nst.masks.editing import MaskEdits
from nst.masks.regions import MAX_STRENGTH, Region
from nst.ui.language import number, text
from nst.ui.pictures.blend import blend_key, blend_sliders
from nst.ui.pictures.choice import Choice
from nst.ui.pictures.painting import ChosenPaintings
from nst.ui.regions.drafts import (
    Manner,
    RegionDraft,
    add,
    drafts_of,
    engine_regions,
    manners,
    names_of,
    percents_in,
    remove,
)
from nst.ui.regions.easel import Easel
from nst.ui.regions.mask_edits import attempt, change_all, edits_on, mask_uploader
from nst.ui.regions.subject import looked_for
from nst.ui.visitor import asker
from nst.ui.widgets.brush import COLOURS
from nst.ui.widgets.markdown import literal

#: The most that can be added here; what no region covers may be one more.
_MOST = 6

#: Round numbers, as many a decade as one can tell apart; 0 is "left as the photo".
_STRENGTHS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 30.0, 50.0, MAX_STRENGTH)


def regions_panel(photo: Choice, palette: ChosenPaintings, easel: Easel) -> tuple[Region, ...]:
    """Draw the panel; return the regions, none if all of the photo is to be painted alike."""
    if not st.toggle(
        text("Paint by regions"), key="regions", help=text("Say where on the photo each painting goes."),
        on_change=easel.put_up, args=("regions",),
    ):  # fmt: skip
        return ()
    drafts = drafts_of(palette)
    names = names_of(drafts, palette)
    change_all("regions", lambda edits: edits.limited(len(drafts)))
    easel.draw(
        "regions", photo, text("Paint where the paintings go"), names, tools=lambda: _subject_button(photo, len(drafts))
    )
    edits = edits_on("regions", photo)
    for index, (draft, name) in enumerate(zip(drafts, names, strict=True)):
        with st.expander(_heading(index, draft, name, palette, edits), key=draft.key("panel")):
            _editor(index, draft, name, palette, photo, len(drafts))
    st.button(
        text("Add a region"), icon=":material/add:", key="regions_add", on_click=add, args=(drafts, palette),
        disabled=len(drafts) >= _MOST,
    )  # fmt: skip
    regions = engine_regions(drafts, _rest(palette), edits, palette)
    if not regions:
        st.caption(text("Nothing is covered yet, so the whole photo is painted."))
    return regions


def _subject_button(photo: Choice, regions: int) -> None:
    def split(edits: MaskEdits) -> MaskEdits:
        mask = looked_for(photo.preview(), asker())
        return edits.marked(0, mask, instead=True) if regions == 1 else edits.split(mask)

    st.button(
        text("Mark the subject"), icon=":material/person:", key="regions_subject",
        on_click=attempt, args=("regions", photo, split),
        help=text(
            "Finds what stands out in the middle, for the first region. If there is a second one, it gets the rest."
        ),
    )  # fmt: skip


def _heading(index: int, draft: RegionDraft, name: str, palette: ChosenPaintings, edits: MaskEdits) -> str:
    """Return a region in a line of Markdown: its colour, name, painting and strength, and whether it is anywhere."""
    facts = [manners(palette)[draft.manner]] if draft.name else []
    if draft.strength != 1 and draft.manner != "photo":
        facts.append(f"{number(draft.strength)}×")
    if index not in edits.masks:
        facts.append(text("nothing marked yet"))
    small = f" :small[:gray[· {literal(' · '.join(facts))}]]" if facts else ""
    return f':color[●]{{foreground="{COLOURS[index]}"}} {literal(name)}{small}'


def _editor(index: int, draft: RegionDraft, name: str, palette: ChosenPaintings, photo: Choice, count: int) -> None:
    """Draw the controls of one region."""
    state, labels = st.session_state, manners(palette)
    state[draft.key("manner")] = draft.manner
    st.selectbox(text("Painted with"), list(labels), format_func=labels.__getitem__, key=draft.key("manner"))
    if draft.manner == "blend":
        for kind, percent in zip(palette.kinds[1:], percents_in(draft, palette), strict=True):
            state.setdefault(blend_key(draft.key(""), kind), percent)
        blend_sliders(palette.kinds, palette.paintings, draft.key(""))
    if draft.manner != "photo":
        state.setdefault(draft.key("strength"), draft.strength)
        st.select_slider(
            text("Strength"), sorted({*_STRENGTHS, draft.strength}),
            format_func=lambda strength: f"{number(strength)}×",
            key=draft.key("strength"), help=text("Of the style here, over that of the whole picture."),
        )  # fmt: skip
    state.setdefault(draft.key("name"), draft.name)
    st.text_input(text("Name"), key=draft.key("name"), placeholder=name, max_chars=40)
    mask_uploader("regions", photo, index, name)
    st.button(
        text("Remove this region"), icon=":material/delete:", key=draft.key("remove"), on_click=remove,
        args=(index,), disabled=count == 1,
    )  # fmt: skip


def _rest(palette: ChosenPaintings) -> Manner:
    labels, state = manners(palette), st.session_state
    options: list[Manner] = ["photo", *(manner for manner in labels if manner != "photo")]
    kept: Manner = state.get("regions_rest", state.get("rest", "photo"))
    state.regions_rest = kept if kept in options else "photo"
    rest = st.selectbox(
        text("What is not covered becomes"), options, format_func=labels.__getitem__, key="regions_rest"
    )
    state.rest = rest
    return rest
