"""The switch "Show my photo in every painting", and what keeps the gallery's thumbnails up to date.

The thumbnails are those of the picker of paintings; what is drawn here cannot be seen and hands it the sketches as
they come, so that the picker itself is never drawn anew under somebody's fingers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from nst.config import StyleTransferConfig
from nst.errors import HostingError, StyleTransferError
from nst.jobs.sketches import SketchNews, Wish
from nst.pictures.gallery import Gallery
from nst.ui import resources
from nst.ui.pictures.choice import Choice, Upload, is_chosen
from nst.ui.pictures.sketches import SWITCH, can_be_sketched, wish
from nst.ui.settings.others import settings_for
from nst.ui.visitor import network, visitor
from nst.ui.widgets.component import component, data_url
from nst.ui.widgets.markdown import literal

#: Seconds between two looks at what has come.
TICK_SECONDS = 1.0
#: Thumbnails in one message to the browser; a message that has not changed is not sent again.
_BATCH = 6

#: What the keys of the components begin with that hand them over.
_KEY = "sketches_"

_thumbnails = component("sketches")


def mosaic_panel(
    gallery: Gallery,
    photo: Choice,
    chosen: Sequence[Choice],
    config: StyleTransferConfig | StyleTransferError,
    busy: bool,
) -> None:
    """Draw the switch, once the visitor has chosen a photo, and let the thumbnails follow.

    Args:
        gallery: The paintings that there are.
        photo: The chosen one.
        chosen: The chosen paintings.
        config: The settings as they are now.
        busy: Whether a picture of this visitor waits or is painted: sketches come after it.
    """
    if not is_chosen("photo") or not resources.limits().hourly_sketches:
        return
    st.session_state.setdefault(SWITCH, True)
    st.toggle("Show my photo in every painting", key=SWITCH)
    if not st.session_state[SWITCH]:
        return
    if not isinstance(config, StyleTransferConfig) or not can_be_sketched(config):
        st.caption("With these settings there are no sketches; the paintings stand for themselves.")
        return
    wishes = _wishes(gallery, photo, chosen[0], config)
    news = _ask(_in_view_first(wishes))
    run_every = TICK_SECONDS if news.left and not news.is_spent and not busy else None
    st.fragment(_tick, run_every=run_every)(photo.source().sha256, wishes, busy, run_every is not None)


def _wishes(gallery: Gallery, photo: Choice, chosen: Choice, config: StyleTransferConfig) -> dict[str, Wish]:
    """Return a wish for every painting by its id among the thumbnails: the chosen one first, then in their order."""
    upload: Upload | None = st.session_state.get("painting_upload")
    own = [] if upload is None else [Choice(upload)]
    others = [each for each in (*own, *map(Choice, gallery.paintings)) if each.id != chosen.id]
    return {chosen.id: wish(photo, chosen, config)} | {
        each.id: wish(photo, each, settings_for(config, each)) for each in others
    }


def _ask(wishes: Mapping[str, Wish]) -> SketchNews:
    return resources.runner().sketches(list(wishes.values()), visitor(), network=network())


def _tick(photo: str, wishes: dict[str, Wish], busy: bool, ticks: bool) -> None:
    """Hand over what has come, and say how far it is."""
    try:
        news = _ask(_in_view_first(wishes))
    except HostingError as error:
        st.caption(literal(str(error)))
        return
    if ticks and (not news.left or news.is_spent):
        st.rerun()  # without a tick from now on
    shown = _shown(photo, wishes, news)
    st.caption(_sentence(len(wishes), news, busy))
    with st.container(key="sketches"):
        _hand_over(sorted(wishes), shown, asks=news.left > 0)


def _hand_over(ids: Sequence[str], shown: Mapping[str, str], *, asks: bool) -> None:
    """Give the picker its sketches, and with `asks` be told what is in view; draws nothing that can be seen."""
    for number, first in enumerate(range(0, len(ids), _BATCH)):
        srcs = {each: shown[each] for each in ids[first : first + _BATCH] if each in shown}
        data = {"picker": "painting_picker", "batch": number, "srcs": srcs, "asks": asks and number == 0}
        _thumbnails(key=f"{_KEY}{number}", data=data, on_seen_change=_seen)


def _in_view_first(wishes: Mapping[str, Wish]) -> dict[str, Wish]:
    """Return the wishes with those for thumbnails in view behind the chosen painting's, before all others."""
    state: Any = st.session_state.get(f"{_KEY}0")
    seen = None if state is None else state.get("seen")
    chosen = next(iter(wishes))
    # What the browser says may be anything.
    first = [chosen, *(each for each in seen if each in wishes)] if isinstance(seen, list) else [chosen]
    return {each: wishes[each] for each in dict.fromkeys((*first, *wishes))}


def _seen() -> None:
    """Look again: other thumbnails have come into view."""


def _shown(photo: str, wishes: Mapping[str, Wish], news: SketchNews) -> dict[str, str]:
    """Return the sketches to show, as URLs: where the one for the present settings is not there, the one before it."""
    of, shown = st.session_state.get("mosaic_shown", ("", {}))
    shown = dict(shown) if of == photo else {}
    shown |= {each: data_url(news.done[wished.key].jpeg) for each, wished in wishes.items() if wished.key in news.done}
    st.session_state.mosaic_shown = photo, shown
    return shown


def _sentence(count: int, news: SketchNews, busy: bool) -> str:
    if not news.left:
        return "First sketches, 128 pixels each. Choose one: Stylise goes on from it."
    done = f"First sketches, 128 pixels each: {len(news.done)} of {count}."
    if news.is_spent:
        most = resources.limits().hourly_sketches
        return f"{done} This server paints {most} in an hour for each visitor; the others come later."
    return f"{done} The others come when your picture is finished." if busy else f"{done} The others are on their way."
