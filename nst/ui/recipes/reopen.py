"""Ways back to the settings of a picture: one of our PNGs, or a link."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nst.errors import ConfigError
from nst.pictures.codec import read_recipe_text
from nst.recipes.link import for_link, from_link, to_link
from nst.recipes.recipe import Recipe
from nst.ui import resources
from nst.ui.recipes.restore import restore
from nst.ui.widgets.component import component
from nst.ui.widgets.markdown import literal

#: The address's parameter that holds a recipe.
PARAMETER = "recipe"

_copy_link = component("copy_link")


def reopen_panel() -> None:
    """Draw the uploader that takes a PNG painted here and sets every control as it was made."""
    with st.expander("Settings from a picture", icon=":material/settings_backup_restore:"):
        st.file_uploader(
            "A PNG that was painted here", type=["png"], key="reopen_file", on_change=_reopen,
            help="Its recipe is inside: photo, paintings and settings come back as they were.",
        )  # fmt: skip
        if sentence := st.session_state.get("reopen_error"):
            st.error(literal(sentence))


def _reopen() -> None:
    file = st.session_state.reopen_file
    st.session_state.reopen_error = None
    if not isinstance(file, UploadedFile):
        return
    text = read_recipe_text(file.getvalue())
    try:
        if text is None:
            raise ConfigError(f"{file.name}: expected a PNG painted here, got a file without a recipe; choose another.")
        restore(Recipe.from_json(text))
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
    text = st.query_params.get(PARAMETER)
    if text is None:
        return
    # Taken off the address: a reload must not undo what has been changed since.
    del st.query_params[PARAMETER]
    try:
        recipe = from_link(text)
    except ConfigError as error:
        st.session_state.link_error = str(error)
    else:
        use_settings(recipe)


def link_error() -> None:
    """Draw the sentence on a link, or a result, whose settings could not be taken, once."""
    if sentence := st.session_state.pop("link_error", None):
        st.error(literal(sentence))


def link_button(recipe: Recipe) -> None:
    """Draw "Copy link"."""
    _copy_link(
        key="copy_link",
        data={"query": f"{PARAMETER}={to_link(for_link(recipe))}", "help": "A link that opens the same settings."},
    )


def link_note(recipe: Recipe) -> None:
    """Say what a link cannot carry: pictures that are not from the gallery, and masks that take too many bytes."""
    gallery = resources.gallery()
    photos, paintings = ({preset.sha256 for preset in presets} for presets in (gallery.photos, gallery.paintings))
    own = [] if recipe.content.sha256 in photos else ["photo"]
    own += [] if all(style.sha256 in paintings for style in recipe.styles) else ["painting"]
    missing = [f"your own {' and '.join(own)}"] if own else []
    carried = for_link(recipe)
    if carried != recipe:
        coarser = carried.regions or carried.style_guides
        missing.append("the fine edges of what was marked" if coarser else "what was marked")
    if missing:
        st.caption(f"The link carries the settings, but not {' nor '.join(missing)}.")
