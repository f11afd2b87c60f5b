"""The regions of the photo as they are edited: from controls or a recipe, and what the engine is told of them."""

import secrets
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import streamlit as st

from nst.errors import ConfigError, MaskError
from nst.masks.editing import MaskEdits
from nst.masks.mask import HIDDEN, uncovered
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.recipes.recipe import Recipe
from nst.ui.language import SOURCE, speaking, text
from nst.ui.pictures.blend import blend_key, even, percents_of, with_first
from nst.ui.pictures.choice import PAINTINGS, Kind, distinct
from nst.ui.pictures.painting import ChosenPaintings
from nst.ui.pictures.titles import name as name_of
from nst.ui.regions.mask_edits import change_all, entries

#: What a region is painted with: one of the paintings, all of them, or none.
Manner = Kind | Literal["blend", "photo"]


@dataclass(frozen=True)
class RegionDraft:
    """A region as it is edited.

    Attributes:
        uid: Part of the keys of its controls.
        manner: What it is painted with.
        name: What the visitor calls it; empty for the name of what it is painted with.
        percents: Of a blend, the weights of all paintings but the first; empty for as much of each.
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


def drafts_of(palette: ChosenPaintings) -> tuple[RegionDraft, ...]:
    """Return the regions as their controls have them; as long as nobody has changed them, one for each painting."""
    drafts: tuple[RegionDraft, ...] = st.session_state.get("drafts", ())
    if _untouched(drafts):
        drafts = _one_each(palette.kinds)
    drafts = tuple(_edited(draft, palette) for draft in drafts)
    st.session_state.drafts = drafts
    return drafts


def _one_each(kinds: tuple[Kind, ...]) -> tuple[RegionDraft, ...]:
    """Return a region for each painting, known by the painting's kind."""
    return tuple(RegionDraft(kind, kind) for kind in kinds)


def _untouched(drafts: tuple[RegionDraft, ...]) -> bool:
    return drafts == _one_each(PAINTINGS[: len(drafts)])


def _edited(draft: RegionDraft, palette: ChosenPaintings) -> RegionDraft:
    """Return a region as its controls have it, as far as they are on the page: then they are in the session's state."""
    state = st.session_state
    manner = state.get(draft.key("manner"), draft.manner)
    keys = [blend_key(draft.key(""), kind) for kind in palette.kinds[1:]]
    return RegionDraft(
        draft.uid,
        manner if manner in manners(palette) else palette.kinds[0],
        state.get(draft.key("name"), draft.name).strip(),
        tuple(state[key] for key in keys) if all(key in state for key in keys) else draft.percents,
        state.get(draft.key("strength"), draft.strength),
    )


def manners(palette: ChosenPaintings) -> dict[Manner, str]:
    """Return what a region can be painted with, and how that is called."""
    titles = distinct([painting.title for painting in palette.paintings])
    labels: dict[Manner, str] = dict(zip(palette.kinds, titles, strict=True))
    if len(palette.kinds) > 1:
        labels["blend"] = text("A blend")
    return {**labels, "photo": text("The photo, untouched")}


def names_of(drafts: tuple[RegionDraft, ...], palette: ChosenPaintings) -> list[str]:
    """Return what the regions are called, no two of them alike."""
    labels = manners(palette)
    return distinct([draft.name or labels[draft.manner] for draft in drafts])


def add(drafts: tuple[RegionDraft, ...], palette: ChosenPaintings) -> None:
    """Add a region, for a painting that has none yet, or else for the photo itself."""
    unused = [kind for kind in palette.kinds if all(draft.manner != kind for draft in drafts)]
    st.session_state.drafts = (*drafts, RegionDraft(secrets.token_hex(3), unused[0] if unused else "photo"))


def remove(index: int) -> None:
    """Remove a region, and what is marked for it."""
    drafts: tuple[RegionDraft, ...] = st.session_state.drafts
    kept = drafts[:index] + drafts[index + 1 :]
    # Under other names: what is kept of the first regions must not pass for untouched and follow the paintings again.
    st.session_state.drafts = tuple(replace(draft, uid=secrets.token_hex(3)) for draft in kept)
    change_all("regions", lambda edits: edits.without(index))


