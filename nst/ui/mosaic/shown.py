"""Sketches in place of a picker's thumbnails, as they come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from nst.jobs.sketches import SketchNews, Wish
from nst.ui.widgets.component import component, data_url

#: Names of thumbnails in view that are read of what a browser says, which may be any number: no picker has more.
_MOST_SEEN = 200
#: Thumbnails in one message to the browser; a message that has not changed is not sent again.
_BATCH = 6

_thumbnails = component("sketches")


@dataclass(frozen=True)
class Mosaic:
    """What a picker's thumbnails are to turn into.

    Attributes:
        picker: Its key.
        of: The checksum of the picture that all sketches have in common.
        note: What each of them is, for those who cannot see it.
        wishes: By the ids of the thumbnails, the most wanted first.
    """

    picker: str
    of: str
    note: str
    wishes: Mapping[str, Wish]


def in_view_first(mosaic: Mosaic) -> list[Wish]:
    """Return the wishes in the order in which they are to be fulfilled: the first one, those in view, the others."""
    state: Any = st.session_state.get(_key(mosaic, 0))
    seen = None if state is None else state.get("seen")
    return [mosaic.wishes[each] for each in names_in_view_first(mosaic.wishes, seen)]


def names_in_view_first(names: Iterable[str], seen: object) -> list[str]:
    """Return names with the first one first, then those that the browser has `seen`, which may be anything."""
    first, *others = dict.fromkeys(names)
    said = seen[:_MOST_SEEN] if isinstance(seen, list) else []
    known = [each for each in said if isinstance(each, str) and each in others]
    return list(dict.fromkeys((first, *known, *others)))


def hand_over(mosaic: Mosaic, news: SketchNews) -> None:
    """Give a picker what has come, and as long as something is missing be told what is in view.

    Draws nothing that can be seen.
    """
    shown, ids = _shown(mosaic, news), sorted(mosaic.wishes)
    for number, first in enumerate(range(0, len(ids), _BATCH)):
        data = {
            "picker": mosaic.picker,
            "batch": number,
            "note": mosaic.note,
            "srcs": {each: shown[each] for each in ids[first : first + _BATCH] if each in shown},
            "asks": number == 0 and news.left > 0,
        }
        _thumbnails(key=_key(mosaic, number), data=data, on_seen_change=_seen)


def _shown(mosaic: Mosaic, news: SketchNews) -> dict[str, str]:
    """Return the sketches to show, as URLs: where the one for the present settings is not there, the one before it."""
    before = st.session_state.get(f"{mosaic.picker}_sketches", {})
    of, shown = before.get("of"), before.get("shown", {})
    found = {each: news.done[wish.key].jpeg for each, wish in mosaic.wishes.items() if wish.key in news.done}
    shown = {**(shown if of == mosaic.of else {}), **{each: data_url(jpeg) for each, jpeg in found.items()}}
    st.session_state[f"{mosaic.picker}_sketches"] = {"of": mosaic.of, "shown": shown}
    return shown


def _key(mosaic: Mosaic, number: int) -> str:
    return f"sketches_{mosaic.picker}_{number}"


def _seen() -> None:
    """Let the page look again: other thumbnails have come into view."""
