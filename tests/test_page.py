"""The page as a person meets it: a real server, the real engine, Debian's chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from run import BROWSERS

from nst.images import encode_png, read_picture, read_recipe_text
from nst.presets import Preset, load_gallery
from nst.recipe import Recipe

ROOT = Path(__file__).parent.parent
PATIENCE = 60_000  # ms; the network may take a while to load on a busy machine

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def served(script: str) -> Iterator[str]:
    """Start a server as the README says, on a free port, and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "streamlit", "run", script, *options]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for_server(server, address)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served("app.py") as address:
        yield address


def wait_for_server(server: subprocess.Popen, address: str) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        assert server.poll() is None, "streamlit run has ended by itself"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health"):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("streamlit run did not answer within three minutes")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path is not None, "These tests need a chromium on the PATH: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A new visitor, whose browser must not have complained about anything by the end of the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled(timeout=PATIENCE)
    yield page
    context.close()
    assert complaints == []


def thumbnail(page: Page, preset: Preset) -> Locator:
    group = page.get_by_role("radiogroup", name=f"Choose a {preset.kind}")
    name = f"{preset.title}, {preset.artist}, {preset.year}" if preset.kind == "painting" else preset.title
    return group.get_by_role("radio", name=name, exact=True)


def set_number(page: Page, key: str, value: int) -> None:
    field = page.locator(f".st-key-{key} input")
    field.fill(str(value))
    field.press("Enter")


def smallest_size(page: Page) -> None:
    page.get_by_role("slider", name="Size (px)").press("Home")
    # The slider waits a moment before it tells the server, whose answer is that this is no longer Standard.
    expect(page.get_by_role("radio", name="Standard")).not_to_be_checked()


def stylise(page: Page) -> None:
    button = page.get_by_role("button", name="Stylise")
    expect(button).to_be_enabled()
    button.click()


def preview_source(page: Page) -> str:
    return page.get_by_alt_text("The picture so far").get_attribute("src")


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_pick_stylise_watch_reload_cancel_and_download(page: Page) -> None:
    gallery = load_gallery()
    for preset in gallery.photos + gallery.paintings:
        expect(thumbnail(page, preset)).to_have_count(1)
    painting = gallery.paintings[1]
    thumbnail(page, painting).click()
    expect(thumbnail(page, painting)).to_be_checked()
    expect(page.get_by_alt_text(painting.description)).to_be_visible()

    smallest_size(page)
    set_number(page, "steps", 5000)
    stylise(page)
    preview = page.get_by_alt_text("The picture so far")
    expect(preview).to_be_visible(timeout=PATIENCE)
    first = preview_source(page)
    expect(preview).not_to_have_attribute("src", first, timeout=PATIENCE)
    expect(page.get_by_text("J = ")).to_be_visible()
    expect(page.get_by_role("button", name="Stylise")).to_be_disabled()

    page.reload()
    expect(preview).to_be_visible(timeout=PATIENCE)

    page.get_by_role("button", name="Cancel").click()
    result = page.get_by_alt_text("The result:")
    expect(result).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Cancelled after")).to_be_visible()
    png = downloaded(page, "PNG")
    recipe = Recipe.from_json(read_recipe_text(png))
    assert (recipe.content.name, recipe.styles[0].name) == (gallery.photos[0].id, painting.id)
    assert (recipe.config.size, recipe.config.steps) == (64, 5000)
    picture = read_picture(png).pixels
    assert max(picture.shape) == 64
    jpeg = read_picture(downloaded(page, "JPEG")).pixels
    assert jpeg.shape == picture.shape
    assert np.abs(jpeg.astype(int) - picture).mean() < 10


def test_own_photo_paints_to_the_end_and_is_continued(page: Page) -> None:
    rng = np.random.default_rng(0)
    photo = encode_png(rng.integers(0, 256, (48, 80, 3), dtype=np.uint8))
    uploader = page.locator(".st-key-photo_file input[type=file]")
    uploader.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": photo})
    own = page.get_by_role("radio", name="Your own, mine.png")
    expect(own).to_be_checked()

    smallest_size(page)
    set_number(page, "steps", 3)
    stylise(page)
    expect(page.get_by_text("Finished with all steps")).to_be_visible(timeout=PATIENCE)
    first = downloaded(page, "PNG")
    assert read_picture(first).pixels.shape == (38, 64, 3)

    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Continue")).to_be_hidden()
    expect(page.get_by_text("Finished with all steps")).to_be_visible(timeout=PATIENCE)
    second = downloaded(page, "PNG")
    assert second != first
    assert Recipe.from_json(read_recipe_text(second)).config.init == "picture"


def test_a_file_that_is_no_picture_is_one_sentence_and_nothing_is_lost(page: Page) -> None:
    uploader = page.locator(".st-key-painting_file input[type=file]")
    uploader.set_input_files({"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.get_by_role("alert")).to_contain_text("broken.png")
    expect(thumbnail(page, load_gallery().paintings[0])).to_be_checked()
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled()


def test_the_arrow_keys_move_through_the_gallery(page: Page) -> None:
    first, second = (thumbnail(page, photo) for photo in load_gallery().photos[:2])
    first.press("ArrowRight")
    expect(second).to_be_checked()
    expect(second).to_be_focused()
    expect(page.get_by_alt_text(load_gallery().photos[1].description)).to_be_visible()


def test_nothing_overflows_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    expect(thumbnail(page, load_gallery().photos[0])).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