def engine_regions(
    drafts: tuple[RegionDraft, ...], rest: Manner, edits: MaskEdits, palette: ChosenPaintings
) -> tuple[Region, ...]:
    """Return what the engine is told: the regions that cover anything, on top of what becomes of the rest."""
    with speaking(SOURCE):  # as the recipe is the same for all visitors
        return _engine_regions(drafts, rest, edits, palette)


def _engine_regions(
    drafts: tuple[RegionDraft, ...], rest: Manner, edits: MaskEdits, palette: ChosenPaintings
) -> tuple[Region, ...]:
    names = names_of(drafts, palette)
    regions = [
        Region(names[index], mask, _blend_weights(draft, palette), 0.0 if draft.manner == "photo" else draft.strength)
        for index, mask in edits.packed.items()
        for draft in [drafts[index]]
    ]
    if regions and rest != "photo" and np.mean(uncovered(list(edits.masks.values()))) >= HIDDEN:
        weights = palette.blend_weights if rest == "blend" else _blend_weights(RegionDraft("", rest), palette)
        regions.insert(0, Region(f"{manners(palette)[rest]} for the rest", PackedMask.everything(), weights))
    return tuple(regions)


def percents_in(draft: RegionDraft, palette: ChosenPaintings) -> tuple[int, ...]:
    """Return the percents of a blend of the paintings that there are now."""
    added = len(palette.kinds) - 1
    return draft.percents if len(draft.percents) == added else even(added + 1)


def _blend_weights(draft: RegionDraft, palette: ChosenPaintings) -> tuple[float, ...]:
    """Return how much of each painting; of a region that is left as the photo it does not matter."""
    if draft.manner == "blend":
        return tuple(map(float, with_first(percents_in(draft, palette))))
    painting = palette.kinds[0] if draft.manner == "photo" else draft.manner
    return tuple(float(kind == painting) for kind in palette.kinds)


def region_entries(recipe: Recipe, kinds: tuple[Kind, ...]) -> dict[str, Any]:
    """Return what the session's state holds when the panel is as a recipe has it.

    Raises:
        ConfigError: if nothing is left of a region, which no recipe of ours has.
    """
    rest = rest_of(recipe)
    regions = recipe.regions[1:] if rest else recipe.regions
    if not regions:
        return {"regions": False}
    try:
        edits = MaskEdits.of([region.mask.mask for region in regions], [region.name for region in regions])
    except MaskError as error:
        raise ConfigError(f"recipe: {error}") from error
    manner = _manner(rest, kinds) if rest else "photo"
    return {
        "regions": True,
        "drafts": tuple(_drafted(region, recipe, kinds) for region in regions),
        "rest": manner,
        "regions_rest": manner,
        **entries("regions", {recipe.content.sha256: edits}),
    }


def rest_of(recipe: Recipe) -> Region | None:
    """Return the region that lies below all others and covers everything: what is painted where no other is."""
    first = recipe.regions[0] if len(recipe.regions) > 1 else None
    return first if first is not None and first.strength == 1 and np.min(first.mask.mask) == 1 else None


def _drafted(region: Region, recipe: Recipe, kinds: tuple[Kind, ...]) -> RegionDraft:
    """Return a recipe's region as one to be edited."""
    manner = _manner(region, kinds)
    percents = percents_of(region.shares[: len(kinds)]) if manner == "blend" else ()
    with speaking(SOURCE):
        follows = manner in kinds and region.name == name_of(recipe.styles[kinds.index(manner)])
    return RegionDraft(secrets.token_hex(3), manner, "" if follows else region.name, percents, region.strength or 1.0)


def _manner(region: Region, kinds: tuple[Kind, ...]) -> Manner:
    """Return what a region is painted with; paintings that the page has no room for are left out."""
    used = [kind for kind, share in zip(kinds, region.shares, strict=False) if share > 0]
    if region.strength == 0 or not used:
        return "photo"
    return used[0] if len(used) == 1 else "blend"
