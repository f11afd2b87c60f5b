"""Debian's chromium, driven by playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from tests.run import BROWSERS

PATIENCE = 600_000  # ms; on a machine with twenty times the work it can do the network takes minutes to load

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera that shows a test picture, and that nobody has to allow.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser; what is expected of its pages has `PATIENCE`."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path is not None, "These tests need a chromium on the PATH: python tests/run.py --install-system"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()
