"""Painting regions in a real browser: by mouse, by touch and by keyboard, with undo, eraser and clear."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.serving import Server, serving
from tests.support.browser import PATIENCE


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("tests/support/paint_page.py") as server:
        yield server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A new visitor with a finger and a mouse, whose browser must not have complained by the end of the test."""
    context = browser.new_context(viewport={"width": 1000, "height": 900}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.address)
    expect(canvas(page)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("0.0000 0.0000")).to_be_visible(timeout=PATIENCE)
    yield page
    context.close()
    assert complaints == []


def canvas(page: Page) -> Locator:
    return page.get_by_role("application", name="Paint regions")


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag the mouse between two points of the photo, over its width and height."""
    box = canvas(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=20)
    page.mouse.up()


def strokes(page: Page, count: int) -> list[dict[str, Any]]:
    """Return what Python has kept, once it has `count` strokes."""
    page.wait_for_function(
        "count => { try { return JSON.parse(document.querySelector('code').textContent).length === count; }"
        " catch { return false; } }",
        arg=count,
    )
    kept: list[dict[str, Any]] = json.loads(page.locator("code").inner_text())
    return kept


def shares(page: Page) -> list[float]:
    """Return how much of the photo each region's mask covers."""
    return [float(share) for share in page.get_by_test_id("stText").inner_text().split()]


def colour_at(page: Page, x: float, y: float) -> list[int]:
    """Return the overlay's RGBA at a point of the photo."""
    script = "(c, [x, y]) => [...c.getContext('2d').getImageData(x * c.width, y * c.height, 1, 1).data]"
    colour: list[int] = canvas(page).evaluate(script, [x, y])
    return colour


SKY, PAGODA, NOTHING = [0xD5, 0x5E, 0x00, 255], [0x00, 0x72, 0xB2, 255], [0, 0, 0, 0]


def test_mouse_paints_erases_and_undoes(page: Page) -> None:
    drag(page, (0.2, 0.3), (0.8, 0.3))
    (stroke,) = strokes(page, 1)
    assert stroke["region"] == 0
    assert stroke["points"][0] == pytest.approx([0.2, 0.3], abs=0.005)
    assert stroke["points"][-1] == pytest.approx([0.8, 0.3], abs=0.005)
    assert len(stroke["points"]) <= 22
    assert stroke["radius"] == pytest.approx(0.04, rel=0.05)
    assert colour_at(page, 0.5, 0.3) == SKY
    # A bar of 0.6 by 0.08 with round ends, over the width; the photo is 640x427.
    one = shares(page)
    assert one == pytest.approx([(0.6 * 0.08 + 3.1416 * 0.04**2) * 640 / 427, 0], rel=0.05)

    tool(page, "Pagoda").click()
    drag(page, (0.5, 0.1), (0.5, 0.9))
    assert strokes(page, 2)[1]["region"] == 1
    assert colour_at(page, 0.5, 0.3) == PAGODA
    assert shares(page)[0] < one[0]

    tool(page, "Eraser").click()
    drag(page, (0.5, 0.6), (0.5, 0.95))
    assert strokes(page, 3)[2]["region"] is None
    assert colour_at(page, 0.5, 0.7) == NOTHING
    assert colour_at(page, 0.5, 0.4) == PAGODA

    undo = page.get_by_role("button", name="Undo")
    undo.click()
    strokes(page, 2)
    assert colour_at(page, 0.5, 0.7) == PAGODA
    page.get_by_role("button", name="Clear").click()
    strokes(page, 0)
    assert colour_at(page, 0.5, 0.7) == NOTHING
    undo.click()
    strokes(page, 2)
    assert colour_at(page, 0.5, 0.7) == PAGODA


