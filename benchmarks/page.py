"""What a visitor's browser has to do for the page, and how soon the page reacts: ``python -m benchmarks.page``.

Opens the page in a browser that knows nothing of it, and again with what it has kept, and reads Chromium's own
figures: the first and the largest paint, the bytes and requests, how far things shift, and when the page is drawn to
its end. Then clicks on paintings and moves the slider of the size, once while the worker has nothing to do and once
while it paints sketches, and takes the time until the line above the picture shows it. Needs a chromium on the PATH
and what tests/requirements.txt names. Writes `benchmarks/page.json`.
"""

import argparse
import json
import random
import shutil
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks.quality import machine, said
from benchmarks.screenshots import PATIENCE, SETTLED
from benchmarks.serving import serving

OUTPUT = Path(__file__).with_suffix(".json")
WINDOW = {"width": 1440, "height": 900}
#: Milliseconds within which the page is to react, whatever is painted meanwhile.
GOAL = 300

Record = dict[str, Any]

#: Collects what has happened before it is asked, too.
_WATCH = """() => {
  window.shifted = 0;
  window.largest = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((each) => {
    if (!each.hadRecentInput) window.shifted += each.value;
  })).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => list.getEntries().forEach((each) => { window.largest = each.startTime; }))
    .observe({ type: "largest-contentful-paint", buffered: true });
}"""
_FIGURES = """() => {
  const loads = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {
    first_paint_ms: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    largest_paint_ms: window.largest,
    requests: loads.length,
    http_bytes: loads.reduce((sum, each) => sum + each.transferSize, 0),
    layout_shift: window.shifted,
    drawn_ms: performance.now(),
  };
}"""
#: Resolves with the milliseconds from the next press to the next change of the line above the picture.
_REACTION = """() => {
  const line = () => document.querySelector(".nst-pair")?.textContent ?? "";
  const before = line();
  window.reaction = new Promise((resolve) => {
    let begin;
    const start = () => { begin ??= performance.now(); };
    ["pointerdown", "keydown"].forEach((kind) => addEventListener(kind, start, { capture: true, once: true }));
    const look = () => {
      if (begin !== undefined && line() && line() !== before) resolve(performance.now() - begin);
      else requestAnimationFrame(look);
    };
    look();
  });
}"""


def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=5, help="of each kind")
    parser.add_argument("--presses", type=int, default=30, help="of each kind")
    parser.add_argument("--note", default="", help="on the machine, e.g. what else it did")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    expect.set_options(timeout=PATIENCE)
    with serving(NST_PRECISION="float32") as server, chromium() as browser:
        until_measured(browser, server.address)
        visits = [visit(browser, server.address) for _ in range(options.visits)]
        first = {kind: medians([each[kind] for each in visits]) for kind in ("cold", "warm")}
        said(json.dumps(first))
        reactions = reaction_times(browser, server.address, options.presses)
        said(json.dumps(reactions))
    record = {
        "machine": machine(),
        "note": options.note,
        "window": WINDOW,
        "first_page": first,
        "reaction_goal_ms": GOAL,
        "reactions": reactions,
    }
    options.output.write_text(json.dumps(record, indent=1) + "\n")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def until_measured(browser: Browser, address: str) -> None:
    """Wait until the network is loaded and the computer measured, by what the page says: then the worker is idle."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    expect(page.locator(".nst-pair")).to_contain_text("on this computer")
    page.close()


def visit(browser: Browser, address: str) -> Record:
    """Return the figures of a first visit, and of a reload."""
    context = browser.new_context(viewport=WINDOW)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(f"({_WATCH})()")
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    found: Record = {}
    for kind in ("cold", "warm"):
        received: list[int] = []
        page.goto(address)
        drawn(page)
        found[kind] = {**page.evaluate(_FIGURES), "websocket_bytes": sum(received)}
    context.close()
    return found


def drawn(page: Page) -> None:
    """Wait until the page is drawn to its end."""
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled()
    expect(page.locator(".stage img").first).to_be_visible()
    expect(page.locator(SETTLED)).to_be_visible()


def medians(records: list[Record]) -> Record:
    """Return the median of each figure."""
    return {name: round(statistics.median(each[name] for each in records), 3) for name in records[0]}


def reaction_times(browser: Browser, address: str, presses: int) -> Record:
    """Return how soon the page shows another painting and another size, with an idle worker and beside sketches."""
    found: Record = {}
    for state in ("idle", "beside sketches"):
        context = browser.new_context(viewport=WINDOW)  # type: ignore[arg-type]
        found[state] = _reactions_in(context, address, presses, sketches=state != "idle")
        context.close()
    return found


def _reactions_in(context: BrowserContext, address: str, presses: int, *, sketches: bool) -> Record:
    page, chance = context.new_page(), random.Random(0)
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    drawn(page)
    photos = page.get_by_role("radiogroup", name="Choose a photo").get_by_role("radio")
    paintings = page.get_by_role("radiogroup", name="Choose a painting").get_by_role("radio")
    size = page.locator(".st-key-size_scale").get_by_role("slider")
    # From the smallest size, for none that is larger than the photo changes anything.
    size.press("Home")
    expect(page.locator(".nst-pair")).to_contain_text("256")
    times: dict[str, list[float]] = {"painting": [], "size": []}
    beside = 0
    for number in range(presses):
        if sketches and number % 10 == 0:  # a photo that has no sketches yet
            photos.nth(1 + number // 10).click()
            expect(page.get_by_text("The others are on their way")).to_be_visible()
        page.wait_for_timeout(chance.uniform(300, 900))
        beside += page.get_by_text("The others are on their way").is_visible()
        index = [2, 5, 8, 11][number % 4]
        times["painting"].append(_reaction(page, partial(paintings.nth(index).click, no_wait_after=True)))
        said(f"another painting: {times['painting'][-1]:.0f} ms")
        page.wait_for_timeout(chance.uniform(300, 900))
        key = "ArrowLeft" if number % 2 else "ArrowRight"
        times["size"].append(_reaction(page, partial(size.press, key, no_wait_after=True)))
        said(f"another size: {times['size'][-1]:.0f} ms")
    summary: Record = {name: _summary(each) for name, each in times.items()}
    return {**summary, "presses_while_sketches_came": beside} if sketches else summary


def _reaction(page: Page, press: Callable[[], None]) -> float:
    page.evaluate(_REACTION)
    press()
    return float(page.evaluate("window.reaction"))


def _summary(times: list[float]) -> Record:
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(ordered)),
        "95_percent_ms": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]),
        "presses": len(ordered),
    }


if __name__ == "__main__":
    main()
