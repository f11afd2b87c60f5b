"""The page's main states as pictures: ``python -m benchmarks.screenshots``, with what tests/requirements.txt names.

Starts the page, does what a visitor does at desktop and at phone width, in the light and the dark theme, and writes
each state as a small JPEG. Needs a chromium on the PATH. The README shows those in `KEPT`; ``--all`` writes every one.
"""

import argparse
import shutil
from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.serving import serving

ROOT = Path(__file__).parent.parent
PATIENCE = 180_000  # ms
VIEWS = {
    "desktop": {"width": 1440, "height": 900},
    "tablet": {"width": 768, "height": 1024},
    "phone": {"width": 360, "height": 740},
}


#: The page once it is drawn to its end.
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
STATES = ("first", "how", "painting", "result", "compared")
#: state, view, theme
KEPT = (
    ("first", "desktop", "light"),
    ("painting", "desktop", "dark"),
    ("compared", "desktop", "light"),
    ("first", "phone", "light"),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "looks")
    parser.add_argument("--all", action="store_true", help="every state in every view and theme")
    parser.add_argument("--size", type=int, default=320, help="of the pictures that are painted")
    options = parser.parse_args(argv)
    expect.set_options(timeout=PATIENCE)
    options.output.mkdir(parents=True, exist_ok=True)
    with serving() as server, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for view, theme in product(VIEWS, ("light", "dark")):
            states = {kept[0] for kept in KEPT if kept[1:] == (view, theme)}
            if options.all or states:
                visit(browser, server.address, view, theme, set(STATES) if options.all else states, options)


def visit(browser: Browser, address: str, view: str, theme: str, states: set[str], options: argparse.Namespace) -> None:
    """Walk through the page as far as is needed for the states, and write a picture of each."""
    context = browser.new_context(viewport=VIEWS[view], color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)

    def shoot(state: str) -> None:
        if state not in states:
            return
        states.remove(state)
        page.wait_for_timeout(600)  # transitions
        data = page.screenshot()
        image = Image.open(BytesIO(data)).convert("RGB")
        image.thumbnail((1000, 2000))
        image.save(options.output / f"page-{state}-{view}-{theme}.jpg", quality=78, optimize=True)
        print(state, view, theme, flush=True)

    page.goto(address)
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled()
    expect(page.get_by_alt_text("The example")).to_be_visible()
    expect(page.locator(SETTLED)).to_be_visible()
    shoot("first")
    page.get_by_role("heading", name="How it works").evaluate("element => element.scrollIntoView()")
    shoot("how")
    page.get_by_role("heading", name="From a photo").evaluate("element => element.scrollIntoView()")
    paint(page, view, options.size, states, shoot)
    context.close()


def paint(page: Page, view: str, size: int, states: set[str], shoot: Callable[[str], None]) -> None:
    """Paint a picture and another one and compare them, as long as there are states to be shot."""
    if not states:
        return
    choose_size(page, size, view)
    page.get_by_role("button", name="Stylise").click()
    expect(page.get_by_alt_text("The picture so far")).to_be_visible()
    expect(page.get_by_text("Pass 2 of")).to_be_visible()
    page.wait_for_timeout(2000)
    shoot("painting")
    if not states:
        return
    expect(page.get_by_text("Finished in")).to_be_visible()
    shoot("result")
    if not states:
        return
    page.get_by_role("radiogroup", name="Choose a painting").get_by_role("radio", name="By the Seashore").click()
    page.get_by_role("button", name="Stylise").click()
    expect(page.get_by_text("after By the Seashore")).to_be_visible()
    expect(page.locator(SETTLED)).to_be_visible()
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name="1 ·").click()
    page.get_by_role("radio", name="Side by side").click()
    expect(page.get_by_alt_text("Another result")).to_be_visible()
    shoot("compared")


def choose_size(page: Page, size: int, view: str) -> None:
    """Set the size under Advanced; on a narrow screen the sidebar has to be opened for it."""
    if view != "desktop":
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_text("Advanced", exact=True).click()
    field = page.get_by_role("spinbutton", name="Size (px)")
    field.fill(str(size))
    field.press("Enter")
    expect(page.get_by_text(f"{size} × ")).to_be_attached()
    page.get_by_text("Advanced", exact=True).click()
    if view != "desktop":
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()


if __name__ == "__main__":
    main()
