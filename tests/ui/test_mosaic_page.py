"""The photo in every painting as a person meets it: a real server, the real engine, Debian's chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.serving import serving
from tests.support.browser import PATIENCE

SKETCH = "A first sketch of your photo"
#: No thumbnail in the middle of the first wait: it is clicked, and its sketch is what the picture goes on from.
PAINTING = "Mäda Primavesi"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving("app.py", NST_PRECISION="float32") as server:
        yield server.address


def _visit(browser: Browser, address: str, complaints: list[str], width: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled()
    return page


def _paintings(page: Page) -> Locator:
    return page.get_by_role("radiogroup", name="Choose a painting")


def _painting(page: Page, title: str = PAINTING) -> Locator:
    return _paintings(page).get_by_role("radio", name=title)


def _is_sketch(painting: Locator, is_sketch: bool = True) -> None:
    description = painting.evaluate_handle("button => button")
    painting.page.wait_for_function(
        "([button, text, wanted]) => button.getAttribute('aria-description').startsWith(text) === wanted",
        arg=[description, SKETCH, is_sketch],
    )


@pytest.mark.slow
def test_a_photo_comes_in_the_paintings_and_a_picture_goes_on_from_its_sketch(browser: Browser, address: str):
    complaints: list[str] = []
    page = _visit(browser, address, complaints, 1280)
    painting, group = _painting(page), _paintings(page)
    _is_sketch(painting, False)
    page.get_by_role("radiogroup", name="Choose a photo").get_by_role("radio", name="Raccoon").click()
    page.get_by_role("button", name=re.compile("^Show all")).click()
    shown = group.get_by_role("radio").count()
    painting.focus()
    before = painting.evaluate("button => button.querySelector('img').src")
    _is_sketch(painting)
    # Nothing is drawn anew: where one was stays where it was.
    expect(painting).to_be_focused()
    expect(group.get_by_role("radio")).to_have_count(shown)
    assert painting.evaluate("button => button.querySelector('img').src") != before
    assert painting.evaluate("button => button.querySelector('.original').src") == before, "the painting, in small"
    switch = page.get_by_role("switch", name="Show my photo in every painting")
    switch.press("Space")
    _is_sketch(painting, False)
    switch.press("Space")
    _is_sketch(painting)
    painting.press("Enter")
    expect(painting).to_be_checked()
    expect(page.get_by_role("img", name=f"A first sketch of Raccoon after {PAINTING}")).to_be_visible()
    page.get_by_role("button", name="Stylise").click()
    expect(page.get_by_text("Begun from a sketch")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled()
    page.context.close()
    assert complaints == []


@pytest.mark.slow
def test_a_phone_shows_them_too_and_nothing_moves_where_that_is_asked_for(browser: Browser, address: str):
    complaints: list[str] = []
    page = _visit(browser, address, complaints, 360)
    page.get_by_role("radiogroup", name="Choose a photo").get_by_role("radio", name="Raccoon").click()
    painting = _painting(page)
    _is_sketch(painting)
    animation = painting.evaluate("button => getComputedStyle(button.querySelector('img.sketch')).animationName")
    assert animation == "none"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.close()
    assert complaints == []
