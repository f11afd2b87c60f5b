"""Visitors who come back: after a reload, after the server was killed, by the address; in the browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.front import Front
from benchmarks.serving import READY, Server
from nst.config import StyleTransferConfig
from nst.pictures.gallery import load_gallery
from nst.recipes.link import to_link
from nst.recipes.recipe import Recipe, Source
from tests.support.browser import PATIENCE


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    server = Server("serve.py", folder / "log", NST_STATE=folder / "state", NST_CHECKPOINT_SECONDS=0.5)
    server.wait(READY)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    front = Front(tmp_path_factory.mktemp("front"), NST_CHECKPOINT_SECONDS=0.5)
    yield front
    front.stop()


def endless() -> str:
    """Return what stands behind the question mark of a page with the settings of a small picture that takes long."""
    gallery = load_gallery()
    photo, painting = gallery.photos[0], gallery.paintings[0]
    config = StyleTransferConfig(size=64, steps=5000)
    recipe = Recipe(Source(photo.id, photo.sha256), (Source(painting.id, painting.sha256),), config, "1.0")
    return f"recipe={to_link(recipe)}"


def started(browser: Browser, address: str) -> Page:
    """Open a page as a new visitor and start an endless picture; return when it is being painted."""
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/?{endless()}")
    page.get_by_role("button", name="Stylise").click()
    expect(page.get_by_alt_text("The picture so far")).to_be_visible()
    return page


def cancelled(page: Page) -> None:
    """Cancel, and see the result."""
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_alt_text("The result:")).to_be_visible()
    expect(page.get_by_text("Cancelled after")).to_be_visible()
    page.context.close()


def test_after_a_reload_the_visitor_can_still_cancel(browser: Browser, server: Server) -> None:
    page = started(browser, server.address)
    page.reload()
    expect(page.get_by_alt_text("The picture so far")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_enabled()
    cancelled(page)


def test_who_has_the_address_sees_the_picture_and_cannot_cancel(browser: Browser, server: Server) -> None:
    page = started(browser, server.address)
    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(other.get_by_alt_text("The picture so far")).to_be_visible()
    expect(other.get_by_role("button", name="Cancel")).to_be_disabled()
    other.reload()
    expect(other.get_by_alt_text("The picture so far")).to_be_visible()
    expect(other.get_by_role("button", name="Cancel")).to_be_disabled()
    other.context.close()
    cancelled(page)


def test_a_killed_server_s_visitors_come_back_by_themselves_and_can_cancel(browser: Browser, server: Server) -> None:
    page = started(browser, server.address)
    preview = page.get_by_alt_text("The picture so far")
    server.kill()
    server.start()
    server.wait(READY)
    before = preview.get_attribute("src")
    expect(preview).not_to_have_attribute("src", before or "")
    expect(page.get_by_role("button", name="Cancel")).to_be_enabled()
    cancelled(page)


def test_a_page_that_went_to_the_other_server_comes_back_to_its_own(browser: Browser, front: Front) -> None:
    page = started(browser, front.address)
    name = page.url.partition("job=")[2].partition(".")[0]
    front.servers[name].kill()
    # The tab's connection changes to the other server, which does not have the picture, says so, and waits.
    said = page.get_by_text("The server that has this picture is starting anew")
    expect(said).to_be_visible()
    assert f"job={name}." in page.url
    front.servers[name].start()
    expect(page.get_by_alt_text("The picture so far")).to_be_visible()
    expect(said).to_be_hidden()
    cancelled(page)


def test_a_reload_while_the_server_is_down_comes_back_too(browser: Browser, front: Front) -> None:
    page = started(browser, front.address)
    name = page.url.partition("job=")[2].partition(".")[0]
    front.servers[name].kill()
    page.goto(page.url)
    expect(page.get_by_text("This page comes back by itself")).to_be_visible()
    front.servers[name].start()
    expect(page.get_by_alt_text("The picture so far")).to_be_visible()
    cancelled(page)
