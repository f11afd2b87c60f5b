"""From opening the link to a picture kept, as a stranger does it: ``python -m benchmarks.walk PHOTO PAINTING``.

Five walks of five browsers that know nothing of the page, one after the other, each with its own way: another
look, one's own photo, one's own painting, the sketch that one likes, a painting on a phone. Each ends when the
PNG is saved. The server is warm, as a hosted page is, and paints in float32, as computers without bfloat16 do; size and
quality are what the page chooses. Between two presses a walker looks for two seconds. Writes `benchmarks/walk.json`:
the seconds of each walk, and what the page had said that painting takes. Needs a chromium on the PATH and what
tests/requirements.txt names.
"""

import argparse
import json
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from benchmarks.page import chromium
from benchmarks.quality import machine, said
from benchmarks.screenshots import PATIENCE, SETTLED
from benchmarks.serving import serving

OUTPUT = Path(__file__).with_suffix(".json")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
#: Milliseconds that a walker looks at what is there before the next press.
LOOK = 2000
#: Seconds from the link to the picture that the median walk is to take.
GOAL = 60

Record = dict[str, Any]


def main() -> None:
    """Walk and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path, help="a photo that is not in the gallery")
    parser.add_argument("painting", type=Path, help="a painting that is not in the gallery")
    parser.add_argument("--note", default="", help="on the machine, e.g. what else it did")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    expect.set_options(timeout=PATIENCE)
    ways = {
        "another look": (DESKTOP, lambda page: choose(page, "look", "Bold")),
        "one's own photo": (DESKTOP, lambda page: bring(page, "photo", options.photo)),
        "one's own painting": (DESKTOP, lambda page: bring(page, "painting", options.painting)),
        "the sketch that one likes": (DESKTOP, take_a_sketch),
        "a painting, on a phone": (PHONE, lambda page: choose(page, "painting", "Boating")),
    }
    walks = {}
    with serving(NST_PRECISION="float32") as server, chromium() as browser:
        warmed_up(browser, server.address)
        for name, (window, way) in ways.items():
            walks[name] = walk(browser, server.address, window, way)
            said(f"{name}: {json.dumps(walks[name])}")
    record = {
        "machine": machine(),
        "note": options.note,
        "goal_seconds": GOAL,
        "median_seconds": statistics.median(each["seconds"] for each in walks.values()),
        "walks": walks,
    }
    options.output.write_text(json.dumps(record, indent=1) + "\n")


def warmed_up(browser: Browser, address: str) -> None:
    """Wait until the server has loaded the network and measured the computer."""
    page = browser.new_page()
    page.goto(address, timeout=PATIENCE)
    expect(page.locator(".nst-pair")).to_contain_text("on this computer")
    page.close()


def walk(browser: Browser, address: str, window: dict[str, int], way: Callable[[Page], None]) -> Record:
    """Return the seconds from the link to the saved picture, those of painting, and what the page had said of them."""
    context = browser.new_context(viewport=window)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    began = time.perf_counter()
    page.goto(address)
    stylise = page.get_by_role("button", name="Stylise")
    expect(stylise).to_be_enabled()
    page.wait_for_timeout(LOOK)
    way(page)
    expect(page.locator(SETTLED)).to_be_visible()
    page.wait_for_timeout(LOOK)
    told = page.locator(".nst-pair").text_content() or ""
    pressed = time.perf_counter()
    stylise.click()
    expect(page.get_by_text("Finished in")).to_be_visible()
    painted = time.perf_counter() - pressed
    with page.expect_download():
        page.get_by_role("button", name="PNG", exact=True).click()
    seconds = time.perf_counter() - began
    context.close()
    return {"seconds": round(seconds, 1), "painting_seconds": round(painted, 1), **_told(told)}


def choose(page: Page, what: str, name: str) -> None:
    """Press what has a name among the photos, the paintings or the looks."""
    page.get_by_role("radiogroup", name=f"Choose a {what}").get_by_role("radio", name=name).first.click()


def bring(page: Page, what: str, file: Path) -> None:
    """Upload one's own photo or painting."""
    page.locator(f".st-key-{what}_file input[type=file]").set_input_files(file)
    expect(page.get_by_role("radio", name=f"Your own, {file.name}")).to_be_checked()


def take_a_sketch(page: Page) -> None:
    """Choose another photo, wait for its first sketches, and take one of them."""
    choose(page, "photo", "Raccoon")
    sketches = page.get_by_role("radiogroup", name="Choose a painting").locator("img.sketch")
    expect(sketches.nth(2)).to_be_visible()
    page.wait_for_timeout(LOOK)
    sketches.nth(2).click()


def _told(line: str) -> Record:
    """Return the size and the seconds that the line above the picture says."""
    size = re.search(r"(\d+) × (\d+) px", line)
    told = re.search(r"about (\d+) (s|min) on this computer", line)
    return {
        "size": size and size[0],
        "told_seconds": told and int(told[1]) * {"s": 1, "min": 60}[told[2]],
    }


if __name__ == "__main__":
    main()
