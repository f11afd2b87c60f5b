"""Bringing back what a recipe says: the pictures that are here, the settings, and a word on what is missing."""

import streamlit as st

from nst.pictures.gallery import Preset
from nst.recipes.recipe import Recipe, Source
from nst.ui import resources
from nst.ui.pictures.blend import even, percents_of, share_key
from nst.ui.pictures.choice import NOUNS, PAINTINGS, UPLOAD, Kind, Upload
from nst.ui.pictures.painting import switch
from nst.ui.pictures.titles import title
from nst.ui.regions.drafts import put_regions, rest_of
from nst.ui.regions.style_guides import put_parts
from nst.ui.settings import blocks, state


def restore(recipe: Recipe) -> None:
    """Set every control as the recipe has it; to be called before the controls are drawn.

    What to tell the visitor is in the session's state under "notice".
    """
    gallery = resources.gallery()
    kinds = PAINTINGS[: len(recipe.styles)]
    put_regions(recipe, kinds)  # first: if it fails, everything is as it was
    put_parts(recipe, kinds)
    notes = [_choose("photo", recipe.content, gallery.photos)]
    notes += [_choose(kind, style, gallery.paintings) for kind, style in zip(kinds, recipe.styles, strict=False)]
    _blend(recipe, kinds)
    if len(recipe.styles) > len(kinds):
        notes.append(f"It uses {len(recipe.styles)} paintings; the first {len(kinds)} are here.")
    if recipe.run is not None:
        notes.append(f"{recipe.run.sentence()} Here it is computed as this server does.")
    settings = recipe.config.to_dict()
    if recipe.config.init == "picture":
        settings["init"] = "content"
        notes.append("It was painted on from an earlier result, which is not carried along.")
    state.fill_in_defaults()
    state.put(settings)
    # The settings stand as they are: the painting's own suggestions are not to be laid over them.
    st.session_state.suggested_by = st.session_state.painting
    st.session_state.suggestions = {}
    st.session_state.notice = " ".join([f"The settings of “{title(recipe)}” are in place.", *filter(None, notes)])


def _blend(recipe: Recipe, kinds: tuple[Kind, ...]) -> None:
    """Set how many paintings there are, how much of each, and at which blocks of the network."""
    for kind in PAINTINGS[1:]:
        st.session_state[switch(kind)] = kind in kinds
    rest = rest_of(recipe)
    shares = (recipe.config.blend(len(recipe.styles)) if rest is None else rest.shares)[: len(kinds)]
    # Where only paintings beyond those that the page takes had a share, each gets as much.
    percents = percents_of(shares) if any(shares) else even(len(kinds))
    for kind, percent in zip(kinds[1:], percents, strict=True):
        st.session_state[share_key("", kind)] = percent
    blocks.put(kinds, recipe.config.style_blocks)


def _choose(kind: Kind, source: Source, presets: tuple[Preset, ...]) -> str:
    """Choose the picture of a recipe if it is here; return what to say if it is not."""
    match = next((preset.id for preset in presets if preset.sha256 == source.sha256), None)
    upload: Upload | None = st.session_state.get(f"{kind}_upload")
    if match is None and upload is not None and Source.of(upload.name, upload.data).sha256 == source.sha256:
        match = UPLOAD
    if match is None:
        st.session_state.setdefault(kind, presets[0].id)
        return f"The {NOUNS[kind]} “{source.name}” is not part of it: choose that file, or take another."
    st.session_state[kind] = match
    return ""


def notice() -> None:
    """Draw what `restore` had to say, until the next picture is started."""
    if sentence := st.session_state.get("notice"):
        st.info(sentence, icon=":material/tune:")
