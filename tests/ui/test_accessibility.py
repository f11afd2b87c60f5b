"""The page for those who see little, use no mouse or bear no motion: in a browser, with an engine that is quick."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from benchmarks.serving import serving
from nst.pictures.codec import read_picture
from tests.support.states import QUICK, settle, states, visited

#: What axe-core calls the degrees that are not to be found.
GRAVE = ("serious", "critical")

#: Parts of the page that are left out of the search, each with the reason.
LEFT_OUT = {
    '[data-stale="true"]': "Streamlit dims for a moment what the run under way is about to replace; it is looked at "
    "before and after.",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(QUICK) as server:
        yield server.address


def grave(page: Page, rules: list[str] | None = None) -> list[str]:
    """Return what axe-core finds, in words; with `rules` it looks for those alone."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(Axe().axe_script)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules is not None:
        options["runOnly"] = rules
    context = {"exclude": [[selector] for selector in LEFT_OUT]}
    found = []
    for violation in page.evaluate("([context, options]) => axe.run(context, options)", [context, options])[
        "violations"
    ]:
        for node in violation["nodes"] if violation["impact"] in GRAVE else []:
            why = "; ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))
            place = str(node["target"][-1])[-120:]
            found.append(f"{violation['id']} ({violation['impact']}): {why}\n    {place}\n    {node['html'][:200]}")
    return found


def lasting(page: Page, rules: list[str] | None = None) -> list[str]:
    """Return what is found and still there a moment later, when nothing is dimmed because it is about to change."""
    if not grave(page, rules):
        return []
    page.wait_for_timeout(1500)
    settle(page)
    return grave(page, rules)


def test_axe_finds_nothing_grave_in_either_theme(browser: Browser, address: str) -> None:
    found, theme = [], "light"
    with visited(browser, address) as page:
        for state in states(page):
            settle(page)
            found += [f"{state}, {theme}: {each}" for each in lasting(page)]
            theme = {"light": "dark", "dark": "light"}[theme]
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.wait_for_timeout(200)  # until all colours are the new ones
            found += [f"{state}, {theme}: {each}" for each in lasting(page, ["color-contrast"])]
    assert not found, "\n" + "\n".join(found)


#: What has the focus, also within components.
FOCUSED = """() => {
  let element = document.activeElement;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}"""
NAME = "e => e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.tagName"


def focused(page: Page, *, looks: bool) -> str:
    """Return the name of what has the focus; whoever `looks` must see that it has."""
    element = page.evaluate_handle(FOCUSED).as_element()
    # The name of an icon stands before the word.
    name = str(element.evaluate(NAME)).strip().splitlines()[-1]
    if element.evaluate("element => element.matches('html, body')"):
        return ""
    if not looks:
        return name
    element.scroll_into_view_if_needed()
    # A switch is an input that cannot be seen within a label that can.
    box = element.evaluate_handle("element => element.closest('label') ?? element").as_element().bounding_box()
    with_focus = seen(page, box)
    element.evaluate("element => element.blur()")
    without = seen(page, box)
    element.evaluate("element => element.focus({ preventScroll: true })")
    change = int(np.abs(with_focus - without).max())
    assert change > 40, f"one does not see that {name!r} has the focus"
    return name


def seen(page: Page, box: Any) -> np.ndarray:
    left, top = max(0, box["x"] - 8), max(0, box["y"] - 8)
    clip: Any = {"x": left, "y": top, "width": box["width"] + 16, "height": box["height"] + 16}
    return read_picture(page.screenshot(clip=clip, caret="hide")).pixels.astype(int)


def tab_to(page: Page, name: str, key: str = "Tab", *, looks: bool = False, most: int = 90) -> list[str]:
    """Press Tab until what has the focus is called so; return what was passed; `looks` as for `focused`."""
    passed: list[str] = []
    while len(passed) < most:
        page.keyboard.press(key)
        passed.append(focused(page, looks=looks))
        if passed[-1].startswith(name):
            return passed
    raise AssertionError(f"{name} is not reached by {key}, only {passed}")


def test_a_picture_is_painted_and_kept_by_the_keyboard_alone(browser: Browser, address: str) -> None:
    with visited(browser, address) as page:
        passed = tab_to(page, "More ways to paint", looks=True)
        for expected in (
            "Balanced",
            "Draft",
            "Keep the subject recognisable",
            "Advanced",
            "Stylise",
            "How much of the",
        ):
            assert any(expected in each for each in passed), f"{expected}: {passed}"
        tab_to(page, "Pagoda", "Shift+Tab")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_text("Choose one: Stylise goes on from it.")).to_be_visible()
        tab_to(page, "Stylise", "Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Finished in")).to_be_visible()
        settle(page)
        tab_to(page, "PNG")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename.endswith(".png")
