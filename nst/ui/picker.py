"""A row or grid of clickable thumbnails, operated like a group of radio buttons."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st


@dataclass(frozen=True)
class Item:
    """One thumbnail: `title` and `byline` stand below it, `description` is for those who cannot see it."""

    id: str
    title: str
    byline: str
    description: str
    jpeg: bytes


_CSS = """
.group { display: flex; gap: 10px; padding: 4px; font-family: var(--st-font); }
.strip { overflow-x: auto; scrollbar-width: thin; }
.strip button { flex: 0 0 92px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(94px, 1fr)); max-height: 25rem;
        overflow-y: auto; scrollbar-width: thin; }
button { all: unset; align-self: start; min-width: 0; box-sizing: border-box; cursor: pointer;
         border-radius: var(--st-base-radius); color: var(--st-text-color); }
img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: var(--st-base-radius);
      border: 1px solid var(--st-border-color); box-sizing: border-box; }
span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
       font-size: 0.75rem; line-height: 1.25; }
.title { margin-top: 5px; }
.byline { opacity: 0.7; font-size: 0.7rem; }
button:hover img { filter: brightness(1.06); }
button[aria-checked="true"] img { outline: 3px solid var(--st-primary-color); outline-offset: 1px; }
button[aria-checked="true"] .title { font-weight: 600; }
button:focus-visible { outline: 2px dashed var(--st-primary-color); outline-offset: 4px; }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  let group = parentElement.querySelector(".group");
  if (!group) {
    group = document.createElement("div");
    group.setAttribute("role", "radiogroup");
    parentElement.appendChild(group);
  }
  group.className = "group " + data.layout;
  group.setAttribute("aria-label", data.label);

  // Rebuilt only when the items change, so that a new selection neither flickers nor scrolls back.
  const ids = data.items.map((item) => item.id + item.src.length).join("|");
  if (group.dataset.ids !== ids) {
    group.dataset.ids = ids;
    group.replaceChildren(...data.items.map(thumbnail));
  }
  const buttons = [...group.children];
  const select = (id) => {
    const known = buttons.some((button) => button.dataset.id === id);
    buttons.forEach((button, index) => {
      const checked = button.dataset.id === id;
      button.setAttribute("aria-checked", checked);
      // One stop for the Tab key in the whole group; the arrow keys go on from there.
      button.tabIndex = checked || (!known && index === 0) ? 0 : -1;
    });
  };
  const pick = (button) => {
    select(button.dataset.id);
    setTriggerValue("picked", button.dataset.id);
  };
  group.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) pick(button);
  };
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  group.onkeydown = (event) => {
    const index = buttons.indexOf(event.target.closest("button"));
    if (index < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = buttons[(index + steps[event.key] + buttons.length) % buttons.length];
    next.focus();
    pick(next);
  };
  select(data.selected);
}

function thumbnail(item) {
  const button = document.createElement("button");
  const image = document.createElement("img");
  const line = (name) => {
    const span = document.createElement("span");
    span.className = name;
    span.textContent = item[name];
    return span;
  };
  button.type = "button";
  button.dataset.id = item.id;
  button.setAttribute("role", "radio");
  button.setAttribute("aria-label", [item.title, item.byline].filter(Boolean).join(", "));
  button.setAttribute("aria-description", item.description);
  button.title = item.title;
  image.src = item.src;
  image.alt = "";  // the button's description already says it
  button.append(image, line("title"), line("byline"));
  return button;
}
"""

_component = st.components.v2.component("nst_picker", css=_CSS, js=_JS)


def picker(
    label: str,
    items: Sequence[Item],
    selected: str,
    layout: Literal["strip", "grid"],
    key: str,
    on_pick: Callable[[str], None],
) -> None:
    """Draw the thumbnails; a click calls `on_pick` with the item's id before the page runs again."""

    def picked() -> None:
        on_pick(st.session_state[key].picked)

    _component(
        key=key,
        data={
            "label": label,
            "layout": layout,
            "selected": selected,
            "items": [_entry(item) for item in items],
        },
        on_picked_change=picked,
    )


def _entry(item: Item) -> dict[str, str]:
    return {
        "id": item.id,
        "title": item.title,
        "byline": item.byline,
        "description": item.description,
        "src": data_url(item.jpeg),
    }


def data_url(jpeg: bytes) -> str:
    """Return a JPEG as a URL that travels with the page, so that no store on the server has to keep it."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
