"""The regions panel: where on the photo each painting goes, and how strongly."""

import re
import secrets
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import streamlit as st

from nst.errors import ConfigError, MaskError
from nst.images import read_picture
from nst.marks import Marks
from nst.masks import HIDDEN, uncovered
from nst.packed import PackedMask
from nst.recipe import Recipe
from nst.regions import MAX_STRENGTH, Region
from nst.selection import subject
from nst.ui.choice import PAINTINGS, Choice, Kind, distinct
from nst.ui.marking import attempt, change_all, keep, marking_canvas, marks_on, mask_uploader
from nst.ui.paint import COLOURS
from nst.ui.painting import Palette
from nst.ui.shares import even, percents_of, share_key, shares_sliders
from nst.ui.titles import name as name_of

#: The most that can be added here; what no region covers may be one more.
_MOST_PARTS = 6

#: Round numbers, as many a decade as one can tell apart; 0 is "left as the photo".
_STRENGTHS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 30.0, 50.0, MAX_STRENGTH)

#: What a region is painted with: one of the paintings, all of them, or none.
Manner = Kind | Literal["blend", "photo"]


@dataclass(frozen=True)
class Part:
    """A region as it is edited.

    Attributes:
        uid: Part of the keys of its controls.
        manner: What it is painted with.
        name: What the visitor calls it; empty for the name of what it is painted with.
        percents: Of a blend, the shares of all paintings but the first; empty for as much of each.
        strength: Over style_weight.
    """

    uid: str
    manner: Manner
    name: str = ""
    percents: tuple[int, ...] = ()
    strength: float = 1.0

    def key(self, control: str) -> str:
        """Return the key of one of its controls."""
        return f"region_{self.uid}_{control}"


def regions_panel(photo: Choice, palette: Palette, busy: bool) -> tuple[Region, ...]:
    """Draw the panel; return the regions, none if all of the photo is to be painted alike.

    The canvas is taken off the page while a job runs: its strokes would travel to and fro with every look at the job.
    """
    if not st.toggle("Paint by regions", key="regions", help="Say where on the photo each painting goes."):
        return ()
    parts = _parts(palette)
    names = distinct([part.name or _manners(palette)[part.manner] for part in parts])
    change_all("regions", lambda marks: marks.limited(len(parts)))
    if busy:
        st.caption("The brush is back when the picture is finished.")
    else:
        marking_canvas("regions", photo, "Paint where the paintings go", names)
        _subject_button(photo, len(parts))
    marks = marks_on("regions", photo)
    for index, (part, name) in enumerate(zip(parts, names, strict=True)):
        with st.expander(_heading(index, part, name, palette, marks), key=part.key("panel")):
            _editor(index, part, name, palette, photo, len(parts))
    st.button(
        "Add a region", icon=":material/add:", key="regions_add", on_click=_add, args=(parts, palette),
        disabled=len(parts) >= _MOST_PARTS,
    )  # fmt: skip
    rest = _rest(palette)
    return _regions(parts, names, rest, marks, palette)


def put_regions(recipe: Recipe, kinds: tuple[Kind, ...]) -> None:
    """Set the panel as a recipe has it; to be called before it is drawn.

    Raises:
        ConfigError: if nothing is left of a region, which no recipe of ours has.
    """
    rest = rest_of(recipe)
    regions = recipe.regions[1:] if rest else recipe.regions
    if regions:
        try:
            marks = Marks.of([region.mask.mask for region in regions], [region.name for region in regions])
        except MaskError as error:
            raise ConfigError(f"recipe: {error}") from error
        keep("regions", recipe.content.sha256, marks)
        st.session_state.parts = tuple(_part(region, recipe, kinds) for region in regions)
        st.session_state.rest = _manner(rest, kinds) if rest else "photo"
        st.session_state.pop("regions_rest", None)
    st.session_state.regions = bool(regions)


