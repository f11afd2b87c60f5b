"""A wall of pictures painted here, for those who have chosen nothing yet: one press takes over how one was made."""

import streamlit as st

from nst import __version__
from nst.config import LOOKS, StyleTransferConfig
from nst.pictures.gallery import Gallery
from nst.recipes.recipe import Recipe, Source
from nst.ui.about.illustrations import WALL, Painted, picture
from nst.ui.language import text
from nst.ui.pictures.choice import is_chosen
from nst.ui.recipes.reopen import use_settings
from nst.ui.settings.first_run import forget_first_run
from nst.ui.widgets.picker import Item, picker

#: Key of the name of the picture that was pressed.
_PICKED = "wall_picked"


def take_over_picked(gallery: Gallery) -> None:
    """Set the controls as the picture was made that was pressed, if one was; to be called before they are drawn."""
    picked = st.session_state.pop(_PICKED, None)
    for each in WALL:
        if each.name == picked:
            use_settings(recipe_of(each, gallery))
            # Size and quality are no part of it: they are for this computer.
            forget_first_run()


def wall_panel(gallery: Gallery) -> None:
    """Draw the wall, unless the visitor has chosen a picture: who knows the way needs none."""
    ids = {preset.id for preset in gallery.photos + gallery.paintings}
    shown = [each for each in WALL if {each.photo, each.painting} <= ids]
    if not shown or is_chosen("photo") or is_chosen("painting"):
        return

    def pick(name: str) -> None:
        st.session_state[_PICKED] = name

    st.subheader(text("Painted here"), anchor=False)
    st.caption(text("Press one: its photo, painting and settings are then in place."))
    chosen = st.session_state.get("photo"), st.session_state.get("painting")
    taken_over = next((each.name for each in shown if (each.photo, each.painting) == chosen), "")
    items = [_item(each, gallery) for each in shown]
    picker(text("Take over a picture painted here"), items, taken_over, "wall", key="wall_picker", on_pick=pick)


def recipe_of(painted: Painted, gallery: Gallery) -> Recipe:
    """Return how a picture of the wall is painted, in the size and quality that are the defaults."""
    photo, painting = gallery.find(painted.photo, "photo"), gallery.find(painted.painting, "painting")
    settings = next(look.settings for look in LOOKS if look.name == painted.look)
    return Recipe(
        Source(photo.id, photo.sha256),
        (Source(painting.id, painting.sha256),),
        StyleTransferConfig.from_dict(dict(settings)),
        __version__,
    )


def _item(painted: Painted, gallery: Gallery) -> Item:
    photo, painting = gallery.find(painted.photo, "photo"), gallery.find(painted.painting, "painting")
    byline = text("after {painting}", painting=text(painting.title))
    if painted.look != LOOKS[0].name:
        byline = f"{byline}, {text(next(look.title for look in LOOKS if look.name == painted.look))}"
    description = f"{text(photo.description)} {text(painting.description)}"
    return Item(painted.name, text(photo.title), byline, description, picture(painted.name))
