"""Which painting for which photo: what helps to choose, in a minute, with two pairs that come out badly."""

import streamlit as st

from nst.config import LOOKS
from nst.pictures.gallery import Gallery
from nst.ui.about.illustrations import GUIDE, Painted, picture
from nst.ui.language import deferred, text
from nst.ui.widgets.component import data_url

_RULES = (
    deferred(
        "**Paintings with visible strokes** all over, such as van Gogh's and Cézanne's, suit nearly every photo. Flat "
        "areas and bare paper leave a photo's details nothing to be made of."
    ),
    deferred(
        "**What is to stay has to be larger than the strokes.** Let a face fill the photo, or take the look "
        "*Fine strokes*."
    ),
    deferred(
        "**People and animals** bear less than landscapes and buildings: there is the look *Photo stays*, and the "
        "switch *Keep the subject recognisable*."
    ),
    deferred("**Only the colours are wrong?** The look *My colours* keeps the photo's."),
)

_MARKS = (":material/thumb_down:", ":material/thumb_up:")

#: Of each pair of `GUIDE`: why it comes out badly, and what is done instead.
_TEXTS = (
    (
        deferred("A face after a painting of few, flat colours: one of them covers it"),
        deferred("After a painting with as many shades as the face"),
    ),
    (
        deferred("An animal after a painting of hills and sky: its back becomes sky"),
        deferred("After a painting whose lines follow the forms"),
    ),
)


def guide_panel(gallery: Gallery) -> None:
    """Draw the guide, closed at first; its pictures are not sent before it is opened."""
    title = text("Which painting for which photo?")
    panel = st.expander(title, icon=":material/help:", key="guide", on_change="rerun")
    if not panel.open:
        return
    with panel:
        st.markdown("\n".join(f"* {text(rule)}" for rule in _RULES))
        for number, (pair, texts) in enumerate(zip(GUIDE, _TEXTS, strict=True)):
            with st.container(horizontal=True, key=f"guide_{number}"):
                for painted, mark, words in zip(pair, _MARKS, texts, strict=True):
                    with st.container():
                        st.image(data_url(picture(painted.name)), width="stretch", alt=_spoken(painted, gallery))
                        st.caption(f"{mark} {text(words)}")


def _spoken(painted: Painted, gallery: Gallery) -> str:
    titles = {preset.id: text(preset.title) for preset in gallery.photos + gallery.paintings}
    photo, painting = titles.get(painted.photo, painted.photo), titles.get(painted.painting, painted.painting)
    look = next(look.title for look in LOOKS if look.name == painted.look)
    return text("{photo} after {painting}, look {look}", photo=photo, painting=painting, look=text(look))
