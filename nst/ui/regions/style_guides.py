"""The panel for parts of the paintings: only what is marked there is taken as the model."""

import streamlit as st

from nst.masks.editing import MaskEdits
from nst.masks.packed import PackedMask
from nst.recipes.recipe import Recipe
from nst.ui.pictures.choice import Kind, distinct
from nst.ui.pictures.painting import ChosenPaintings
from nst.ui.regions.marking import keep, marking_canvas, marks_on, mask_uploader


def parts_panel(palette: ChosenPaintings, busy: bool) -> tuple[PackedMask | None, ...]:
    """Draw the panel; return for each painting the part that is used, none at all if all are used as a whole."""
    if not st.toggle(
        "Use only a part of the painting", key="part", help="Say which strokes and colours of it are the model."
    ):
        return ()
    titles = distinct([painting.title for painting in palette.paintings])
    shown = _shown(palette, titles)
    painting, title = palette.paintings[shown], titles[shown]
    if busy:
        st.caption("The brush is back when the picture is finished.")
    else:
        marking_canvas("part", painting, f"Paint over the part of {title} to use", [title])
        mask_uploader("part", painting, 0, f"the part of {title}")
    guides = tuple(marks_on("part", each).packed.get(0) for each in palette.paintings)
    whole = [title for title, guide in zip(titles, guides, strict=True) if guide is None]
    if whole:
        st.caption(f"Nothing marked, so used as a whole: {', '.join(whole)}.")
    return guides if any(guide is not None for guide in guides) else ()


def put_parts(recipe: Recipe, kinds: tuple[Kind, ...]) -> None:
    """Set the panel as a recipe has it; to be called before it is drawn."""
    parts = [
        (source, guide) for source, guide in zip(recipe.styles, recipe.style_guides, strict=False) if guide is not None
    ][: len(kinds)]
    st.session_state.part = bool(parts)
    for source, guide in parts:
        keep("part", source.sha256, MaskEdits.of([guide.mask], [source.name]))


def _shown(palette: ChosenPaintings, titles: list[str]) -> int:
    """Return the index of the painting that is marked now."""
    if len(titles) == 1:
        return 0
    named: dict[Kind, str] = dict(zip(palette.kinds, titles, strict=True))
    if st.session_state.get("part_of") not in named:
        st.session_state.part_of = palette.kinds[0]
    kind = st.selectbox("Which painting", list(named), format_func=named.__getitem__, key="part_of")
    return palette.kinds.index(kind)
