"""The switches that let the gallery's thumbnails turn into sketches, and what keeps them up to date.

The visitor's photo comes in every painting, and the visitor's own painting on every photo. The thumbnails are those of
the pickers; what is drawn here cannot be seen and hands them the sketches as they come, so that a picker itself is
never drawn anew under somebody's fingers.
"""

from collections.abc import Sequence

import streamlit as st

from nst.config import StyleTransferConfig
from nst.errors import HostingError, StyleTransferError
from nst.jobs.sketches import SketchNews
from nst.pictures.codec import Pixels, fitted_shape, resize_to
from nst.pictures.gallery import Gallery
from nst.plan.scales import Shape
from nst.ui import resources
from nst.ui.language import said, text
from nst.ui.mosaic.shown import Mosaic, hand_over, in_view_first
from nst.ui.pictures.choice import PREVIEW_SIDE, UPLOAD, Choice, Upload, is_chosen, page_jpeg
from nst.ui.pictures.sketches import SWITCH, can_be_sketched, wish
from nst.ui.settings.others import settings_for
from nst.ui.visitor import network, visitor
from nst.ui.widgets.compare import Side
from nst.ui.widgets.markdown import literal

#: Seconds between two looks at what has come.
TICK_SECONDS = 1.0
#: Key of the last sketch for which the page was drawn anew, to show it large.
_LARGE = "large_sketch"


def mosaic_panel(
    gallery: Gallery,
    photo: Choice,
    chosen: Sequence[Choice],
    config: StyleTransferConfig | StyleTransferError,
    busy: bool,
) -> None:
    """Draw the switches, each once the visitor has chosen a picture for it, and let the thumbnails follow.

    Args:
        gallery: The paintings and photos that there are.
        photo: The chosen one.
        chosen: The chosen paintings.
        config: The settings as they are now.
        busy: Whether a picture of this visitor waits or is painted: sketches come after it.
    """
    if not resources.limits().hourly_sketches:
        return
    in_paintings = is_chosen("photo") and _switched(text("Show my photo in every painting"), SWITCH)
    on_photos = chosen[0].id == UPLOAD and _switched(text("Show my painting on every photo"), "mosaic_photos")
    if not in_paintings and not on_photos:
        return
    if not isinstance(config, StyleTransferConfig) or not can_be_sketched(config):
        st.caption(text("With these settings there are no sketches; the gallery's pictures stand for themselves."))
        return
    mosaics = [_in_paintings(gallery, photo, chosen[0], config)] if in_paintings else []
    mosaics += [_on_photos(gallery, photo, chosen[0], config)] if on_photos else []
    news = _ask(mosaics)
    _has_come_large(mosaics, news)  # this run of the page shows it
    run_every = TICK_SECONDS if news.left and not news.is_spent and not busy else None
    st.fragment(_tick, run_every=run_every)(mosaics, busy, run_every is not None)


def large_sketch(
    photo: Choice, chosen: Sequence[Choice], config: StyleTransferConfig | StyleTransferError
) -> Side | None:
    """Return the sketch of what is chosen, for those who want to see it large; None as long as there is none."""
    is_wanted = st.session_state.get(SWITCH) and is_chosen("photo") and len(chosen) == 1
    if not is_wanted or not isinstance(config, StyleTransferConfig) or not can_be_sketched(config):
        return None
    key = wish(photo, chosen[0], config).key
    found = resources.runner().sketch(key)
    if found is None:
        return None
    alt = text("A first sketch of {photo} after {painting}", photo=photo.title, painting=chosen[0].title)
    return Side(text("First sketch"), alt, _enlarged(key, photo.shape, found.picture))


@st.cache_data(show_spinner=False, max_entries=64)
def _enlarged(key: str, shape: Shape, _picture: Pixels) -> bytes:
    """Return a sketch as large as the preview of its photo of (height, width), which it is laid upon; once a sketch."""
    return page_jpeg(resize_to(_picture, *fitted_shape(*shape, min(PREVIEW_SIDE, max(shape)))))


def _switched(label: str, key: str) -> bool:
    st.session_state.setdefault(key, True)
    return st.toggle(label, key=key)


def _in_paintings(gallery: Gallery, photo: Choice, chosen: Choice, config: StyleTransferConfig) -> Mosaic:
    """Return the photo in every painting: the chosen one first, then in their order."""
    upload: Upload | None = st.session_state.get("painting_upload")
    own = [] if upload is None else [Choice(upload)]
    wishes = {chosen.id: wish(photo, chosen, config)}
    for each in (*own, *map(Choice, gallery.paintings)):
        wishes.setdefault(each.id, wish(photo, each, settings_for(config, each)))
    note = text("A first sketch of your photo in the manner of this painting.")
    return Mosaic("painting_picker", photo.source().sha256, note, wishes)


def _on_photos(gallery: Gallery, photo: Choice, painting: Choice, config: StyleTransferConfig) -> Mosaic:
    """Return the painting on every photo: the chosen one first, then in their order."""
    upload: Upload | None = st.session_state.get("photo_upload")
    own = [] if upload is None else [Choice(upload)]
    photos = {each.id: each for each in (photo, *own, *map(Choice, gallery.photos))}
    wishes = {name: wish(each, painting, config) for name, each in photos.items()}
    note = text("A first sketch of this photo in the manner of your painting.")
    return Mosaic("photo_picker", painting.source().sha256, note, wishes)


def _ask(mosaics: Sequence[Mosaic]) -> SketchNews:
    wishes = [each for mosaic in mosaics for each in in_view_first(mosaic)]
    return resources.runner().sketches(wishes, visitor(), network=network())


def _tick(mosaics: Sequence[Mosaic], busy: bool, ticks: bool) -> None:
    """Hand over what has come, and say how far it is."""
    try:
        news = _ask(mosaics)
    except HostingError as error:
        st.caption(literal(said(str(error))))
        return
    if ticks and (not news.left or news.is_spent):
        st.rerun()  # without a tick from now on
    if _has_come_large(mosaics, news):
        st.rerun()  # the large picture is no part of this fragment
    st.caption(_sentence(news, busy))
    with st.container(key="sketches"):
        for mosaic in mosaics:
            hand_over(mosaic, news)


def _has_come_large(mosaics: Sequence[Mosaic], news: SketchNews) -> bool:
    """Note the sketch that is to be shown large, the first one, if it is there; return whether it was not before."""
    large = next(iter(mosaics[0].wishes.values())).key
    is_new = large in news.done and st.session_state.get(_LARGE) != large
    if is_new:
        st.session_state[_LARGE] = large
    return is_new


def _sentence(news: SketchNews, busy: bool) -> str:
    if not news.left:
        return text("First sketches, 128 pixels each. Choose one: Stylise goes on from it.")
    count = len(news.done)
    done = text("First sketches, 128 pixels each: {done} of {all}.", done=count, all=count + news.left)
    return f"{done} {_rest(news, busy)}"


def _rest(news: SketchNews, busy: bool) -> str:
    """Return when the sketches come that are not there yet."""
    if news.is_spent:
        most = resources.limits().hourly_sketches
        return text("This server paints {most} in an hour for each visitor; the others come later.", most=most)
    return text("The others come when your picture is finished.") if busy else text("The others are on their way.")
