"""Names and sentences of strangers are shown as text, wherever they stand on the page."""

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nst import jobs
from nst.config import RunOptions, StyleTransferConfig
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.codec import encode_png
from nst.pictures.gallery import load_gallery
from nst.recipes.link import to_link
from nst.recipes.provenance import Provenance
from nst.recipes.recipe import Recipe, Source
from nst.ui import resources
from nst.ui.widgets.markdown import literal
from tests.support.fake_engine import Engine
from tests.support.markdown import shown

ROOT = Path(__file__).parents[2]
HOSTILE = "![x](http://a.b/x.png) [k](//e) <img src=x onerror=y> www.e.com a@e.com :red[r] :sos: $x$ **b**"

#: Calls of Streamlit whose first argument is Markdown.
MARKDOWN = {"error", "info", "warning", "success", "caption", "markdown", "write"}


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    resources.runner.clear()
    engine, runner = Engine(), jobs.JobRunner
    monkeypatch.setattr(jobs, "JobRunner", lambda **_: runner(engine, lambda: None))
    yield engine
    resources.runner.clear()


def test_literal_text_reads_as_it_was() -> None:
    assert shown(literal(HOSTILE)) == HOSTILE
    assert literal("two\n\nlines") == "two lines"
    assert literal("Irises") == "Irises"


def markdown_texts(at: AppTest) -> list[str]:
    """Return all Markdown on the page: notes, captions, and labels."""
    texts: list[str] = []
    for kind in ("markdown", "caption", "info", "error", "warning"):
        texts += [cast("Any", element).value for element in at.get(kind)]
    kinds = ("slider", "selectbox", "toggle", "file_uploader", "button", "text_input", "select_slider", "expander")
    return texts + [cast("Any", element).label for kind in kinds for element in at.get(kind)]


def check_texts(at: AppTest, *expected: str) -> None:
    """Check that all Markdown in which the hostile name stands is escaped, and that it stands in these places."""
    assert not at.exception
    texts = markdown_texts(at)
    for text in texts:
        for piece in ("](", "<img", "www.e", "a@e", ":red[r", ":sos:", "$x", "**b"):
            assert not re.search(r"(?<!\\)" + re.escape(piece), text.replace("$x\\$", "")), (piece, text)
    for place in expected:
        assert any(place in shown(text) for text in texts), (place, texts)


def opened(recipe: Recipe) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=90)
    at.query_params["recipe"] = to_link(recipe)
    return at.run()


def hostile_recipe() -> Recipe:
    gallery = load_gallery()
    half = np.zeros((90, 128), np.float32)
    half[:, :64] = 1
    region = Region(HOSTILE, PackedMask.of(half), (1.0, 0.0))
    photo, painting = gallery.photos[0], gallery.paintings[0]
    return Recipe(
        Source(photo.id, photo.sha256), (Source(painting.id, painting.sha256), Source.of(HOSTILE, b"painting")),
        StyleTransferConfig(style_blocks=("1-2", "3-5")), "1.0", regions=(region,),
        run=Provenance.of(RunOptions(), HOSTILE),
    )  # fmt: skip


def test_a_link_places_nothing_on_the_page() -> None:
    at = opened(hostile_recipe())
    check_texts(at, f"The second painting “{HOSTILE}” is not part", HOSTILE, f"on {HOSTILE}, with a history")


def test_a_setting_in_a_recipe_places_nothing_in_the_error() -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=90).run()
    text = hostile_recipe().to_json().replace('"guidance": "simple"', f'"guidance": "{HOSTILE[:70]}"')
    file = encode_png(np.zeros((4, 4, 3), np.uint8), text)
    at.file_uploader(key="reopen_file").upload("ours.png", file, "image/png").run()
    check_texts(at, "got '![x](http://a.b/x.png)")


@pytest.mark.parametrize("data", [b"no picture", encode_png(np.full((40, 60, 3), 128, np.uint8))])
def test_the_name_of_an_upload_places_nothing_on_the_page(data: bytes) -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=90).run()
    for key in ("second_on", "third_on", "regions", "style_guides", "mix_scales"):
        at.toggle(key=key).set_value(True).run()
    for key in ("painting_file", "second_file", "reopen_file"):
        at.file_uploader(key=key).upload(f"{HOSTILE}.png", data, "image/png").run()
    if data.startswith(b"no"):
        check_texts(at, f"{HOSTILE}.png: expected")
    else:
        check_texts(at, f"Blocks of {HOSTILE}.png", f"{HOSTILE}.png 3", f"used as a whole: {HOSTILE}.png")


def test_a_painting_of_the_gallery_is_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = load_gallery()
    hostile = dataclasses.replace(gallery.paintings[0], title=HOSTILE, settings={"steps": 60})
    changed = dataclasses.replace(gallery, paintings=(hostile, *gallery.paintings[1:]))
    resources.gallery.clear()
    monkeypatch.setattr(resources, "load_gallery", lambda: changed)
    try:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=90).run()
        at.session_state["painting"] = hostile.id
        at.run()
        check_texts(at, f"{HOSTILE}* comes with its own")
    finally:
        resources.gallery.clear()


def _is_written(node: ast.expr) -> bool:
    """Tell whether a text is a constant, or the translation of one without anything put into it."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "text" and not node.keywords:
        return isinstance(node.args[0], ast.Constant)
    return isinstance(node, ast.Constant)


def test_every_sentence_that_is_not_written_in_the_code_is_made_literal() -> None:
    """A note or caption is a constant or its translation, or goes through `literal`; or it is made of numbers alone."""
    numbers = {"_losses(job)", "_details(job.progress)", "details", "_sentence(news, busy)"}
    bare = []
    for path in sorted((ROOT / "nst" / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MARKDOWN:
                text = ast.unparse(node.args[0]) if node.args else "''"
                written = _is_written(node.args[0]) or "literal(" in text or text in numbers
                elsewhere = isinstance(node.func.value, ast.Name) and node.func.value.id in ("_log", "file", "archive")
                if not written and not elsewhere:
                    bare.append(f"{path.name}: {text}")
    # Our own words, or what has gone through `literal` before.
    assert bare == [
        r"guide.py: '\n'.join((f'* {text(rule)}' for rule in _RULES))",
        "guide.py: f'{mark} {text(words)}'",
        "how.py: paragraph",
        """doodle.py: f"**{text('1. In the painting')}**\"""",
        """doodle.py: f"**{text('2. In your picture')}**\"""",
        "film.py: text('A clip of up to {seconds} seconds in the manner of the painting; what is longer is cut "
        "there.', seconds=number(most))",
        "maps.py: f'**{title}**'",
        "reopen.py: text('The link carries the settings, but not {one} nor {other}.', one=one, other=other)",
        "reopen.py: text('The link carries the settings, but not {one}.', one=missing[0])",
        """looks.py: f":small[{text('Look')}]\"""",
        "looks.py: text(spoken(current))",
        "panel.py: text('*{title}* comes with its own {controls}.', title=title, controls=listed)",
    ]
