"""The page's texts: all are marked, all are translated, and each visitor gets their own language."""

import ast
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from streamlit.testing.v1 import AppTest

from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.jobs.limits import PROFILES
from nst.ui.language import LANGUAGES, SOURCE, number, plural, said, sentences, speaking, text
from nst.ui.language.catalogue import CATALOGUES, ENGINE
from nst.ui.pictures.choice import _preset_item
from tests.support.app import APP, finished, job, png, until
from tests.support.markdown import shown
from tests.support.messages import MARKS, UI, everything, placeholders
from tests.support.texts import texts

pytestmark = pytest.mark.usefixtures("fresh_resources")

#: What draws a text, and what carries one to where it is drawn.
DRAWING = {
    "Item", "Side", "button", "camera_input", "caption", "checkbox", "compare", "download_button", "error", "expander",
    "file_uploader", "header", "image", "info", "markdown", "mask_canvas", "mask_uploader", "multiple_picker",
    "multiselect", "number_input", "paint_canvas", "picker", "pills", "popover", "progress", "radio",
    "segmented_control", "select_slider", "selectbox", "set_page_config", "slider", "subheader", "success", "table",
    "text_area", "text_input", "title", "toast", "toggle", "video", "warning", "write",
}  # fmt: skip
#: Arguments of theirs that are no texts.
SILENT = {
    "key",
    "default",
    "icon",
    "page_icon",
    "type",
    "format",
    "mime",
    "layout",
    "language",
    "width",
    "label_visibility",
}
#: What only the log has, and what recipes have, which are the same for all visitors.
LOGGING, OF_RECIPES = {"guards.py"}, {"for the rest", "of the subject"}
#: Words that are the same everywhere.
WORDS = {"PNG", "JPEG", "TIFF", "WebP", "GIF", "MP", "J", "Jc", "Js", "Jtv", "px"}

CATALOGUE = pytest.mark.parametrize("path", CATALOGUES.values(), ids=list(CATALOGUES))


def unmarked(call: ast.Call) -> Iterator[ast.expr]:
    """The literal words among what a call draws."""
    named = [each.value for each in call.keywords if each.arg not in SILENT]
    for given in (*call.args, *named):
        if isinstance(given, ast.IfExp):
            parts = [given.body, given.orelse]
        else:
            parts = given.values if isinstance(given, ast.JoinedStr) else [given]
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and has_words(part.value):
                yield part


def has_words(value: str) -> bool:
    """Whether a string says something: words that are neither Markdown's nor the same everywhere."""
    plain = re.sub(r":[\w/-]+[:\[]|\{[^}]*\}|<[^>]*>|https?:\S+", " ", value)
    return any(word not in WORDS for word in re.findall(r"[^\W\d_]{2,}", plain)) and not re.fullmatch(
        r"[a-z0-9_./]+|#[0-9a-f]+", value
    )


def name(node: ast.AST) -> str:
    return getattr(node, "id", None) or getattr(node, "attr", "")


def test_every_text_that_the_page_draws_is_marked():
    """Looks at what is given to widgets; a text that is put together elsewhere is seen by three words in a row."""
    found = []
    for path in sorted(UI.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        marked = {id(each) for node in ast.walk(tree) if is_mark(node) for each in ast.walk(node)}
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_drawing(node)]
        literals = [each for call in calls for each in unmarked(call)]
        literals += [] if path.name in LOGGING else sentences_in(tree)
        found += [f"{path.name}:{each.lineno} {ast.unparse(each)}" for each in literals if id(each) not in marked]
    assert not found, "put these into text(...), or into deferred(...) and say them by text later"


def is_drawing(call: ast.Call) -> bool:
    return name(call.func) in DRAWING and not is_logged(call)


