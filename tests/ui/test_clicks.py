"""No click is lost on a server that is slow to answer."""

from playwright.sync_api import Browser, expect

from benchmarks.serving import serving
from nst.pictures.gallery import load_gallery
from tests.support.browser import PATIENCE


def test_a_click_is_not_lost_when_a_slider_is_moved_before_the_server_has_taken_it(browser: Browser) -> None:
    second = load_gallery().paintings[1]
    with serving("tests/support/slow_page.py") as server:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(server.address)
        expect(page.get_by_text(f"{load_gallery().paintings[0].id} at 5")).to_be_visible()
        page.get_by_role("radio", name=second.title).click()
        page.get_by_role("slider", name="Size").press("ArrowRight")
        expect(page.get_by_text("at 6")).to_be_visible()
        expect(page.get_by_text(f"{second.id} at 6")).to_be_visible(timeout=5000)
        page.close()