def test_finger_paints(page: Page) -> None:
    box = canvas(page).bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    scrolled = page.evaluate("window.scrollY")
    touch("touchStart", (0.3, 0.2))
    for step in range(1, 11):
        touch("touchMove", (0.3, 0.2 + 0.05 * step))
    touch("touchEnd")
    (stroke,) = strokes(page, 1)
    assert stroke["points"][0] == pytest.approx([0.3, 0.2], abs=0.01)
    assert stroke["points"][-1] == pytest.approx([0.3, 0.7], abs=0.01)
    assert colour_at(page, 0.3, 0.5) == SKY
    assert page.evaluate("window.scrollY") == scrolled


def test_keyboard_paints_and_everything_has_a_name(page: Page) -> None:
    tool(page, "Sky").press("ArrowRight")
    expect(tool(page, "Pagoda")).to_be_checked()
    expect(tool(page, "Pagoda")).to_be_focused()
    canvas(page).press("Space")
    canvas(page).press("Shift+ArrowRight")
    dot, line = strokes(page, 2)
    assert (dot["region"], dot["points"]) == (1, [[0.5, 0.5]])
    assert line["points"] == [[0.5, 0.5], pytest.approx([0.52, 0.5], abs=0.001)]
    canvas(page).press("Control+z")
    strokes(page, 1)


def test_brush_size_is_the_strokes(page: Page) -> None:
    slider = page.get_by_role("slider", name="Brush size")
    slider.press("Home")
    drag(page, (0.5, 0.5), (0.5, 0.5))
    slider.press("End")
    drag(page, (0.5, 0.5), (0.5, 0.5))
    assert [stroke["radius"] for stroke in strokes(page, 2)] == [0.004, 0.25]


def test_strokes_that_leave_the_photo_stay_within(page: Page) -> None:
    drag(page, (0.9, 0.5), (1.05, 0.5))
    (stroke,) = strokes(page, 1)
    assert stroke["points"][-1][0] == 1


def test_painting_comes_back_with_the_canvas(page: Page) -> None:
    drag(page, (0.2, 0.3), (0.8, 0.3))
    strokes(page, 1)
    switch = page.get_by_text("Show the canvas")
    switch.click()
    expect(canvas(page)).to_be_hidden()
    switch.click()
    expect(canvas(page)).to_be_visible()
    assert colour_at(page, 0.5, 0.3) == SKY
    drag(page, (0.2, 0.6), (0.8, 0.6))
    strokes(page, 2)


def test_what_fits_a_phone_is_the_same_place_of_the_photo(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    drag(page, (0.25, 0.75), (0.75, 0.75))
    (stroke,) = strokes(page, 1)
    assert stroke["points"][0] == pytest.approx([0.25, 0.75], abs=0.01)
    assert colour_at(page, 0.5, 0.75) == SKY
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_pick_marks_what_is_alike_and_can_be_erased_and_undone(page: Page) -> None:
    drag(page, (0.2, 0.8), (0.8, 0.8))
    strokes(page, 1)
    tool(page, "Pagoda").click()
    tool(page, "Pick alike").click()
    box = canvas(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.1 * box["height"])
    strokes(page, 0)  # they are part of what lies below now
    sky, pagoda = shares(page)
    assert 0.05 < sky < 0.15
    assert 0.2 < pagoda < 0.7
    painted = "c => c.getContext('2d').getImageData(0.95 * c.width, 0.1 * c.height, 1, 1).data[3] > 200"
    page.wait_for_function(painted, arg=canvas(page).element_handle())
    assert colour_at(page, 0.5, 0.8) == pytest.approx(SKY, abs=60)

    tool(page, "Eraser").click()
    drag(page, (0.7, 0.1), (0.99, 0.1))
    strokes(page, 1)
    assert colour_at(page, 0.9, 0.1) == NOTHING
    assert shares(page)[1] < pagoda
    undo = page.get_by_role("button", name="Undo")
    undo.click()
    strokes(page, 0)
    undo.click()
    strokes(page, 1)
    assert shares(page)[1] == 0
    assert colour_at(page, 0.95, 0.1) == NOTHING
