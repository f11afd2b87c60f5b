"""The painting panel: the gallery, the visitor's own, and further paintings to blend in or to give to regions."""

from dataclasses import dataclass

import streamlit as st

from nst.pictures.gallery import Gallery
from nst.ui.language import deferred, text
from nst.ui.pictures.blend import blend_key, blend_sliders, even
from nst.ui.pictures.choice import PAINTINGS, Choice, Kind, choose

_ADD: dict[Kind, str] = {
    "second": deferred("Add a second painting"),
    "third": deferred("Add a third painting"),
    "fourth": deferred("Add a fourth painting"),
}


@dataclass(frozen=True)
class ChosenPaintings:
    """The chosen paintings, one to four, by the kind of their choice, and their blend weights if there are several."""

    kinds: tuple[Kind, ...]
    paintings: tuple[Choice, ...]
    blend_weights: tuple[float, ...]


def painting_panel(gallery: Gallery, first: str) -> ChosenPaintings:
    """Draw the panel and return what is chosen.

    Args:
        gallery: The paintings that there are.
        first: The id of the one that is chosen at first, if there is such a one.
    """
    st.subheader(text("Painting"), anchor=False)
    ids = [preset.id for preset in gallery.paintings]
    ids.sort(key=lambda each: each != first)
    defaults = (ids + ids[:1] * len(PAINTINGS))[: len(PAINTINGS)]
    kinds, paintings = [PAINTINGS[0]], [choose(PAINTINGS[0], gallery.paintings, "grid", defaults[0])]
    for kind, default in zip(PAINTINGS[1:], defaults[1:], strict=True):
        if not st.toggle(text(_ADD[kind]), key=switch(kind), on_change=_blend_evenly):
            break
        kinds.append(kind)
        paintings.append(choose(kind, gallery.paintings, "strip", default))
    weights = _blend_weights(kinds, paintings) if len(kinds) > 1 else ()
    return ChosenPaintings(tuple(kinds), tuple(paintings), weights)


def switch(kind: Kind) -> str:
    """Return the key of the switch that adds a painting."""
    return f"{kind}_on"


def _blend_weights(kinds: list[Kind], paintings: list[Choice]) -> tuple[float, ...]:
    for kind, percent in zip(kinds[1:], even(len(kinds)), strict=True):
        st.session_state.setdefault(blend_key("", kind), percent)
    return blend_sliders(kinds, paintings, "")


def _blend_evenly() -> None:
    """Give each painting as much when there is one more, or one less."""
    added = PAINTINGS[1:]
    count = next((index for index, kind in enumerate(added) if not st.session_state.get(switch(kind))), len(added)) + 1
    for kind, percent in zip(added, even(count), strict=False):
        st.session_state[blend_key("", kind)] = percent
