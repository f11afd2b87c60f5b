"""Bringing back what a recipe says: the pictures that are here, the settings, and a word on what is missing."""

import streamlit as st

from nst.presets import Preset
from nst.recipe import Recipe, Source
from nst.ui import resources, state
from nst.ui.choice import NOUNS, UPLOAD, Kind, Upload
from nst.ui.titles import title


def restore(recipe: Recipe) -> None:
    """Set every control as the recipe has it; to be called before the controls are drawn.

    What to tell the visitor is in the session's state under "notice".
    """
    gallery = resources.gallery()
    notes = [_choose("photo", recipe.content, gallery.photos), _choose("painting", recipe.styles[0], gallery.paintings)]
    st.session_state.blend = len(recipe.styles) > 1
    if len(recipe.styles) > 1:
        notes.append(_choose("second", recipe.styles[1], gallery.paintings))
        first, second = recipe.config.blend(len(recipe.styles))[:2]
        st.session_state.second_share = round(100 * second / ((first + second) or 1))
    if len(recipe.styles) > 2:
        notes.append(f"It blends {len(recipe.styles)} paintings; the first two are here.")
    if recipe.regions:
        notes.append("It was painted by regions, which have to be marked anew.")
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
