"""The page as a person meets it: a real server, the real engine, Debian's chromium."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, expect
from playwright.sync_api import TimeoutError as Timeout

from benchmarks.serving import Server, serving
from nst.config import StyleTransferConfig
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.codec import encode_png, read_picture, read_recipe_text, resize
from nst.pictures.gallery import Preset, load_gallery
from nst.recipes.link import to_link
from nst.recipes.recipe import Recipe, Source
from nst.ui.about.illustrations import EXAMPLE
from tests.support.browser import PATIENCE
from tests.support.markdown import shown

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("app.py") as server:
        yield server


@pytest.fixture(scope="module")
def address(server: Server) -> str:
    return server.address


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complains about."""
    return []


@pytest.fixture
def context(browser: Browser, complaints: list[str]) -> Iterator[BrowserContext]:
    """A new visitor, whose browser must not have complained about anything by the end of the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write", "camera"])
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext, address: str, complaints: list[str]) -> Page:
    return visit(context, address, complaints)


def visit(context: BrowserContext, address: str, complaints: list[str], started: bool = True) -> Page:
    """Open the page; with `started` it has something to paint."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    button = page.get_by_role("button", name="Stylise")
    expect(button).to_be_enabled() if started else expect(button).to_be_visible()
    settle(page)
    return page


def thumbnail(page: Page, preset: Preset) -> Locator:
    group = page.get_by_role("radiogroup", name=f"Choose a {preset.kind}")
    return group.get_by_role("radio", name=spoken(preset), exact=True)


def spoken(preset: Preset) -> str:
    return f"{preset.title}, {preset.artist}, {preset.year}" if preset.kind == "painting" else preset.title


def small_and_short(page: Page, steps: int) -> None:
    """Set the smallest size, and the steps."""
    set_number(page, "Size (px)", 64)
    expect(page.locator(".nst-pair small")).to_contain_text(re.compile(r"^64 × |× 64 px"))
    set_steps(page, steps)


def set_steps(page: Page, steps: int) -> None:
    set_number(page, "Steps", steps)
    expect(page.get_by_text(f"{steps} steps in all")).to_be_visible()


def set_number(page: Page, name: str, value: int) -> None:
    """Set a number under Advanced, which is opened again where a last redrawing of the page has closed it."""
    field = page.get_by_role("spinbutton", name=name)
    for _ in range(5):
        if not field.is_visible():
            page.get_by_text("Advanced", exact=True).click()
        try:
            field.fill(str(value), timeout=20_000)
            break
        except Timeout:
            continue
    field.press("Enter")


def stylise(page: Page) -> None:
    button = page.get_by_role("button", name="Stylise")
    expect(button).to_be_enabled()
    button.click()


