"""What the canvas's messages do to a mask: they come from a browser, and so from anyone."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst.errors import MaskError
from nst.masks.editing import MaskEdits
from nst.ui.widgets.brush import _after

STROKE = {"region": 0, "radius": 0.05, "points": [[0.5, 0.5]]}


def halves() -> bytes:
    """Return a picture 40 px wide and 20 px high: red on the left, blue on the right."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 0] = pixels[:, 20:, 2] = 220
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def after(event: str, edits: MaskEdits, **value: Any) -> MaskEdits:
    return _after(event, {"edition": edits.edition, **value}, edits, 2, halves())


def test_strokes_are_painted_and_cleared_and_come_back() -> None:
    edits = MaskEdits((20, 40))
    painted = after("painted", edits, strokes=[STROKE])
    assert len(painted.strokes) == 1
    cleared = after("cleared", painted)
    assert cleared.strokes == ()
    assert after("undone", cleared).strokes == painted.strokes


def test_a_click_marks_what_is_alike_around_it() -> None:
    edits = after("picked", MaskEdits((20, 40)), region=1, point=[0.25, 0.5], tolerance=10, by="colour")
    mask = edits.masks[1]
    assert mask[10, 5] == 1
    assert mask[10, 35] == 0


@pytest.mark.parametrize("value", [None, "text", {}, {"edition": "another"}])
def test_what_is_meant_for_other_edits_changes_nothing(value: Any) -> None:
    edits = MaskEdits((20, 40))
    assert _after("cleared", value, edits, 2, halves()) is edits


@pytest.mark.parametrize(
    "changes", [{"region": None}, {"tolerance": "much"}, {"tolerance": -1}, {"tolerance": True}, {"tolerance": 1e9}]
)
def test_a_click_that_cannot_have_been_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MaskError, match="pick: expected a region and how alike"):
        after("picked", MaskEdits((20, 40)), **{"region": 0, "point": [0.5, 0.5], "tolerance": 10, **changes})
