"""What is chosen, large, as long as no picture of it is shown: the photo, and beside it what it is to look like."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from nst.pictures.gallery import Preset
from nst.ui.language import text
from nst.ui.pictures.choice import Choice, painted_by
from nst.ui.pictures.titles import listed
from nst.ui.widgets.compare import Side, compare
from nst.ui.widgets.component import data_url


def chosen_panel(photo: Choice, paintings: Sequence[Choice], becomes: Side | None = None) -> None:
    """Draw the photo large and the paintings beside it.

    Args:
        photo: The chosen one.
        paintings: The chosen ones, at least one.
        becomes: What the photo will look like, if there is a picture of it: then a divider is between the two.
    """
    names = listed(dict.fromkeys(painting.title for painting in paintings))
    title = text("{photo}, in the manner of {paintings}", photo=photo.title, paintings=names)
    with st.container(key="chosen"):
        large, beside = st.columns([3, 1], gap="small")
        with large:
            if becomes is None:
                st.html(_photo(photo, title))
            else:
                compare(
                    Side(text("Photo"), photo.description, photo.preview()), becomes, title=title,
                    byline=text(
                        "Drag the divider. Choose another photo or painting, or press Stylise to paint this one."
                    ),
                    key="chosen_compare",
                )  # fmt: skip
        beside.html(paintings_beside(paintings))


def paintings_beside(paintings: Sequence[Choice], *, told: bool = False) -> str:
    """Return the paintings in a column, as HTML: with title and painter, and if it is `told`, what is known of each."""
    return f'<div class="nst-beside">{"".join(_painting(painting, told) for painting in paintings)}</div>'


def _photo(photo: Choice, title: str) -> str:
    picture = f'<img src="{data_url(photo.preview())}" alt="{escape(photo.description)}">'
    small = text("The photo. Press Stylise, and watch it turn into a painting.")
    return f'<figure class="nst-chosen">{picture}{_caption(title, small)}</figure>'


def _painting(painting: Choice, told: bool) -> str:
    origin = painting.origin
    byline = painted_by(origin) if isinstance(origin, Preset) else text("Your own painting")
    picture = f'<img src="{data_url(painting.preview())}" alt="{escape(painting.description)}">'
    facts = _facts(origin) if told and isinstance(origin, Preset) else ""
    return f"<figure>{picture}{_caption(painting.title, byline)}{facts}</figure>"


def _facts(preset: Preset) -> str:
    """Return what the record tells of a painting, and who says so."""
    facts = [text(each) for each in (preset.movement, preset.medium, preset.collection) if each]
    lines = [f"<small>{escape(fact)}</small>" for fact in facts]
    about = f"<p>{escape(text(preset.about))}</p>" if preset.about else ""
    opens = 'target="_blank" rel="noopener noreferrer"'
    link = f'<a href="{escape(preset.about_source)}" {opens}>{escape(text("Source"))}</a>'
    return f"{''.join(lines)}{about}{link if about else ''}"


def _caption(title: str, small: str) -> str:
    return f"<figcaption>{escape(title)}<small>{escape(small)}</small></figcaption>"
