"""The page in German, in a German's browser, while an English one has it in English."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect

from benchmarks.serving import Server, serving
from nst.ui.language.catalogue import CATALOGUES
from tests.support.browser import PATIENCE
from tests.support.messages import placeholders

#: Everything that is read, or read aloud: the texts of all elements that are seen, and what is told of them.
READ = """() => {
  const found = [];
  const roots = [document];
  while (roots.length) {
    for (const each of roots.pop().querySelectorAll("*")) {
      if (each.shadowRoot) roots.push(each.shadowRoot);
      for (const name of ["aria-label", "aria-description", "alt", "title", "placeholder"])
        if (each.getAttribute(name)) found.push(each.getAttribute(name));
      for (const node of each.childNodes)
        if (node.nodeType === 3 && each.checkVisibility()) found.push(node.textContent);
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("tests/support/painting_page.py") as server:
        yield server


def visit(browser: Browser, address: str, locale: str) -> Page:
    context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    expect(page.locator(".st-key-stylise button")).to_be_enabled()
    return page


def english(page: Page) -> set[str]:
    """What the page says in English: whole texts that have another translation, or all the words of a template."""
    with CATALOGUES["de"].open("rb") as file:
        pairs = [(each.id, each.string) for each in read_po(file, locale="de") if isinstance(each.id, str) and each.id]
    said = {" ".join(str(each).split()) for each in page.evaluate(READ)}
    texts = {text for text, translation in pairs if text != translation and not placeholders(text)}
    long = [text for text in texts if text.count(" ") >= 3]
    return said & texts | {each for each in said if any(text in each for text in long)}


def settle(page: Page) -> None:
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()


def test_a_german_and_an_english_visitor_have_the_page_in_their_languages(browser: Browser, server: Server) -> None:
    page, other = visit(browser, server.address, "de-DE"), visit(browser, server.address, "en-US")
    expect(page.get_by_role("heading", name="Vom Foto zum Gemälde")).to_be_visible()
    expect(other.get_by_role("heading", name="From a photo to a painting")).to_be_visible()
    assert [each.evaluate("document.documentElement.lang") for each in (page, other)] == ["de", "en"]
    assert english(page) == set()
    assert english(other) > {"Settings", "Painting", "Movement", "Paste", "Wheat Field with Cypresses"}

    page.get_by_role("searchbox", name="Gemälde durchsuchen").fill("gibt es nicht")
    expect(page.get_by_text("Kein Gemälde passt")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    # What is wrong with a file is said in German.
    uploader = page.locator(".st-key-photo_file input[type=file]")
    uploader.set_input_files({"name": "note.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.get_by_text(re.compile("note.png: erwartet wird ein Bild als JPEG"))).to_be_visible()
    page.get_by_text("Nach Bereichen malen").click()
    expect(page.get_by_role("radio", name="Radierer")).to_be_visible()
    settle(page)
    assert english(page) == set(), "regions and an error"
    page.get_by_text("Nach Bereichen malen").click()
    expect(page.get_by_role("radio", name="Radierer")).to_have_count(0)
    page.locator(".st-key-stylise button").click()
    expect(page.get_by_text(re.compile(r"px, \d+,\d × \d+,\d cm bei 300 dpi"))).to_be_visible()
    settle(page)
    assert english(page) == set(), "a result"
    other.reload()
    expect(other.get_by_role("heading", name="From a photo to a painting")).to_be_visible()


def test_another_language_is_chosen_and_nothing_else_changes(browser: Browser, server: Server) -> None:
    page = visit(browser, server.address, "de-DE")
    page.get_by_text("Erweitert", exact=True).click()
    page.get_by_role("combobox", name="Farben").click()
    page.get_by_role("option", name="Die des Fotos: nur Helligkeit malen").click()
    expect(page.get_by_text("Wie weit die Farben des Fotos bleiben")).to_be_visible()
    page.get_by_role("radio", name="English").click()
    expect(page.get_by_role("heading", name="From a photo to a painting")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(re.compile(r"lang=en"))
    expect(page.get_by_text("How far the photo's colours are kept")).to_be_visible()
    colours = page.get_by_role("combobox", name="Colours")
    expect(colours).to_have_value("The photo's: paint brightness only")
    page.get_by_text("Keep the subject recognisable").click()  # the page is drawn once more
    expect(page.get_by_role("button", name="Reset all settings")).to_be_visible()
    expect(colours).to_have_value("The photo's: paint brightness only")
    page.reload()
    expect(page.get_by_role("heading", name="From a photo to a painting")).to_be_visible()
    page.get_by_role("radio", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Vom Foto zum Gemälde")).to_be_visible()
