"""The page on small and large screens, and under fingers: in a browser, with an engine that is quick."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.serving import serving
from tests.support.states import QUICK, settle, states, visited


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(QUICK) as server:
        yield server.address


#: What sticks out to the right, and what scrolls up and down within the page; rows that scroll sideways may.
CROOKED = """() => {
  const found = [];
  const scrolls = (element, axis) => /auto|scroll/.test(getComputedStyle(element)[`overflow${axis}`]);
  const parent = (element) => element.parentElement ?? element.getRootNode().host;
  const isInRow = (element) => {
    for (let each = parent(element); each; each = parent(each)) {
      if (scrolls(each, "X") && each.scrollWidth > each.clientWidth && each.matches(".group")) return true;
    }
    return false;
  };
  const told = (element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`;
  const look = (root) => root.querySelectorAll("*").forEach((element) => {
    if (element.shadowRoot) look(element.shadowRoot);
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height || element.closest("svg")) return;
    const isPage = element.matches("[data-testid=stMain], [data-testid=stSidebarContent], html, body");
    if (!isPage && scrolls(element, "Y") && element.scrollHeight > element.clientHeight + 1) {
      found.push(`scrolls within the page: ${told(element)}`);
    }
    if (box.right > innerWidth + 1 && box.left < innerWidth && !isInRow(element)) {
      found.push(`sticks out: ${told(element)}`);
    }
  });
  look(document);
  const page = document.querySelector("[data-testid=stMain]");
  if (Math.max(document.documentElement.scrollWidth, page.scrollWidth) > innerWidth) found.push("scrolls sideways");
  return found;
}"""


@pytest.mark.parametrize("width", [320, 1440])
def test_nothing_sticks_out_and_nothing_scrolls_within_what_scrolls(browser: Browser, address: str, width: int) -> None:
    found: list[str] = []
    with visited(browser, address, width, 700, has_touch=width < 500) as page:
        for state in states(page):
            settle(page)
            page.wait_for_timeout(150)
            found += [f"{state}: {each}" for each in page.evaluate(CROOKED)]
    assert not found, "\n".join(dict.fromkeys(found))


Points = list[tuple[float, float]]


class Fingers:
    """Touches on a picture, whose width and height are 1."""

    def __init__(self, page: Page, picture: str) -> None:
        self._session = page.context.new_cdp_session(page)
        box = page.locator(picture).bounding_box()
        assert box is not None
        self._box = box

    def move(self, start: Points, end: Points, steps: int = 12) -> None:
        """Put as many fingers down as there are points, move them from the start to the end, and lift them."""
        self._send("touchStart", start)
        for step in range(1, steps + 1):
            part = step / steps
            places = [(a + part * (c - a), b + part * (d - b)) for (a, b), (c, d) in zip(start, end, strict=True)]
            self._send("touchMove", places)
        self._send("touchEnd", [])

    def _send(self, kind: str, points: Points) -> None:
        box = self._box
        places = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": number}
            for number, (x, y) in enumerate(points)
        ]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})


def test_two_fingers_zoom_and_one_moves_what_is_zoomed_and_scrolls_what_is_not(browser: Browser, address: str) -> None:
    def transforms() -> list[list[float]]:
        script = "all => all.map(e => new DOMMatrix(getComputedStyle(e).transform)).map(m => [m.a, m.e, m.f])"
        found: list[list[float]] = page.locator(".stage img").evaluate_all(script)
        return found

    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    with visited(browser, address, 390, 800, has_touch=True, is_mobile=True) as page:
        expect(page.locator(".stage")).to_be_visible()
        fingers, divider = Fingers(page, ".stage"), page.get_by_role("slider", name="How much of the picture")
        fingers.move([(0.4, 0.5), (0.6, 0.5)], [(0.2, 0.5), (0.8, 0.5)])
        before, same = transforms()
        assert before == same
        assert before[0] == pytest.approx(3, abs=0.3)
        expect(divider).to_have_value("50")
        assert page.evaluate("visualViewport.scale") == 1, "the picture, not the page"
        fingers.move([(0.5, 0.3)], [(0.6, 0.7)])
        after, same = transforms()
        assert after == same
        assert after[1] > before[1] + 10
        assert after[2] > before[2] + 10
        assert page.evaluate(scrolled) == 0
        fingers.move([(0.2, 0.5), (0.8, 0.5)], [(0.45, 0.5), (0.55, 0.5)])
        expect(page.locator(".zoomed")).to_have_count(0)
        fingers.move([(0.5, 0.8)], [(0.5, 0.1)])
        page.wait_for_function(f"{scrolled} > 40")
        expect(divider).to_have_value("50")
        page.evaluate(f"{scrolled} = 0")
        fingers.move([(0.5, 0.5)], [(0.25, 0.5)])
        expect(divider).to_have_value("25")