def finish(page: Page) -> None:
    expect(page.get_by_text("Finished in")).to_be_visible()
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page is drawn to its end: a menu that is opened before would be closed again."""
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()


def choose_option(page: Page, menu: str, option: str) -> None:
    """Open a menu and choose; a menu that a last redrawing of the page has closed is opened again."""
    for _ in range(5):
        page.get_by_role("combobox", name=menu).click()
        try:
            page.get_by_role("option", name=option).click(timeout=5000)
        except Timeout:
            continue
        return
    raise AssertionError(f"the menu {menu} does not stay open")


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(download.value.path()).read_bytes()


def recipe_of(png: bytes) -> Recipe:
    text = read_recipe_text(png)
    assert text is not None
    return Recipe.from_json(text)


def test_a_finished_example_is_there_before_any_click(page: Page) -> None:
    gallery = load_gallery()
    example = gallery.find(EXAMPLE.painting, "painting")
    expect(page.get_by_alt_text("The example")).to_be_visible()
    expect(page.get_by_text(f"in the manner of {example.title}")).to_be_visible()
    all_paintings = page.get_by_role("button", name=f"Show all {len(gallery.paintings)}")
    expect(thumbnail(page, gallery.paintings[-1])).to_have_count(0)
    all_paintings.click()
    expect(all_paintings).to_be_hidden()
    for preset in gallery.photos + gallery.paintings:
        expect(thumbnail(page, preset)).to_have_count(1)
    # The divider follows the keyboard, and a drag.
    divider = page.get_by_role("slider", name="How much of the picture")
    divider.press("ArrowLeft")
    expect(divider).to_have_value("49")
    frame = page.get_by_alt_text("The example").bounding_box()
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + 50)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] / 4, frame["y"] + 60)
    page.mouse.up()
    expect(divider).to_have_value("25")


def test_pictures_are_zoomed_and_moved_together_by_buttons_keys_and_drags(page: Page) -> None:
    def transforms() -> list[list[float]]:
        """Scale and way to the right of both pictures."""
        script = "all => all.map(e => new DOMMatrix(getComputedStyle(e).transform)).map(m => [m.a, m.e])"
        found: list[list[float]] = page.locator(".stage img").evaluate_all(script)
        return found

    page.get_by_role("button", name="Larger").click()
    page.get_by_role("button", name="Larger").click()
    before, same = transforms()
    assert before == same
    assert before[0] == pytest.approx(2.25)
    frame = page.locator(".stage").bounding_box()
    page.mouse.move(frame["x"] + frame["width"] / 3, frame["y"] + 50)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] / 3 - 60, frame["y"] + 40)
    page.mouse.up()
    after, same = transforms()
    assert after == same
    assert after[1] == pytest.approx(before[1] - 60, abs=1)
    divider = page.get_by_role("slider", name="How much of the picture")
    expect(divider).to_have_value("50")
    divider.press("0")
    expect(page.locator(".zoomed")).to_have_count(0)


def test_the_gallery_is_searched_and_narrowed_to_a_movement(page: Page) -> None:
    group = page.get_by_role("radiogroup", name="Choose a painting").get_by_role("radio")
    page.get_by_role("searchbox").fill("cezanne apples")
    expect(group).to_have_count(1)
    expect(group).to_have_accessible_name("Still Life with Apples and a Pot of Primroses, Paul Cézanne, ca. 1890")
    page.get_by_role("searchbox").fill("no such thing")
    expect(page.get_by_text("No painting matches")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("combobox", name="Movement").select_option("Pointillism")
    seurats = [painting for painting in load_gallery().paintings if painting.movement == "Pointillism"]
    expect(group).to_have_count(len(seurats))
    thumbnail(page, seurats[0]).click()
    expect(thumbnail(page, seurats[0])).to_be_checked()
    expect(page.get_by_text(f"+ {seurats[0].title}")).to_be_visible()
    expect(group).to_have_count(len(seurats))


def test_pick_stylise_watch_reload_cancel_and_download(page: Page) -> None:
    gallery = load_gallery()
    painting = gallery.paintings[2]
    thumbnail(page, painting).click()
    expect(thumbnail(page, painting)).to_be_checked()
    expect(page.locator(".nst-pair")).to_contain_text(painting.title)  # the server has heard of it too
    small_and_short(page, 5000)
    stylise(page)
    preview = page.get_by_alt_text("The picture so far")
    expect(preview).to_be_visible()
    expect(preview).not_to_have_attribute("src", preview.get_attribute("src"))
    expect(page.get_by_role("img", name="J over the steps")).to_be_visible()
    expect(page.get_by_role("button", name="Stylise")).to_be_disabled()
    # Controls do not disturb it.
    thumbnail(page, gallery.paintings[3]).click()
    expect(thumbnail(page, gallery.paintings[3])).to_be_checked()
    expect(preview).to_be_visible()

    page.reload()
    expect(preview).to_be_visible()

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_alt_text("The result:")).to_be_visible()
    expect(page.get_by_text("Cancelled after")).to_be_visible()
    png = downloaded(page, "PNG")
    recipe = recipe_of(png)
    assert (recipe.content.name, recipe.styles[0].name) == (gallery.photos[0].id, painting.id)
    assert (recipe.config.size, recipe.config.steps) == (64, 5000)
    picture = read_picture(png).pixels
    assert max(picture.shape) == 64
    jpeg = read_picture(downloaded(page, "JPEG")).pixels
    assert jpeg.shape == picture.shape
    assert np.abs(jpeg.astype(int) - picture).mean() < 10
    page.get_by_role("button", name="Time-lapse").click()
    film = Image.open(BytesIO(downloaded(page, "WebP")))
    assert film.format == "WEBP"
    assert getattr(film, "n_frames", 1) > 3


def test_own_photo_is_painted_continued_compared_and_its_link_says_what_it_lacks(page: Page) -> None:
    rng = np.random.default_rng(0)
    photo = encode_png(rng.integers(0, 256, (48, 80, 3), dtype=np.uint8))
    uploader = page.locator(".st-key-photo_file input[type=file]")
    uploader.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": photo})
    expect(page.get_by_role("radio", name="Your own, mine.png")).to_be_checked()
    # As on a device whose system shares files.
    sharing = "navigator.canShare = () => true; navigator.share = async (what) => { window.shared = what.files; };"
    page.evaluate(f"() => {{ {sharing} }}")
    small_and_short(page, 3)
    stylise(page)
    finish(page)
    page.get_by_role("button", name="Share the picture").click()
    assert page.evaluate("window.shared[0].type") == "image/jpeg"
    first = downloaded(page, "PNG")
    assert read_picture(first).pixels.shape == (38, 64, 3)
    expect(page.get_by_text("but not your own photo")).to_be_visible()

    set_steps(page, 4)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("radiogroup", name="Choose a result")).to_be_visible()
    finish(page)
    second = downloaded(page, "PNG")
    assert recipe_of(second).config.init == "picture"
    assert recipe_of(second).config.steps == 4

    # Against the first result, side by side, and back to the first one by the strip.
    choose_option(page, "Compare with", "1 ·")
    expect(page.get_by_alt_text("Another result:")).to_be_visible()
    page.get_by_role("radio", name="Side by side").click()
    expect(page.get_by_role("slider", name="How much of the picture")).to_be_hidden()
    page.get_by_role("radio", name="Fade").click()
    page.get_by_role("slider", name="How much of the picture").press("End")
    expect(page.locator(".stage .before")).to_have_css("opacity", "1")
    page.get_by_role("radio", name="Difference").click()
    expect(page.locator(".stage .before")).to_have_css("mix-blend-mode", "difference")
    page.get_by_role("radiogroup", name="Choose a result").get_by_role("radio", name="1 ·").click()
    expect(page.get_by_alt_text("Another result:")).to_be_hidden()
    assert downloaded(page, "PNG") == first


def test_two_paintings_are_blended_and_others_open_the_same_settings_by_link_or_picture(
    page: Page, context: BrowserContext, address: str, complaints: list[str]
) -> None:
    gallery = load_gallery()
    thumbnail(page, gallery.photos[2]).click()
    page.get_by_role("switch", name="Add a second painting").click(force=True)
    second = page.get_by_role("radiogroup", name="Choose a second painting")
    second.get_by_role("radio", name=spoken(gallery.paintings[5]), exact=True).click()
    share = page.get_by_role("slider", name="Share of the second painting")
    share.press("ArrowLeft")
    small_and_short(page, 2)
    stylise(page)
    finish(page)
    png = downloaded(page, "PNG")
    recipe = recipe_of(png)
    assert [style.name for style in recipe.styles][1] == gallery.paintings[5].id
    assert recipe.config.style_blend_weights == (0.51, 0.49)

    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    guest = visit(context, page.evaluate("navigator.clipboard.readText()"), complaints)
    expect(guest.get_by_text("are in place")).to_be_visible()
    expect_settings_of(guest, recipe)

    other = visit(context, address, complaints)
    other.get_by_text("Settings from a picture").click()
    uploader = other.locator(".st-key-reopen_file input[type=file]")
    uploader.set_input_files({"name": "result.png", "mimeType": "image/png", "buffer": png})
    expect(other.get_by_text("are in place")).to_be_visible()
    expect_settings_of(other, recipe)


def expect_settings_of(page: Page, recipe: Recipe) -> None:
    gallery = load_gallery()
    expect(thumbnail(page, gallery.find(recipe.content.name, "photo"))).to_be_checked()
    expect(thumbnail(page, gallery.find(recipe.styles[0].name, "painting"))).to_be_checked()
    second = page.get_by_role("radiogroup", name="Choose a second painting")
    expect(second.get_by_role("radio", checked=True)).to_have_accessible_name(
        spoken(gallery.find(recipe.styles[1].name, "painting"))
    )
    expect(page.get_by_role("slider", name="Share of the second painting")).to_have_value("49")
    page.get_by_text("Advanced", exact=True).click()
    expect(page.get_by_role("spinbutton", name="Steps")).to_have_value(str(recipe.config.steps))
    expect(page.get_by_text(f"{recipe.config.size} × ")).to_be_visible()


def test_a_pasted_picture_is_an_upload(page: Page) -> None:
    page.evaluate(
        """async () => {
            const canvas = new OffscreenCanvas(50, 40);
            canvas.getContext("2d").fillRect(0, 0, 20, 20);
            await navigator.clipboard.write([new ClipboardItem({ "image/png": await canvas.convertToBlob() })]);
        }"""
    )
    page.locator(".st-key-painting_panel").get_by_role("button", name="Paste").click()
    expect(page.get_by_role("radio", name="Your own, pasted.png")).to_be_checked()
    settle(page)
    page.locator(".st-key-photo_panel").hover(position={"x": 5, "y": 5})
    page.keyboard.press("Control+V")
    expect(page.get_by_role("radio", name="Your own, pasted.png")).to_have_count(2)


def test_a_file_that_is_no_picture_is_one_sentence_and_nothing_is_lost(page: Page) -> None:
    uploader = page.locator(".st-key-painting_file input[type=file]")
    uploader.set_input_files({"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.get_by_role("alert")).to_contain_text("broken.png")
    expect(page.get_by_role("radiogroup", name="Choose a painting").get_by_role("radio", checked=True)).to_have_count(1)
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled()


def test_names_of_strangers_place_no_links_and_no_pictures_on_the_page(
    context: BrowserContext, address: str, complaints: list[str]
) -> None:
    name = "![x](http://127.0.0.1:1/x.png) [click](http://evil) <img src=x onerror=alert(1)> www.evil.com me@evil.com"
    painting = load_gallery().paintings[0]
    styles = (Source(painting.id, painting.sha256), Source.of(name, b"not here"))
    region = Region(name, PackedMask.of(np.tri(86, 128, dtype=np.float32)), (1, 0))
    config = StyleTransferConfig(style_blocks=("1-2", "3-5"))
    recipe = Recipe(Source.of(name, b"nor this"), styles, config, "1.0", regions=(region,))
    page = visit(context, f"{address}/?recipe={to_link(recipe)}", complaints, started=False)
    notice = page.get_by_test_id("stAlert").filter(has_text="is not part of it").first
    expect(notice).to_be_visible()
    assert f"The photo “{name}” is not part of it" in shown(notice.inner_text())
    file: FilePayload = {"name": f"{name[:60]}.png".replace("/", "-"), "mimeType": "image/png", "buffer": b"no picture"}
    page.locator(".st-key-painting_file input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stAlert").filter(has_text="expected a JPEG").first).to_be_visible()
    settle(page)
    expect(page.locator("a[href*=evil], a[href*='127.0.0.1'], img[src*='127.0.0.1:1'], img[src='x']")).to_have_count(0)
    expect(page.get_by_test_id("stAlert").locator("a, img")).to_have_count(0)


def test_the_arrow_keys_move_through_the_gallery(page: Page) -> None:
    first, second = (thumbnail(page, photo) for photo in load_gallery().photos[:2])
    first.press("ArrowRight")
    expect(second).to_be_checked()
    expect(second).to_be_focused()
    expect(page.get_by_text(f"{load_gallery().photos[1].title} +")).to_be_visible()


@pytest.mark.parametrize("width", [360, 768])
def test_nothing_overflows_and_the_button_is_in_reach(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    expect(thumbnail(page, load_gallery().photos[0])).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.get_by_role("button", name="Stylise")).to_be_in_viewport(ratio=1)
    page.get_by_role("heading", name="Painting", exact=True).scroll_into_view_if_needed()
    if width == 360:
        expect(page.get_by_role("button", name="Stylise")).to_be_in_viewport(ratio=1)


def test_the_camera_takes_the_photo(page: Page) -> None:
    page.locator(".st-key-photo_camera label").click()
    # Before the camera's first picture the button is there, but takes none.
    video = "document.querySelector('[data-testid=stCameraInput] video')"
    page.wait_for_function(f"() => {video}?.readyState >= HTMLMediaElement.HAVE_ENOUGH_DATA")
    page.get_by_role("button", name="Take Photo").click()
    expect(page.locator(".st-key-photo_panel").get_by_role("radio", name=re.compile("^Your own, "))).to_be_checked()


def test_the_dark_theme_follows_the_system(page: Page) -> None:
    brightness = "getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/g).map(Number)[0]"
    assert page.evaluate(brightness) > 200
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{brightness} < 60")


def test_a_closed_tab_gives_its_job_up(context: BrowserContext, complaints: list[str]) -> None:
    with serving("tests/support/impatient.py") as server:
        page = visit(context, server.address, complaints)
        small_and_short(page, 5000)
        stylise(page)
        expect(page.get_by_alt_text("The picture so far")).to_be_visible()
        job = page.url
        page.close()
        # The only worker is free for the next visitor long before the 5000 steps are over.
        page = visit(context, server.address, complaints)
        small_and_short(page, 2)
        stylise(page)
        finish(page)
        page.goto(job)
        expect(page.get_by_text("Cancelled after")).to_be_visible()
        page.close()


def test_three_regions_by_brush_and_file_and_a_part_of_a_painting_are_painted_and_come_back(page: Page) -> None:
    page.locator("label").filter(has_text="Add a second painting").click()
    settle(page)
    page.locator("label").filter(has_text="Paint by regions").click()
    expect(page.get_by_text("Nothing is covered yet")).to_be_visible()
    paint(page, "Paint where the paintings go", 0, (0.15, 0.2), (0.15, 0.8))
    expect(page.get_by_text("Nothing is covered yet")).to_be_hidden()
    paint(page, "Paint where the paintings go", 1, (0.85, 0.2), (0.85, 0.8))
    page.locator(".st-key-region_second_panel summary").click()
    page.locator(".st-key-region_second_strength").get_by_role("slider").press("ArrowRight")
    expect(page.locator("summary").filter(has_text="1.5×")).to_be_visible()

    # The third one is the lower quarter of the photo, from a file, and stays as it is: first a file that is none.
    page.get_by_role("button", name="Add a region").click()
    third = page.locator(".st-key-regions_2_ways input[type=file]")
    page.locator("summary").filter(has_text="The photo, untouched").click()
    third.set_input_files({"name": "mask.png", "mimeType": "image/png", "buffer": b"no mask"})
    expect(page.get_by_role("alert")).to_contain_text("The photo, untouched: expected a JPEG")
    third.set_input_files({"name": "mask.png", "mimeType": "image/png", "buffer": lower_quarter(128, 86)})
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_text("nothing marked yet")).to_be_hidden()

    page.locator("label").filter(has_text="Use only a part of the painting").click()
    paint(page, "Paint over the part", 0, (0.3, 0.3), (0.7, 0.7))
    small_and_short(page, 3)
    stylise(page)
    finish(page)
    png = downloaded(page, "PNG")
    recipe = recipe_of(png)
    assert [region.shares for region in recipe.regions] == [(1, 0), (0, 1), (1, 0)]
    assert [region.strength for region in recipe.regions] == [1, 1.5, 0]
    assert [guide is None for guide in recipe.style_guides] == [False, True]
    # Between the two strokes, and below, the photo is as it was.
    photo = load_gallery().find(recipe.content.name, "photo").read().pixels
    changed = np.abs(read_picture(png).pixels - resize(photo, 64).astype(int)).max(axis=2)
    assert changed[:, 28:36].max() == 0
    assert changed[34:].max() == 0
    assert min(changed[:, 8:12].max(), changed[:, 52:56].max()) > 5, "three steps of the default change it by 9 or 10"

    other = page.context.new_page()
    other.goto(page.url.partition("?")[0])
    other.get_by_text("Settings from a picture").click()
    other.locator(".st-key-reopen_file input[type=file]").set_input_files(
        {"name": "ours.png", "mimeType": "image/png", "buffer": png}
    )
    expect(other.get_by_text("are in place")).to_be_visible()
    canvas = other.get_by_role("application", name="Paint where the paintings go")
    expect(canvas).to_be_visible()
    expect(other.locator("summary").filter(has_text="1.5×")).to_be_visible()
    blue = "c => c.getContext('2d').getImageData(0.85 * c.width, 0.5 * c.height, 1, 1).data.join() === '0,114,178,255'"
    other.wait_for_function(blue, arg=canvas.element_handle())
    expect(other.get_by_role("application", name="Paint over the part")).to_be_visible()


def paint(page: Page, canvas: str, region: int, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag the brush over a canvas, whose width and height are 1."""
    area = page.get_by_role("application", name=canvas)
    expect(area).to_be_visible()
    settle(page)
    if region:
        page.get_by_role("radiogroup", name="Paint on").get_by_role("radio").nth(region).click()
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=10)
    page.mouse.up()
    settle(page)