def rest_of(recipe: Recipe) -> Region | None:
    """Return the region that lies below all others and covers everything: what is painted where no other is."""
    first = recipe.regions[0] if len(recipe.regions) > 1 else None
    return first if first is not None and first.strength == 1 and np.min(first.mask.mask) == 1 else None


def _part(region: Region, recipe: Recipe, kinds: tuple[Kind, ...]) -> Part:
    """Return a recipe's region as one to be edited."""
    manner = _manner(region, kinds)
    percents = percents_of(region.shares[: len(kinds)]) if manner == "blend" else ()
    follows = manner in kinds and region.name == name_of(recipe.styles[kinds.index(manner)])
    return Part(secrets.token_hex(3), manner, "" if follows else region.name, percents, region.strength or 1.0)


def _manner(region: Region, kinds: tuple[Kind, ...]) -> Manner:
    """Return what a region is painted with; paintings that the page has no room for are left out."""
    used = [kind for kind, share in zip(kinds, region.shares, strict=False) if share > 0]
    if region.strength == 0 or not used:
        return "photo"
    return used[0] if len(used) == 1 else "blend"


def _parts(palette: Palette) -> tuple[Part, ...]:
    """Return the regions as their controls have them, at first one for each painting."""
    untouched = [_first_parts(PAINTINGS[:count]) for count in range(1, len(PAINTINGS) + 1)]
    parts: tuple[Part, ...] = st.session_state.setdefault("parts", untouched[0])
    if parts in untouched:
        parts = _first_parts(palette.kinds)
    parts = tuple(_edited(part, palette) for part in parts)
    st.session_state.parts = parts
    return parts


def _first_parts(kinds: tuple[Kind, ...]) -> tuple[Part, ...]:
    return tuple(Part(kind, kind) for kind in kinds)


def _edited(part: Part, palette: Palette) -> Part:
    """Return a region as its controls have it, as far as they are on the page: then they are in the session's state."""
    state = st.session_state
    manner = state.get(part.key("manner"), part.manner)
    keys = [share_key(part.key(""), kind) for kind in palette.kinds[1:]]
    return Part(
        part.uid,
        manner if manner in _manners(palette) else palette.kinds[0],
        state.get(part.key("name"), part.name).strip(),
        tuple(state[key] for key in keys) if all(key in state for key in keys) else part.percents,
        state.get(part.key("strength"), part.strength),
    )


def _manners(palette: Palette) -> dict[Manner, str]:
    """Return what a region can be painted with, and how that is called."""
    titles = distinct([painting.title for painting in palette.paintings])
    manners: dict[Manner, str] = dict(zip(palette.kinds, titles, strict=True))
    if len(palette.kinds) > 1:
        manners["blend"] = "A blend"
    return {**manners, "photo": "The photo, untouched"}


def _subject_button(photo: Choice, regions: int) -> None:
    def split(marks: Marks) -> Marks:
        mask = subject(read_picture(photo.preview()).pixels)
        return marks.marked(0, mask, instead=True) if regions == 1 else marks.split(mask)

    st.button(
        "Mark the subject", icon=":material/person:", key="regions_subject",
        on_click=attempt, args=("regions", photo, split),
        help="Finds what stands out in the middle, for the first region. If there is a second one, it gets the rest.",
    )  # fmt: skip


def _heading(index: int, part: Part, name: str, palette: Palette, marks: Marks) -> str:
    """Return a region in a line of Markdown: its colour, name, painting and strength, and whether it is anywhere."""
    facts = [_manners(palette)[part.manner]] if part.name else []
    if part.strength != 1 and part.manner != "photo":
        facts.append(f"{part.strength:g}×")
    if index not in marks.masks:
        facts.append("nothing marked yet")
    small = f" :small[:gray[· {_literal(' · '.join(facts))}]]" if facts else ""
    return f':color[●]{{foreground="{COLOURS[index]}"}} {_literal(name)}{small}'


