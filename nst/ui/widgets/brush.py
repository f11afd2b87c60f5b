"""A picture with a brush over it: regions are painted by mouse, finger, pen or keyboard, or picked by their colour.

The browser sends strokes, never pixels: they are small, and Python draws the masks (`nst.masks.strokes`). The component
keeps what it shows; Python's strokes replace that only when there is another edition of the edits, so that a slow
answer never takes back what was painted since.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from io import BytesIO
from typing import Any, Literal

import numpy as np
import streamlit as st
from PIL import Image

from nst.errors import MaskError
from nst.masks.editing import MaskEdits
from nst.masks.mask import MAX_REGIONS, Mask
from nst.masks.selection import similar
from nst.masks.strokes import MAX_POINTS, MAX_RADIUS, MAX_STROKES, MIN_RADIUS, parse_strokes
from nst.pictures.codec import read_picture
from nst.ui.language import text
from nst.ui.widgets.component import component, data_url

#: One colour a region, told apart by most people with a colour vision deficiency too (after Okabe and Ito 2008).
COLOURS = ("#d55e00", "#0072b2", "#f0e442", "#cc79a7", "#009e73", "#56b4e9", "#e69f00", "#7f3c8d")
assert len(COLOURS) == MAX_REGIONS

#: The brush to begin with, over the picture's width.
RADIUS = 0.04
#: How far from the picked colour the marked ones may be, to begin with and at most; see `nst.masks.selection.similar`.
TOLERANCE, MOST_TOLERANCE = 20, 60

_component = component("paint")


def paint_canvas(
    label: str,
    jpeg: bytes,
    regions: Sequence[str],
    edits: MaskEdits,
    key: str,
    on_change: Callable[[MaskEdits | MaskError], None],
    wish: str = "",
) -> None:
    """Draw a picture to be painted on, with the edits over it.

    Each change calls `on_change` with all edits, or with the sentence that says why it was refused, before the page
    runs again. A page that keeps them gives them back as `edits`.

    Args:
        label: What the canvas is, for those who cannot see it.
        jpeg: The picture as it is to be shown.
        regions: Their names, 1 to `nst.masks.mask.MAX_REGIONS`; the order gives the index and the colour.
        edits: What is marked already.
        key: The component's key.
        on_change: Keeps the edits.
        wish: Of the visitor, to see the canvas; it comes into view whenever this is another one, and not empty.
    """

    def changed(event: str) -> None:
        try:
            result: MaskEdits | MaskError = _after(event, st.session_state[key][event], edits, len(regions), jpeg)
        except MaskError as error:
            result = error
        on_change(result)

    height, width = edits.shape
    _component(
        key=key,
        data={
            "label": label,
            "src": data_url(jpeg),
            "height": height,
            "width": width,
            "regions": [
                {"name": name, "colour": colour} for name, colour in zip(regions, COLOURS[: len(regions)], strict=True)
            ],
            "edition": edits.edition,
            "underlay": data_url(_underlay(edits), "png") if edits.stored else "",
            "strokes": [asdict(stroke) for stroke in edits.strokes],
            "undoable": bool(edits.past),
            "radius": RADIUS,
            "thinnest": MIN_RADIUS * 4,
            "thickest": MAX_RADIUS,
            "tolerance": TOLERANCE,
            "most_tolerance": MOST_TOLERANCE,
            "most_strokes": MAX_STROKES,
            "most_points": MAX_POINTS,
            "texts": _texts(),
            "wish": wish,
        },
        on_painted_change=lambda: changed("painted"),
        on_picked_change=lambda: changed("picked"),
        on_cleared_change=lambda: changed("cleared"),
        on_undone_change=lambda: changed("undone"),
    )


def _texts() -> dict[str, str]:
    return {
        "brush": text("Brush"),
        "eraser": text("Eraser"),
        "pick": text("Pick alike"),
        "brush_hint": text(
            "Drag to paint. With the keyboard: arrow keys move the brush, with Shift they paint, Space makes a dot."
        ),
        "eraser_hint": text("Drag to take marks away again."),
        "pick_hint": text("Click on a colour: everything like it is marked."),
        "looking": text("Looking for what is alike…"),
        "full": text("That is as much as can be painted; undo or clear something."),
        "undo": text("Undo"),
        "clear": text("Clear"),
        "regions": text("Paint on"),
        "tools": text("Tool"),
        "size": text("Brush size"),
        "alike": text("How alike"),
        "by": text("Alike in"),
        "colour": text("in colour"),
        "brightness": text("in brightness"),
    }


def _after(event: str, value: Any, edits: MaskEdits, regions: int, jpeg: bytes) -> MaskEdits:
    """Return the edits after what the browser says has happened; it may say anything.

    Raises:
        MaskError: for what cannot have happened.
    """
    if not isinstance(value, dict) or value.get("edition") != edits.edition:
        return edits  # meant for edits that are gone
    if event == "cleared":
        return edits.cleared()
    if event == "undone":
        return edits.undone()
    if event == "painted":
        return edits.painted(parse_strokes(value.get("strokes"), regions))
    (dot,) = parse_strokes(
        [{"region": value.get("region"), "radius": MIN_RADIUS, "points": [value.get("point")]}], regions
    )
    tolerance: Any = value.get("tolerance")
    if dot.region is None or type(tolerance) not in (int, float) or not 0 <= tolerance <= MOST_TOLERANCE:
        raise MaskError("pick: expected a region and how alike, got something else; click again.")
    by: Literal["colour", "brightness"] = "brightness" if value.get("by") == "brightness" else "colour"
    return edits.marked(dot.region, similar(read_picture(jpeg).pixels, dot.points[0], float(tolerance), by=by))


def _underlay(edits: MaskEdits) -> bytes:
    """Return the found masks in their regions' colours, a PNG that is transparent where nothing is marked."""
    height, width = edits.shape
    covered = np.zeros((height, width), np.float32)
    colours = np.zeros((height, width, 3), np.float32)
    for index, mask in edits.found.items():
        covered += mask
        colours += mask[..., None] * _levels(COLOURS[index])
    colours /= np.maximum(covered, 1e-6)[..., None]
    pixels = np.rint(np.dstack([colours, 255 * np.clip(covered, 0, 1)])).astype(np.uint8)
    stream = BytesIO()
    Image.fromarray(pixels, "RGBA").save(stream, "PNG")
    return stream.getvalue()


def _levels(colour: str) -> Mask:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32)