def lower_quarter(width: int, height: int) -> bytes:
    mask = np.zeros((height, width, 3), np.uint8)
    mask[-height // 4 :] = 255
    return encode_png(mask)


def test_several_paintings_are_painted_and_saved_together_and_a_cell_of_a_table_is_adopted(page: Page) -> None:
    gallery = load_gallery()
    small_and_short(page, 2)
    page.get_by_text("More ways to paint").click()
    group = page.get_by_role("group", name="Choose several paintings")
    chosen = (gallery.paintings[3], gallery.paintings[1])
    for count, painting in enumerate(chosen, start=1):
        group.get_by_role("checkbox", name=spoken(painting), exact=True).click()
        expect(page.get_by_role("button", name=f"Paint all {count}")).to_be_enabled()
    page.get_by_role("button", name="Paint all 2").click()
    expect(page.get_by_role("heading", name="This session")).to_be_visible()
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled()
    with ZipFile(BytesIO(downloaded(page, "All as ZIP"))) as files:
        pictures = [name for name in files.namelist() if name.endswith(".png")]
        made = {recipe_of(files.read(name)).styles[0].name for name in pictures}
    assert made == {painting.id for painting in chosen}

    page.locator(".st-key-more_way").get_by_text("Compare settings").click()
    for brush in ("0.7×", "1.4×"):
        page.locator(".st-key-table_brushes").get_by_text(brush).click()
    expect(page.get_by_text(re.compile("^3 small pictures"))).to_be_visible()
    page.locator(".st-key-table_start button").click()
    expect(page.get_by_role("button", name="Stylise")).to_be_disabled()
    expect(page.get_by_role("button", name="Stylise")).to_be_enabled()
    cells = page.get_by_role("radiogroup", name="Choose settings").get_by_role("radio")
    expect(cells).to_have_count(3)
    cells.nth(2).click()
    expect(page.get_by_text("These settings are in place: photo 41%")).to_be_visible()
    expect(cells.nth(2)).to_be_checked()
