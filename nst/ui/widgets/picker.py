"""A row or grid of clickable thumbnails, operated like a group of radio buttons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import streamlit as st

from nst.ui.language import text
from nst.ui.widgets.component import component, data_url


@dataclass(frozen=True)
class Item:
    """One thumbnail: `title` and `byline` stand below it, `description` is for those who cannot see it.

    `group` is what the grid's menu filters by.
    """

    id: str
    title: str
    byline: str
    description: str
    jpeg: bytes
    group: str = ""

    @cached_property
    def src(self) -> str:
        """The picture as a URL."""
        return data_url(self.jpeg)


_component = component("picker")


def named_by(picked: object, items: Sequence[Item]) -> str | None:
    """Return the id of the item that the browser says was clicked; None if it says anything else."""
    return next((item.id for item in items if item.id == picked), None)


def picker(
    label: str,
    items: Sequence[Item],
    selected: str,
    layout: Literal["strip", "grid", "table", "wall"],
    key: str,
    on_pick: Callable[[str], None],
    columns: int = 1,
) -> None:
    """Draw the thumbnails; a click calls `on_pick` with the item's id before the page runs again.

    `columns` are those of a table, whose items come row by row.
    """

    def picked() -> None:
        if (name := named_by(st.session_state[key].picked, items)) is not None:
            on_pick(name)

    _draw(label, items, [selected], layout, key, picked, columns=columns)


def multiple_picker(
    label: str, items: Sequence[Item], selected: Sequence[str], key: str, on_pick: Callable[[list[str]], None]
) -> None:
    """Draw a grid of thumbnails, any number of which can be chosen.

    A click calls `on_pick` with their ids, in the order in which they were chosen, before the page runs again.
    """

    def picked() -> None:
        chosen: object = st.session_state[key].picked
        known = {item.id for item in items}
        # What the browser says may be anything.
        on_pick([each for each in dict.fromkeys(map(str, chosen)) if each in known] if isinstance(chosen, list) else [])

    _draw(label, items, selected, "grid", key, picked, multiple=True)


def _draw(
    label: str,
    items: Sequence[Item],
    selected: Sequence[str],
    layout: str,
    key: str,
    picked: Callable[[], None],
    *,
    columns: int = 1,
    multiple: bool = False,
) -> None:
    _component(
        key=key,
        data={
            "name": key,
            "label": label,
            "layout": layout,
            "selected": list(selected),
            "multiple": multiple,
            "columns": columns,
            "items": [_entry(item) for item in items],
            "texts": {
                "search": text("Search artist or title"),
                "search_help": text("Search the paintings"),
                "group": text("Movement"),
                "all": text("All movements"),
                "show_all": text("Show all {count}"),
                "none": text("No painting matches; try another word, or all movements."),
            },
        },
        on_picked_change=picked,
    )


def _entry(item: Item) -> dict[str, str]:
    return {
        "id": item.id,
        "title": item.title,
        "byline": item.byline,
        "description": item.description,
        "group": item.group,
        "src": item.src,
    }
