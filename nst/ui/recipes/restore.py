"""Bringing back what a recipe says: the pictures that are here, the settings, and a word on what is missing.

All or nothing: everything is worked out first, and only then the session's state is changed.
"""

from typing import Any

import streamlit as st

from nst.errors import ConfigError
from nst.pictures.gallery import Preset
from nst.recipes.blank import is_without_photo
from nst.recipes.recipe import Recipe, Source
from nst.ui import resources
from nst.ui.language import deferred, said, text
from nst.ui.pictures.blend import blend_key, even, percents_of
from nst.ui.pictures.choice import PAINTINGS, UPLOAD, Kind, Upload
from nst.ui.pictures.painting import switch
from nst.ui.pictures.sketches import restored_sketch
from nst.ui.pictures.titles import title
from nst.ui.regions.drafts import region_entries, rest_of
from nst.ui.regions.style_guides import style_guide_entries
from nst.ui.regions.subject import subject_entries
from nst.ui.settings import blocks, overtaken, paper, state
from nst.ui.widgets.markdown import literal

_MISSING: dict[Kind, str] = {
    "photo": deferred("The photo “{name}” is not part of it: choose that file, or take another."),
    "painting": deferred("The painting “{name}” is not part of it: choose that file, or take another."),
    "second": deferred("The second painting “{name}” is not part of it: choose that file, or take another."),
    "third": deferred("The third painting “{name}” is not part of it: choose that file, or take another."),
    "fourth": deferred("The fourth painting “{name}” is not part of it: choose that file, or take another."),
}


def restore(recipe: Recipe) -> None:
    """Set every control as the recipe has it; to be called before the controls are drawn.

    What to tell the visitor is in the session's state under "notice".

    Raises:
        ConfigError: if the page cannot show the recipe; nothing is changed then.
    """
    state.fill_in_defaults()
    entries = _entries(recipe)
    overtaken.put({key: entries.pop(key) for key in list(entries) if state.is_control(key)})
    st.session_state.update(entries)


def _entries(recipe: Recipe) -> dict[str, Any]:
    """Return what the session's state holds when every control is as the recipe has it."""
    if is_without_photo(recipe):
        raise ConfigError(
            "recipe: expected one of a picture with a photo, got one of a texture or a doodle; paint another by “More "
            "ways to paint”."
        )
    gallery = resources.gallery()
    kinds = PAINTINGS[: len(recipe.styles)]
    photo, notes = _choice("photo", recipe.content, gallery.photos)
    entries = {"photo": photo}
    for kind, style in zip(kinds, recipe.styles, strict=False):
        entries[kind], missing = _choice(kind, style, gallery.paintings)
        notes += missing
    if len(recipe.styles) > len(kinds):
        count = len(recipe.styles)
        notes.append(text("It uses {count} paintings; the first {kept} are here.", count=count, kept=len(kinds)))
    if recipe.run is not None:
        notes += [said(recipe.run.sentence()), text("Here it is computed as this server does.")]
    settings = recipe.config.to_dict()
    if recipe.config.init == "picture":
        settings["init"] = "content"
        notes.append(text("It was painted on from an earlier result, which is not carried along."))
    return {
        **entries,
        **_blend(recipe, kinds),
        **region_entries(recipe, kinds),
        **style_guide_entries(recipe, kinds),
        **subject_entries(recipe),
        **state.entries(settings),
        **restored_sketch(recipe),
        **paper.OFF,
        # The settings stand as they are: the painting's own suggestions are not to be laid over them.
        "suggested_by": entries["painting"],
        "suggestions": {},
        "notice": " ".join([text("The settings of “{title}” are in place.", title=title(recipe)), *notes]),
    }


def _blend(recipe: Recipe, kinds: tuple[Kind, ...]) -> dict[str, Any]:
    """Return the entries of how many paintings there are, how much of each, and at which blocks of the network."""
    switches = {switch(kind): kind in kinds for kind in PAINTINGS[1:]}
    rest = rest_of(recipe)
    weights = (recipe.config.blend(len(recipe.styles)) if rest is None else rest.shares)[: len(kinds)]
    # Where only paintings beyond those that the page takes had a share, each gets as much.
    percents = percents_of(weights) if any(weights) else even(len(kinds))
    sliders = {blend_key("", kind): percent for kind, percent in zip(kinds[1:], percents, strict=True)}
    return {**switches, **sliders, **blocks.entries(kinds, recipe.config.style_blocks)}


def _choice(kind: Kind, source: Source, presets: tuple[Preset, ...]) -> tuple[str, list[str]]:
    """Return the id of a recipe's picture if it is here, else of the present one, and what to say then."""
    match = next((preset.id for preset in presets if preset.sha256 == source.sha256), None)
    upload: Upload | None = st.session_state.get(f"{kind}_upload")
    if match is None and upload is not None and Source.of(upload.name, upload.data).sha256 == source.sha256:
        match = UPLOAD
    if match is not None:
        return match, []
    return st.session_state.get(kind, presets[0].id), [text(_MISSING[kind], name=source.name)]


def notice() -> None:
    """Draw what `restore` had to say, until the next picture is started."""
    if sentence := st.session_state.get("notice"):
        st.info(literal(sentence), icon=":material/tune:")
