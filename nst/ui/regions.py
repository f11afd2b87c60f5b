"""The regions panel: where on the photo each painting goes, by brush, by a split, or by a likeness in colour."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import streamlit as st

from nst.errors import MaskError
from nst.images import Pixels, encode_jpeg, read_picture
from nst.masks import LEAST, Mask, resized
from nst.packed import PackedMask
from nst.regions import Region
from nst.selection import similar, subject
from nst.strokes import Stroke, rasterised
from nst.ui.choice import Choice
from nst.ui.paint import COLOURS, paint_canvas

#: Share of a region's colour over the photo where a selection put it; what is painted by hand shows as strongly.
_TINT = 0.55

_STAYS = "The photo, untouched"


@dataclass(frozen=True)
class Painted:
    """What is marked on one photo: `found` selections by region, and strokes on top of them."""

    photo: str
    found: dict[int, Mask] = field(default_factory=dict)
    strokes: tuple[Stroke, ...] = ()

    def masks(self, regions: int, shape: tuple[int, int]) -> list[Mask]:
        """Return the mask of each region (height, width)."""
        drawn = rasterised(self.strokes, regions, shape)
        touched = rasterised([replace(stroke, region=0) for stroke in self.strokes], 1, shape)[0]
        nothing = np.zeros(shape, np.float32)
        below = [resized(self.found.get(index, nothing), shape) * (1 - touched) for index in range(regions)]
        return [np.clip(one + other, 0, 1) for one, other in zip(drawn, below, strict=True)]


def regions_panel(photo: Choice, paintings: tuple[Choice, ...], busy: bool) -> tuple[Region, ...]:
    """Draw the panel; return the regions, none if all of the photo is to be painted alike.

    The canvas is taken off the page while a job runs: its strokes would travel to and fro with every look at the job.
    """
    if not st.toggle("Paint by regions", key="regions", help="Say where on the photo each painting goes."):
        return ()
    painted, pixels = _painted(photo), read_picture(photo.preview()).pixels
    names = [painting.title for painting in paintings]
    if busy:
        st.caption("The brush is back when the picture is finished.")
    else:
        _canvas(pixels, photo.preview(), painted, _distinct(names))
        _selections(pixels, painted, names)
    rest = st.selectbox("What is not covered becomes", [_STAYS, *_distinct(names)], key="regions_rest")
    masks = painted.masks(len(paintings), (pixels.shape[0], pixels.shape[1]))
    regions = [
        Region(name, PackedMask.of(mask), _one_of(len(names), index))
        for index, (name, mask) in enumerate(zip(names, masks, strict=True))
        if np.max(mask) >= LEAST
    ]
    if not regions:
        st.caption("Nothing is covered yet, so the whole photo is painted.")
        return ()
    if rest != _STAYS:
        index = _distinct(names).index(rest)
        everything = PackedMask.of(np.ones((1, 1), np.float32))
        regions.insert(0, Region(f"{names[index]} for the rest", everything, _one_of(len(names), index)))
    return tuple(regions)


def _painted(photo: Choice) -> Painted:
    """Return what is marked on this photo; nothing if another one was chosen since."""
    kept: Painted | None = st.session_state.get("regions_painted")
    return kept if kept is not None and kept.photo == photo.source().sha256 else Painted(photo.source().sha256)


def _keep(painted: Painted) -> None:
    st.session_state.regions_painted = painted
    st.session_state.regions_error = None


def _canvas(pixels: Pixels, preview: bytes, painted: Painted, names: Sequence[str]) -> None:
    def take(strokes: tuple[Stroke, ...] | MaskError) -> None:
        if isinstance(strokes, MaskError):
            st.session_state.regions_error = str(strokes)
        else:
            _keep(replace(painted, strokes=strokes))

    jpeg = encode_jpeg(_tinted(pixels, painted.found), 85) if painted.found else preview
    paint_canvas("Paint where the paintings go", jpeg, pixels.shape[:2], names, painted.strokes, "regions_canvas", take)
    if sentence := st.session_state.get("regions_error"):
        st.error(sentence)


def _selections(pixels: Pixels, painted: Painted, names: Sequence[str]) -> None:
    """Draw the buttons that mark by themselves."""
    with st.container(horizontal=True, key="regions_selections"):
        st.button(
            "Mark the subject", icon=":material/person:", key="regions_subject", on_click=_mark,
            args=(painted, lambda: _split(pixels, len(names))),
            help="Finds what stands out in the middle. With two paintings the background gets the second one.",
        )  # fmt: skip
        last = next((stroke for stroke in reversed(painted.strokes) if stroke.region is not None), None)
        st.button(
            "Mark what looks alike", icon=":material/colorize:", key="regions_similar", disabled=last is None,
            on_click=_mark, args=(painted, lambda: _alike(pixels, painted, last)),
            help="Marks everything of the colour under the end of your last stroke.",
        )  # fmt: skip
        st.button("Unmark all", icon=":material/layers_clear:", key="regions_clear", on_click=_keep,
                  args=(Painted(painted.photo),), disabled=not (painted.found or painted.strokes))  # fmt: skip
    st.slider(
        "How alike", 2, 60, 20, key="regions_tolerance", help="Larger marks more colours; 2 can just be told apart."
    )


def _mark(painted: Painted, find: Callable[[], dict[int, Mask]]) -> None:
    try:
        _keep(replace(painted, found={**painted.found, **find()}))
    except MaskError as error:
        st.session_state.regions_error = str(error)


def _split(pixels: Pixels, regions: int) -> dict[int, Mask]:
    mask = subject(pixels)
    return {0: mask} if regions == 1 else {0: mask, 1: 1 - mask}


def _alike(pixels: Pixels, painted: Painted, stroke: Stroke | None) -> dict[int, Mask]:
    if stroke is None or stroke.region is None:
        return {}
    mask = similar(pixels, stroke.points[-1], float(st.session_state.regions_tolerance))
    # What another selection has is taken away from it.
    others = {index: other * (1 - mask) for index, other in painted.found.items() if index != stroke.region}
    own = painted.found.get(stroke.region)
    return {**others, stroke.region: mask if own is None else np.maximum(own, mask)}


def _tinted(pixels: Pixels, found: dict[int, Mask]) -> Pixels:
    shown = pixels.astype(np.float32)
    for index, mask in found.items():
        colour = np.array([int(COLOURS[index][at : at + 2], 16) for at in (1, 3, 5)], np.float32)
        shown += _TINT * mask[..., None] * (colour - shown)
    return np.clip(np.rint(shown), 0, 255).astype(np.uint8)


def _distinct(names: Sequence[str]) -> list[str]:
    """Return names of which no two are alike: the same painting may be chosen twice."""
    return [f"{name} ({index + 1})" if names.count(name) > 1 else name for index, name in enumerate(names)]


def _one_of(count: int, index: int) -> tuple[float, ...]:
    return tuple(float(each == index) for each in range(count))