def is_mark(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and (name(node.func) in MARKS or name(node.func).endswith(("Error", "Exception")))


def sentences_in(tree: ast.AST) -> Iterator[ast.Constant]:
    """The strings of a module, but for docstrings and what is logged, that read like a sentence."""
    silent = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and (isinstance(node.value, ast.Constant) or is_logged(node.value))
        for each in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            is_read = node.value.strip() not in OF_RECIPES
            if is_read and re.search(r"(?<![-<=\w])[A-Za-z’']{2,},? [A-Za-z’']{2,},? [A-Za-z’']{2,}", node.value):
                yield node


def is_logged(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and name(node.func.value) == "_log"


def test_components_have_no_words_of_their_own():
    """Texts come into JavaScript by its data, from Python, where they are marked."""
    said_there = r"""(textContent|title|placeholder|alt|innerText|ariaLabel) *[=:] *["'`][^"'`]*[A-Za-z]{2}"""
    named = r"""setAttribute\( *["'](aria-label|aria-description|title|alt)["'], *["'`]"""
    for path in UI.rglob("*.js"):
        source = path.read_text("utf-8")
        assert not re.search(f"{said_there}|{named}", source), f"{path.name}: give the text by data"


@CATALOGUE
def test_a_language_has_all_texts_and_no_others(path: Path):
    with path.open("rb") as file:
        found = {(each.context, each.id): each.string for each in read_po(file, locale=path.stem) if each.id}
    wanted = {(context, (one, many) if many else one) for context, one, many in everything()}
    hint = "python -m tests.support.messages brings the file up to date; then translate what is new"
    assert not wanted - found.keys(), hint
    assert not found.keys() - wanted, hint
    empty = [key for key, string in found.items() if not all([string] if isinstance(string, str) else string)]
    assert not empty, "without a translation"


@CATALOGUE
def test_translations_have_the_same_placeholders(path: Path):
    with path.open("rb") as file:
        messages = [each for each in read_po(file, locale=path.stem) if each.id]
    for message in messages:
        texts = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        wanted = set().union(*map(placeholders, texts))
        for each in strings:
            # A value of the engine's may be a piece of English, such as the s of a plural, that another has no use for.
            is_right = placeholders(each) <= wanted if message.context == ENGINE else placeholders(each) == wanted
            assert is_right, f"{texts[0]!r} and {each!r}"
            assert each.count("**") == texts[0].count("**"), f"{texts[0]!r} and {each!r} differ in Markdown"


def test_a_text_is_said_in_the_language_that_is_spoken():
    assert text("Add a region") == "Add a region", "in English where there is no visitor"
    with speaking("de"):
        assert text("Add a region") == "Bereich hinzufügen"
        assert text("Blocks of {title}", title="{x}") == "Blöcke von {x}"
        assert [plural("{count} frame of {size}", "{count} frames of {size}", n, size="1 px") for n in (1, 2)] == [
            "1 Einzelbild von 1 px", "2 Einzelbilder von 1 px",
        ]  # fmt: skip
        assert number(1234.5, ".1f") == "1234,5"
        assert text("not in any file") == "not in any file"
    assert number(1234.5, ".1f") == "1234.5"
    assert LANGUAGES["de"] == "Deutsch"


def test_two_threads_speak_two_languages():
    def answer(code: str) -> set[str]:
        with speaking(code):
            return {text("Cancel") for _ in range(2000)}

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(answer, ["de", SOURCE])) == [{"Abbrechen"}, {"Cancel"}]


@pytest.mark.parametrize(
    ("sentence", "german"),
    [
        ("size: expected a number from 1 to 4, got 9.", "size: erwartet wird eine Zahl von 1 bis 4, nicht 9."),
        (
            "on 1, by 2.png: its transparent parts are laid on white.",
            "on 1, by 2.png: Durchsichtige Teile liegen auf Weiß.",
        ),
        (
            "Painted here by a stranger. The photo is upscaled from 5 to 9 px. J = 3.",
            "Painted here by a stranger. Das Foto wird von 5 auf 9 px vergrößert. J = 3.",
        ),
        (
            "Irises: expected a strength from 0 to 100, got {0}.",
            "Schwertlilien: erwartet wird eine Stärke von 0 bis 100, nicht {0}.",
        ),
        ("It was computed by nst 1.2, on CPU, in float32, with a history of at most 20.",
         "Gerechnet wurde es von nst 1.2, auf CPU, in float32, mit einem Verlauf von höchstens 20."),
    ],
)  # fmt: skip
def test_sentences_of_the_engine_are_known_by_their_templates(sentence: str, german: str):
    assert said(sentence) == sentence
    with speaking("de"):
        assert said(sentence) == german


def test_a_visitor_s_text_of_many_sentences_is_not_looked_for(monkeypatch):
    """Each of them would be compared with all templates, and so would any number of them together: for minutes."""
    compared: list[str] = []
    monkeypatch.setattr(sentences, "_translated", lambda sentence, code: compared.append(sentence))
    with speaking("de"):
        assert said("A. " * 2000) == "A. " * 2000
    assert not compared


def test_an_error_that_is_raised_is_said_in_german():
    with pytest.raises(StyleTransferError) as raised:
        PROFILES["public"].check(StyleTransferConfig(size=8192), (8000, 8000), ((300, 300),))
    with speaking("de"):
        assert re.fullmatch(
            r"size: auf diesem Server ist höchstens 768 möglich, nicht 8192; .*", said(str(raised.value))
        )
    with pytest.raises(StyleTransferError) as raised:
        PROFILES["public"].check(StyleTransferConfig(size=768, steps=150), (800, 800), ((800, 800),) * 4, 4)
    with speaking("de"):
        assert re.fullmatch(r"Arbeit: .*; bitte size von 768 auf \d+ senken.*\.", said(str(raised.value)))


def test_a_text_that_is_longer_than_any_sentence_is_left_as_it_is():
    broken = "{name}: expected a whole picture, got a file that cannot be decoded; save or download it again."
    with speaking("de"):
        assert said(broken.format(name="a")) != broken.format(name="a")
        assert said(broken.format(name="a" * 1500)) == broken.format(name="a" * 1500)


def opened(locale: str | None = None, **query: str) -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=90)
    if locale is not None:
        at.context = {"locale": locale}
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("locale", "query", "title"),
    [
        (None, {}, "From a photo to a painting"),
        ("en-GB", {}, "From a photo to a painting"),
        ("fr", {}, "From a photo to a painting"),
        ("de", {}, "Vom Foto zum Gemälde"),
        ("de-AT", {}, "Vom Foto zum Gemälde"),
        ("de-AT", {"lang": "en"}, "From a photo to a painting"),
        ("en-US", {"lang": "de"}, "Vom Foto zum Gemälde"),
        ("de-DE", {"lang": "../de"}, "Vom Foto zum Gemälde"),
    ],
)
def test_the_language_is_that_of_the_browser_or_of_the_address(
    locale: str | None, query: dict[str, str], title: str, engine
):
    assert opened(locale, **query).title[0].value == title


