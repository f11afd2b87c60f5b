"""Ways back to the settings of a picture: one of our PNGs, or a link."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nst.errors import ConfigError
from nst.pictures.codec import read_recipe_text
from nst.recipes.link import for_link, from_link, to_link
from nst.recipes.recipe import Recipe
from nst.ui import resources
from nst.ui.language import deferred, said, text
from nst.ui.recipes.restore import restore
from nst.ui.widgets.component import component
from nst.ui.widgets.markdown import literal

#: The address's parameter that holds a recipe.
PARAMETER = "recipe"

#: What a link leaves out, by whether the photo and a painting are the visitor's own.
_OWN = {
    (True, False): deferred("your own photo"),
    (False, True): deferred("your own painting"),
    (True, True): deferred("your own photo and painting"),
}

_copy_link = component("copy_link")


def reopen_panel() -> None:
    """Draw the uploader that takes a PNG painted here and sets every control as it was made."""
    with st.expander(text("Settings from a picture"), icon=":material/settings_backup_restore:"):
        st.file_uploader(
            text("A PNG that was painted here"), type=["png"], key="reopen_file", on_change=_reopen,
            help=text("Its recipe is inside: photo, paintings and settings come back as they were."),
        )  # fmt: skip
        if sentence := st.session_state.get("reopen_error"):
            st.error(literal(said(sentence)))


def _reopen() -> None:
    file = st.session_state.reopen_file
    st.session_state.reopen_error = None
    if not isinstance(file, UploadedFile):
        return
    written = read_recipe_text(file.getvalue())
    try:
        if written is None:
            raise ConfigError(f"{file.name}: expected a PNG painted here, got a file without a recipe; choose another.")
        restore(Recipe.from_json(written))
    except ConfigError as error:
        st.session_state.reopen_error = str(error)


def use_settings(recipe: Recipe) -> None:
    """Set every control as a recipe has it; if that cannot be, its sentence stands where those of links do."""
    try:
        restore(recipe)
    except ConfigError as error:
        st.session_state.link_error = str(error)


def follow_link() -> None:
    """Set the controls as the address says, once, if it holds a recipe; to be called before they are drawn."""
    link = st.query_params.get(PARAMETER)
    if link is None:
        return
    # Taken off the address: a reload must not undo what has been changed since.
    del st.query_params[PARAMETER]
    try:
        recipe = from_link(link)
    except ConfigError as error:
        st.session_state.link_error = str(error)
    else:
        use_settings(recipe)


def link_error() -> None:
    """Draw the sentence on a link, or a result, whose settings could not be taken, once."""
    if sentence := st.session_state.pop("link_error", None):
        st.error(literal(said(sentence)))


def link_button(recipe: Recipe) -> None:
    """Draw "Copy link"."""
    texts = {
        "copy": text("Copy link"),
        "copied": text("Copied"),
        "aloud": text("The link is in the clipboard"),
        "help": text("A link that opens the same settings."),
        "field": text("The link, to be copied"),
    }
    _copy_link(key="copy_link", data={"query": f"{PARAMETER}={to_link(for_link(recipe))}", "texts": texts})


def link_note(recipe: Recipe) -> None:
    """Say what a link cannot carry: pictures that are not from the gallery, and masks that take too many bytes."""
    gallery = resources.gallery()
    photos, paintings = ({preset.sha256 for preset in presets} for presets in (gallery.photos, gallery.paintings))
    own_photo = recipe.content.sha256 not in photos
    own_painting = any(style.sha256 not in paintings for style in recipe.styles)
    missing = [text(_OWN[own_photo, own_painting])] if own_photo or own_painting else []
    carried = for_link(recipe)
    if carried != recipe:
        coarser = carried.regions or carried.style_guides
        missing.append(text("the fine edges of what was marked") if coarser else text("what was marked"))
    if len(missing) > 1:
        one, other = missing
        st.caption(text("The link carries the settings, but not {one} nor {other}.", one=one, other=other))
    elif missing:
        st.caption(text("The link carries the settings, but not {one}.", one=missing[0]))
