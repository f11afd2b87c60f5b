"""The photo with a brush over it: regions are painted by mouse, finger, pen or keyboard.

The browser sends strokes, never pixels: they are small, and Python draws the masks (`nst.strokes`). The component
keeps what it shows; Python's strokes replace that only when it is new on the page or shows another photo, so that a
slow answer never takes back what was painted since.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict

import streamlit as st

from nst.errors import MaskError
from nst.strokes import MAX_POINTS, MAX_RADIUS, MAX_REGIONS, MAX_STROKES, MIN_RADIUS, Stroke, parse_strokes
from nst.ui.component import component, data_url

#: One colour a region, told apart by most people with a colour vision deficiency too (after Okabe and Ito 2008).
COLOURS = ("#d55e00", "#0072b2", "#f0e442", "#cc79a7", "#009e73", "#56b4e9", "#e69f00", "#7f3c8d")
assert len(COLOURS) == MAX_REGIONS

#: The brush to begin with, over the photo's width.
RADIUS = 0.04

_component = component("paint")


def paint_canvas(
    label: str,
    jpeg: bytes,
    size: tuple[int, int],
    regions: Sequence[str],
    strokes: Sequence[Stroke],
    key: str,
    on_paint: Callable[[tuple[Stroke, ...] | MaskError], None],
) -> None:
    """Draw the photo to be painted on.

    Each stroke, undo and clear calls `on_paint` with all strokes, or with the sentence that says why they were
    refused, before the page runs again. A page that keeps them gives them back as `strokes`.

    Args:
        label: What the canvas is, for those who cannot see it.
        jpeg: The photo as it is to be shown.
        size: (height, width) of it, in any unit.
        regions: Their names, 1 to `nst.strokes.MAX_REGIONS`; the order gives the index and the colour.
        strokes: What is painted already.
        key: The component's key.
        on_paint: Keeps the strokes.
    """

    def painted() -> None:
        try:
            result: tuple[Stroke, ...] | MaskError = parse_strokes(st.session_state[key].painted, len(regions))
        except MaskError as error:
            result = error
        on_paint(result)

    _component(
        key=key,
        data={
            "label": label,
            "src": data_url(jpeg),
            "height": size[0],
            "width": size[1],
            "regions": [
                {"name": name, "colour": colour} for name, colour in zip(regions, COLOURS[: len(regions)], strict=True)
            ],
            "strokes": [asdict(stroke) for stroke in strokes],
            "radius": RADIUS,
            "thinnest": MIN_RADIUS * 4,
            "thickest": MAX_RADIUS,
            "most_strokes": MAX_STROKES,
            "most_points": MAX_POINTS,
        },
        on_painted_change=painted,
    )