def test_only_as_much_is_read_of_what_a_browser_says_as_a_language_s_name_can_have(engine, monkeypatch):
    read: set[str] = set()

    def nearest(tag: str) -> str:
        read.add(tag)
        return "de"

    monkeypatch.setattr("nst.ui.language.chosen.nearest", nearest)
    assert opened("de-" * 10**6).title[0].value == "Vom Foto zum Gemälde"
    assert {len(tag) for tag in read} == {35}


def test_pages_of_two_visitors_do_not_mix(engine):
    german, english = opened("de-DE"), opened("en-US")
    assert [button.label for button in german.button if button.key == "stylise"] == ["Malen"]
    assert [button.label for button in english.button if button.key == "stylise"] == ["Stylise"]
    german.run()
    assert german.title[0].value == "Vom Foto zum Gemälde"


#: Names of layers and of files, which are the same in all languages.
NAMES = re.compile(r"conv\d_\d|block\d_conv\d|mine\.png")


class Pseudo:
    """A language in which every text stands between two signs, so that others can be told from it."""

    sentences = ()

    @property
    def texts(self) -> "Pseudo":
        return self

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, count: int) -> str:
        return f"⟦{one if count == 1 else many}⟧"


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The page speaks `Pseudo` instead of German."""
    _preset_item.cache_clear()
    monkeypatch.setattr("nst.ui.language.texts.catalogue", lambda code: None if code == SOURCE else Pseudo())
    yield
    _preset_item.cache_clear()


def untranslated(at: AppTest) -> set[str]:
    """What the page says outside of the two signs, but for numbers, units and names that are the same everywhere."""
    assert not at.exception
    said = {each for each in texts(at) if not each.startswith("{")}  # but for the recipe
    return {each for each in said if has_words(NAMES.sub("", outside(shown(each))))}


def outside(said: str) -> str:
    """What stands outside of the two signs; a text may have others as its values."""
    inner = re.sub(r"⟦[^⟦⟧]*⟧", " ", said)
    return said if inner == said else outside(inner)


def test_nothing_is_said_that_cannot_be_translated(pseudo, engine):
    """Whatever way a text takes to the browser: with the next language nothing of the page stays in English."""
    at = opened("de")
    assert untranslated(at) == set()
    at.file_uploader(key="photo_file").upload("mine.png", png(600, 900), "image/png").run()
    assert untranslated(at) == set(), "sketches of one's own photo"
    for key in ("regions", "style_guides", "second_on", "third_on", "mix_scales", "print_on"):
        at.toggle(key=key).set_value(True).run()
    assert untranslated(at) == set(), "regions, blends, prints"
    for key in ("third_on", "regions", "style_guides", "mix_scales", "print_on"):
        at.toggle(key=key).set_value(False).run()
    at.session_state["more"] = True
    for way in ("several", "table", "texture", "doodle", "film"):
        at.session_state["more_way"] = way
        at.run()
        assert untranslated(at) == set(), way
    at.button(key="stylise").click().run()
    engine.release(2)
    until(at, lambda now: job(now).frame == 2)
    assert untranslated(at) == set(), "while it is painted"
    engine.release(9)
    until(at, finished)
    assert untranslated(at) == set(), "the result"
    at.button(key="use_settings").click().run()
    assert untranslated(at) == set(), "a notice"