def _literal(text: str) -> str:
    """Return Markdown that shows as this text."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _editor(index: int, part: Part, name: str, palette: Palette, photo: Choice, count: int) -> None:
    """Draw the controls of one region."""
    state, manners = st.session_state, _manners(palette)
    state[part.key("manner")] = part.manner
    st.selectbox("Painted with", list(manners), format_func=manners.__getitem__, key=part.key("manner"))
    if part.manner == "blend":
        percents = part.percents if len(part.percents) == len(palette.kinds) - 1 else even(len(palette.kinds))
        for kind, percent in zip(palette.kinds[1:], percents, strict=True):
            state.setdefault(share_key(part.key(""), kind), percent)
        shares_sliders(palette.kinds, palette.paintings, part.key(""))
    if part.manner != "photo":
        state.setdefault(part.key("strength"), part.strength)
        st.select_slider(
            "Strength", sorted({*_STRENGTHS, part.strength}), format_func=lambda strength: f"{strength:g}×",
            key=part.key("strength"), help="Of the style here, over that of the whole picture.",
        )  # fmt: skip
    state.setdefault(part.key("name"), part.name)
    st.text_input("Name", key=part.key("name"), placeholder=name, max_chars=40)
    mask_uploader("regions", photo, index, name)
    st.button(
        "Remove this region", icon=":material/delete:", key=part.key("remove"), on_click=_remove, args=(index,),
        disabled=count == 1,
    )  # fmt: skip


def _add(parts: tuple[Part, ...], palette: Palette) -> None:
    """Add a region, for a painting that has none yet, or else for the photo itself."""
    unused = [kind for kind in palette.kinds if all(part.manner != kind for part in parts)]
    st.session_state.parts = (*parts, Part(secrets.token_hex(3), unused[0] if unused else "photo"))


def _remove(index: int) -> None:
    parts: tuple[Part, ...] = st.session_state.parts
    left = parts[:index] + parts[index + 1 :]
    # With other keys: they are no longer those that there are at first, which follow the paintings.
    st.session_state.parts = tuple(replace(part, uid=secrets.token_hex(3)) for part in left)
    change_all("regions", lambda marks: marks.without(index))


def _rest(palette: Palette) -> Manner:
    manners = _manners(palette)
    options: list[Manner] = ["photo", *(manner for manner in manners if manner != "photo")]
    state = st.session_state
    kept: Manner = state.get("regions_rest", state.get("rest", "photo"))
    state.regions_rest = kept if kept in options else "photo"
    state.rest = st.selectbox(
        "What is not covered becomes", options, format_func=manners.__getitem__, key="regions_rest"
    )
    return state.rest


def _regions(
    parts: tuple[Part, ...], names: list[str], rest: Manner, marks: Marks, palette: Palette
) -> tuple[Region, ...]:
    """Return what the engine is told."""
    regions = [
        Region(
            names[index],
            mask,
            _shares(parts[index].manner, parts[index].percents, palette),
            0.0 if parts[index].manner == "photo" else parts[index].strength,
        )
        for index, mask in marks.packed.items()
    ]
    if not regions:
        st.caption("Nothing is covered yet, so the whole photo is painted.")
    elif rest != "photo" and np.mean(uncovered(list(marks.masks.values()))) >= HIDDEN:
        everything = PackedMask.of(np.ones((1, 1), np.float32))
        shares = palette.shares if rest == "blend" else _shares(rest, (), palette)
        regions.insert(0, Region(f"{_manners(palette)[rest]} for the rest", everything, shares))
    return tuple(regions)


def _shares(manner: Manner, percents: tuple[int, ...], palette: Palette) -> tuple[float, ...]:
    """Return how much of each painting; of a region that is left as the photo it does not matter."""
    if manner == "blend":
        percents = percents if len(percents) == len(palette.kinds) - 1 else even(len(palette.kinds))
        return (float(max(0, 100 - sum(percents))), *map(float, percents))
    return tuple(
        float(kind == manner or (manner == "photo" and index == 0)) for index, kind in enumerate(palette.kinds)
    )
