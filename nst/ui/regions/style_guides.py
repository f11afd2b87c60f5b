"""The panel for style guides: only the marked part of a painting is taken as the model."""

from typing import Any

import streamlit as st

from nst.errors import ConfigError, MaskError
from nst.masks.editing import MaskEdits
from nst.masks.packed import PackedMask
from nst.recipes.recipe import Recipe
from nst.ui.language import text
from nst.ui.pictures.choice import Kind, distinct
from nst.ui.pictures.painting import ChosenPaintings
from nst.ui.regions.easel import Easel
from nst.ui.regions.mask_edits import edits_on, entries, mask_uploader
from nst.ui.widgets.markdown import literal


def style_guides_panel(palette: ChosenPaintings, easel: Easel) -> tuple[PackedMask | None, ...]:
    """Draw the panel; return for each painting the part that is used, none at all if all are used as a whole."""
    if not st.toggle(
        text("Use only a part of the painting"), key="style_guides", on_change=easel.put_up, args=("style_guides",),
        help=text("Say which strokes and colours of it are the model."),
    ):  # fmt: skip
        return ()
    titles = distinct([painting.title for painting in palette.paintings])
    shown = _shown(palette, titles)
    painting, title = palette.paintings[shown], titles[shown]
    easel.draw("style_guides", painting, text("Paint over the part of {title} to use", title=title), [title])
    mask_uploader("style_guides", painting, 0, text("the part of {title}", title=title))
    guides = tuple(edits_on("style_guides", each).packed.get(0) for each in palette.paintings)
    whole = [title for title, guide in zip(titles, guides, strict=True) if guide is None]
    if whole:
        st.caption(literal(text("Nothing marked, so used as a whole: {titles}.", titles=", ".join(whole))))
    return guides if any(guide is not None for guide in guides) else ()


def style_guide_entries(recipe: Recipe, kinds: tuple[Kind, ...]) -> dict[str, Any]:
    """Return what the session's state holds when the panel is as a recipe has it.

    Raises:
        ConfigError: if the part of a painting to use is empty, which no recipe of ours has.
    """
    edits: dict[str, MaskEdits | None] = {}
    for source, guide in list(zip(recipe.styles, recipe.style_guides, strict=False))[: len(kinds)]:
        try:
            edits[source.sha256] = None if guide is None else MaskEdits.of([guide.mask], [source.name])
        except MaskError:
            raise ConfigError(
                f"recipe: expected a part of {source.name} to use, got an empty mask; the recipe is damaged."
            ) from None
    return {"style_guides": any(edits.values()), **(entries("style_guides", edits) if any(edits.values()) else {})}


def _shown(palette: ChosenPaintings, titles: list[str]) -> int:
    """Return the index of the painting that is marked now."""
    if len(titles) == 1:
        return 0
    named: dict[Kind, str] = dict(zip(palette.kinds, titles, strict=True))
    if st.session_state.get("style_guide_of") not in named:
        st.session_state.style_guide_of = palette.kinds[0]
    kind = st.selectbox(text("Which painting"), list(named), format_func=named.__getitem__, key="style_guide_of")
    return palette.kinds.index(kind)
