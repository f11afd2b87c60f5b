"""Visitors who come back: after a reload, after the server was killed, by the address; in the browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from benchmarks.front import Front
from benchmarks.serving import READY, Server
from nst.config import StyleTransferConfig
from nst.pictures.gallery import load_gallery
from nst.recipes.link import to_link
from nst.recipes.recipe import Recipe, Source
from tests.support.browser import PATIENCE
from tests.support.waiting import until


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


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A new visitor."""
    context = browser.new_context()
    yield context
    context.close()  # and with it the picture that nobody waits for


def endless() -> str:
    """Return what stands behind the question mark of a page with the settings of a small picture that takes long."""
    gallery = load_gallery()
    photo, painting = gallery.photos[0], gallery.paintings[0]
    config = StyleTransferConfig(size=64, steps=5000)
    recipe = Recipe(Source(photo.id, photo.sha256), (Source(painting.id, painting.sha256),), config, "1.0")
    return f"recipe={to_link(recipe)}"


def started(context: BrowserContext, address: str) -> Page:
    """Open a page and start an endless picture; return when it is being painted."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/?{endless()}")
    page.get_by_role("button", name="Stylise").click()
    expect(page.get_by_alt_text("The picture so far")).to_be_visible()
    return page


def server_of(page: Page) -> str:
    """Return the name of the server in the page's address."""
    return page.url.partition("job=")[2].partition(".")[0]


def expect_cancelled(page: Page) -> None:
    """Cancel, which is the visitor's own right, and see the picture as it was."""
    button, ended = page.get_by_role("button", name="Cancel"), page.get_by_text("Cancelled after")

    def press() -> bool:
        # A press in the very moment of coming back reaches nobody; then a visitor presses once more.
        if button.is_visible() and button.is_enabled():
            button.click()
        try:
            expect(ended).to_be_visible(timeout=15_000)
        except AssertionError:
            return False
        return True

    until(press, PATIENCE / 1000)
    expect(page.get_by_alt_text("The result:")).to_be_visible()


def test_after_a_reload_the_visitor_can_still_cancel(context: BrowserContext, server: Server) -> None:
    page = started(context, server.address)
    page.reload()
    expect_cancelled(page)


def test_who_has_the_address_sees_the_picture_and_cannot_cancel(
    context: BrowserContext, browser: Browser, server: Server
) -> None:
    page = started(context, server.address)
    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(other.get_by_alt_text("The picture so far")).to_be_visible()
    expect(other.get_by_role("button", name="Cancel")).to_be_disabled()
    other.context.close()
    expect_cancelled(page)


def test_a_killed_server_s_page_comes_back_by_itself_and_its_visitor_can_cancel(
    context: BrowserContext, server: Server
) -> None:
    page = started(context, server.address)
    until(lambda: any((server.log.parent / "state").rglob("checkpoint.png")))
    server.kill()
    # Without a server nothing on the page can be pressed.
    expect(page.get_by_role("button", name="Cancel")).to_be_disabled()
    server.start()
    # The page is there long before the network is: what is cancelled is the picture of the last checkpoint.
    expect_cancelled(page)


def test_a_page_that_went_to_the_other_server_comes_back_to_its_own_and_so_does_a_reload(
    context: BrowserContext, front: Front
) -> None:
    page = started(context, front.address)
    name = server_of(page)
    until(lambda: any((front.folder / f"state-{name}").rglob("checkpoint.png")))
    front.servers[name].kill()
    # The tab's connection changes to the other server, which does not have the picture, says so, and waits.
    said = page.get_by_text("The server that has this picture is starting anew")
    expect(said).to_be_visible()
    assert server_of(page) == name
    front.servers[name].start()
    expect(page.get_by_role("button", name="Cancel")).to_be_enabled()
    expect(said).to_be_hidden()

    front.servers[name].kill()
    page.goto(page.url)
    expect(page.get_by_text("This page comes back by itself")).to_be_visible()
    front.servers[name].start()
    expect_cancelled(page)
