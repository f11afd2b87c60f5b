"""What visitors see of the page, one state after the other, in a browser with an engine that is quick."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.browser import PATIENCE

#: The script of the page with that engine.
QUICK = "tests/support/quick_page.py"


@contextmanager
def visited(browser: Browser, address: str, width: int = 1440, height: int = 900, **options: Any) -> Iterator[Page]:
    """Open the page in a window of this size, for a visitor who bears no motion."""
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled()
    settle(page)
    yield page
    context.close()


def settle(page: Page) -> None:
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()


@contextmanager
def sidebar(page: Page) -> Iterator[None]:
    """Have the sidebar open, which is closed on a small screen and covers the page there."""
    button = page.get_by_test_id("stExpandSidebarButton")
    is_closed = button.is_visible()
    if is_closed:
        button.click()
    yield
    if is_closed:
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        expect(button).to_be_visible()


def opened(page: Page, title: str, inside: str) -> None:
    """Open what is folded away; on a small screen what stands above may move as it loads, and the press misses."""
    for _ in range(3):
        page.get_by_text(title).click()
        with suppress(AssertionError):
            expect(page.locator(inside)).to_be_visible(timeout=30_000)
            return
    raise AssertionError(f"{title} does not open")


def states(page: Page) -> Iterator[str]:
    """Lead the page through what visitors see of it, and say where it is."""
    yield "as it is opened, with the wall and what stands below"
    page.get_by_role("radiogroup", name="Choose a photo").get_by_role("radio", name="Raccoon").click()
    expect(page.get_by_text("Choose one: Stylise goes on from it.")).to_be_visible()
    yield "with a photo chosen, and its sketches"
    with sidebar(page):
        page.get_by_role("switch", name="Keep the subject recognisable").press("Space")
        expect(page.get_by_alt_text("The photo, dark but for its subject")).to_be_visible()
        page.get_by_text("Advanced", exact=True).click()
        expect(page.get_by_role("spinbutton", name="Size (px)")).to_be_visible()
        yield "with Advanced open, and the subject that is kept"
        page.get_by_text("Advanced", exact=True).click()
    page.get_by_role("switch", name="Paint by regions").press("Space")
    expect(page.get_by_role("application")).to_be_visible()
    page.locator(".st-key-region_painting_panel summary").click()
    yield "with regions open"
    page.get_by_role("switch", name="Paint by regions").press("Space")
    page.locator(".st-key-photo_file input[type=file]").set_input_files(
        {"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    expect(page.get_by_role("alert")).to_contain_text("broken.png")
    page.get_by_text("Which painting for which photo?").click()
    expect(page.locator(".st-key-guide_1 img").last).to_be_visible()
    yield "with an error, and the guide"
    opened(page, "More ways to paint", ".st-key-more_way")
    for way in ("Several paintings", "Compare settings", "Texture", "Doodle", "Film"):
        page.locator(".st-key-more_way").get_by_text(way).click()
        settle(page)
        yield f"with the panel {way}"
    page.get_by_text("More ways to paint").click()
    page.get_by_role("button", name="Stylise").click()
    expect(page.get_by_alt_text("The picture so far")).to_be_visible()
    yield "while a picture is painted"
    expect(page.get_by_text("Finished in")).to_be_visible()
    settle(page)
    yield "with a result"
