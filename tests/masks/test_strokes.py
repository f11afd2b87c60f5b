"""Strokes become the masks that were meant, and what a stranger sends instead of them is refused."""

import math
from typing import Any

import numpy as np
import pytest
from PIL import ImageDraw

from nst.errors import MaskError
from nst.masks.strokes import (
    MAX_POINTS,
    MAX_RADIUS,
    MAX_STROKES,
    MOST_FILLED,
    Stroke,
    parse_strokes,
    rasterised,
)

SHAPE = (60, 100)


def entry(**changes: Any) -> dict[str, Any]:
    return {"region": 0, "radius": 0.1, "points": [[0.5, 0.5]], **changes}


def area(mask: np.ndarray) -> float:
    """Return the covered area in pixels."""
    return float(mask.sum(dtype=float))


# Drawing


def test_a_dot_is_a_disc_around_its_point() -> None:
    (mask,) = rasterised([Stroke(0, 0.1, ((0.5, 0.5),))], 1, SHAPE)
    assert mask.dtype == np.float32
    assert mask.shape == SHAPE
    assert area(mask) == pytest.approx(math.pi * 10**2, rel=0.03)
    y, x = np.indices(SHAPE) + 0.5
    assert (mask * x).sum() / mask.sum() == pytest.approx(50, abs=0.1)
    assert (mask * y).sum() / mask.sum() == pytest.approx(30, abs=0.1)
    assert (mask[np.hypot(x - 50, y - 30) < 8] == 1).all()
    assert (mask[np.hypot(x - 50, y - 30) > 12] == 0).all()
    assert ((mask > 0) & (mask < 1)).any()  # a smooth edge


def test_a_line_has_round_ends_and_corners() -> None:
    (mask,) = rasterised([Stroke(0, 0.05, ((0.2, 0.5), (0.8, 0.5)))], 1, SHAPE)
    assert area(mask) == pytest.approx(60 * 10 + math.pi * 5**2, rel=0.03)
    corner = Stroke(0, 0.05, ((0.2, 0.25), (0.5, 0.25), (0.5, 0.75)))
    assert rasterised([corner], 1, SHAPE)[0][12, 52] == 1  # outside both straight pieces


def test_strokes_look_the_same_at_every_size() -> None:
    stroke = Stroke(0, 0.08, ((0.1, 0.2), (0.4, 0.9), (0.9, 0.3)))
    shares = [rasterised([stroke], 1, shape)[0].mean() for shape in ((30, 50), SHAPE, (600, 1000), (3600, 6000))]
    assert shares == pytest.approx([shares[2]] * 4, rel=0.02)


def test_the_last_stroke_is_on_top_and_masks_share_each_pixel() -> None:
    below, above = Stroke(0, 0.2, ((0.4, 0.5),)), Stroke(1, 0.2, ((0.6, 0.5),))
    masks = rasterised([below, above], 3, SHAPE)
    np.testing.assert_allclose(masks[1], rasterised([above], 3, SHAPE)[1])
    assert masks[0][30, 58] == 0
    assert masks[0][30, 30] == 1
    assert np.sum(masks, axis=0).max() <= 1 + 1e-6
    assert masks[2].max() == 0


def test_the_eraser_takes_from_every_region() -> None:
    painted = [Stroke(0, 0.2, ((0.4, 0.5),)), Stroke(1, 0.2, ((0.6, 0.5),))]
    masks = rasterised([*painted, Stroke(None, 0.05, ((0.4, 0.5), (0.6, 0.5)))], 2, SHAPE)
    assert masks[0][30, 40] == masks[1][30, 60] == 0
    again = rasterised([*painted, Stroke(None, 0.25, ((0.4, 0.5), (0.6, 0.5))), painted[0]], 2, SHAPE)
    assert again[1].max() == 0
    assert area(again[0]) == pytest.approx(math.pi * 20**2, rel=0.03)


def test_the_thinnest_brush_leaves_something() -> None:
    assert rasterised([Stroke(0, 0.001, ((0.5, 0.5),))], 1, SHAPE)[0].max() > 0


def test_without_strokes_the_masks_are_empty() -> None:
    assert [mask.max() for mask in rasterised([], 2, SHAPE)] == [0, 0]


# What a page sends


def test_strokes_are_read() -> None:
    value = [entry(points=[[0, 1], [0.25, 0.5]]), entry(region=None, radius=0.25), entry(region=2)]
    assert parse_strokes(value, 3) == (
        Stroke(0, 0.1, ((0.0, 1.0), (0.25, 0.5))),
        Stroke(None, 0.25, ((0.5, 0.5),)),
        Stroke(2, 0.1, ((0.5, 0.5),)),
    )
    assert parse_strokes([], 1) == ()


@pytest.mark.parametrize(
    "value",
    [
        None, "strokes", {}, [None], [[]], [{}], [entry(more=1)],
        [entry(region=3)], [entry(region=-1)], [entry(region=True)], [entry(region="0")], [entry(region=0.0)],
        [entry(radius=0)], [entry(radius=0.26)], [entry(radius=math.nan)], [entry(radius="0.1")], [entry(radius=None)],
        [entry(points=[])], [entry(points=None)], [entry(points=[0.5, 0.5])], [entry(points=[[0.5]])],
        [entry(points=[[0.5, 1.01]])], [entry(points=[[-0.01, 0]])], [entry(points=[[math.inf, 0]])],
        [entry(points=[[math.nan, 0]])], [entry(points=[["0", 0]])], [entry(points=[[0.5, 0.5, 0.5]])],
        [entry(points=[[10**400, 0]])], [entry(radius=10**400)],
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_anything_else_is_refused_in_a_sentence(value: Any) -> None:
    with pytest.raises(MaskError, match=r"^strokes: expected .*, got something else; clear the painting") as caught:
        parse_strokes(value, 3)
    assert len(str(caught.value)) < 200


def test_too_much_is_refused() -> None:
    assert len(parse_strokes([entry()] * MAX_STROKES, 1)) == MAX_STROKES
    half = entry(points=[[0.5, 0.5]] * (MAX_POINTS // 2))
    assert len(parse_strokes([half, half], 1)) == 2
    for value in ([entry()] * (MAX_STROKES + 1), [half, half, entry()]):
        with pytest.raises(MaskError, match="expected at most"):
            parse_strokes(value, 1)


def test_what_a_page_sends_at_most_is_drawn_in_no_more_than_so_many_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand dots of the thickest brush would fill 13 thousand million pixels, which holds up every page."""
    filled = 0.0
    ellipse = ImageDraw.ImageDraw.ellipse

    def counted(self: Any, box: tuple[int, int, int, int], fill: int) -> None:
        nonlocal filled
        filled += math.pi / 4 * (box[2] - box[0]) * (box[3] - box[1])
        ellipse(self, box, fill=fill)

    monkeypatch.setattr(ImageDraw.ImageDraw, "ellipse", counted)
    across = tuple((x, 0.25 + (at % 2) / 8) for at, x in enumerate(np.linspace(0, 1, MAX_POINTS)))
    mask = rasterised((Stroke(0, MAX_RADIUS, across),), 1, (427, 640))[0]
    assert filled < MOST_FILLED
    assert mask.shape == (427, 640)
    assert mask[:200].min() == 1
    # The brush is as thick as ever: it ends where a quarter of the width lies below the lower row of dots.
    assert pytest.approx(np.flatnonzero(mask[:, 320] >= 0.5).max(), abs=8) == 0.375 * 427 + 160
