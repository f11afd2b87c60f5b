"""What there is to be translated: the texts in the code, in the records, and the engine's sentences.

``python -m tests.support.messages`` brings each ``nst/ui/language/*.po`` up to date: new texts come in without a
translation, those that are gone are taken out.
"""

import ast
import re
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from nst.config import LOOKS, QUALITIES
from nst.pictures.gallery import load_gallery
from nst.ui.language.catalogue import CATALOGUES, ENGINE
from nst.ui.settings import state
from nst.ui.settings.labels import effect, label
from nst.ui.settings.looks import spoken

ROOT = Path(__file__).parents[2]
UI = ROOT / "nst" / "ui"

#: The functions that mark a text, and how many texts they take.
MARKS = {"text": 1, "deferred": 1, "plural": 2}

#: Where sentences come from that a visitor of the page can meet. What only the command line, the server's log or its
#: operator reads is left out: `nst.cli`, `nst.weights`, `nst.server` but for the decoder of files.
SPEAKING = ("config", "engine", "jobs", "masks", "pictures", "plan", "recipes", "server/decoder.py", "video")
SILENT = {
    "config/run.py", "jobs/__main__.py", "jobs/store.py", "pictures/gallery.py", "pictures/sheet.py", "video/frames.py",
    "video/part.py", "video/transfer.py", "video/writer.py",
}  # fmt: skip

#: What comes as a value into the engine's sentences and is English too, with numbers for its own values.
PARTS = (
    "lower {0} from {1} to {2}", "or {0} from {1} to {2}", "fewer regions", "take fewer regions",
    "paintings or style_layers", "or try again later", "take fewer regions or paintings", "or smaller ones",
    "a smaller size", "or tile 0", "{0} and {1} more", "by nst {0}", "on {0}", "in {0}", "by tiles of {0} px",
    "within {0} MB", "{0} for the rest",
)  # fmt: skip

#: Calls whose strings nobody at the page reads.
_SILENT = {"RuntimeError", "TypeError", "TransitionError", "_log"}

#: A key of a catalogue: context, text, and the text of more than one.
Key = tuple[str | None, str, str | None]


def of_the_page() -> Iterator[tuple[Key, str]]:
    """Every marked text of nst/ui, and the file that it is in."""
    for path in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (marked := texts_in(node)):
                yield (None, marked[0], marked[1] if len(marked) > 1 else None), str(path.relative_to(ROOT))


def texts_in(call: ast.Call) -> list[str]:
    """The texts that a call marks; none if it marks nothing, or what is told by a variable."""
    given = call.args[: MARKS.get(_name(call.func), 0)]
    found = [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return found if len(found) == len(given) else []


def of_the_records() -> Iterator[tuple[Key, str]]:
    """What the page shows of the gallery's records, the looks, the fields and the qualities, and where that is."""
    gallery = load_gallery()
    for preset in (*gallery.paintings, *gallery.photos):
        fields = [preset.title, preset.description]
        if preset.kind == "painting":
            fields += [preset.artist, preset.year, preset.movement, preset.medium, preset.collection, preset.about]
        yield from (((None, each, None), str(preset.path.relative_to(ROOT))) for each in fields if _has_words(each))
    for look in LOOKS:
        yield from (((None, each, None), "nst/config/looks.py") for each in (look.title, spoken(look)))
    for name in state.FIELDS:
        yield from (((None, each, None), "nst/ui/settings/labels.py") for each in (label(name), effect(name)))
    for quality in QUALITIES:
        yield (None, quality.name.capitalize(), None), "nst/config/quality.py"


def of_the_engine() -> Iterator[tuple[Key, str]]:
    """The templates of the sentences that come from below the page, and the files that they are in."""
    for name in SPEAKING:
        place = ROOT / "nst" / name
        paths = [place] if place.is_file() else sorted(place.rglob("*.py"))
        for path in (each for each in paths if str(each.relative_to(ROOT / "nst")) not in SILENT):
            for template in sentences(ast.parse(path.read_text("utf-8"))):
                yield (ENGINE, template, None), str(path.relative_to(ROOT))
    for path in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and node.exc is not None and _name(node.exc).endswith("Error"):
                yield from (((ENGINE, each, None), str(path.relative_to(ROOT))) for each in sentences(node))


def of_their_parts() -> Iterator[tuple[Key, str]]:
    """What stands as a value in sentences of the engine, and is English too."""
    yield from (((ENGINE, each, None), "parts of sentences") for each in PARTS)
    yield (None, "of the subject", None), "names in recipes"


def everything() -> dict[Key, set[str]]:
    """All that is to be translated, and the files that it is in."""
    found: dict[Key, set[str]] = {}
    for source in (of_the_page(), of_the_records(), of_the_engine(), of_their_parts()):
        for key, file in source:
            found.setdefault(key, set()).add(file)
    return found


def sentences(tree: ast.AST) -> Iterator[str]:
    """The templates of the sentences in a module's tree: its strings with several words and a full stop."""
    silent = set(map(id, _not_said(tree)))
    for node in ast.walk(tree):
        if id(node) not in silent and isinstance(node, (ast.JoinedStr, ast.Constant)):
            template = _alone(_template(node))
            if template.count(" ") >= 2 and template.endswith((".", "?")):
                yield template


def _not_said(tree: ast.AST) -> Iterator[ast.AST]:
    """What in a tree nobody is told: docstrings, log entries, explanations of fields, errors of the code itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from (each for each in ast.walk(node) if each is not node)
        elif isinstance(node, ast.Call) and {_name(node.func), _name(getattr(node.func, "value", node))} & _SILENT:
            yield from ast.walk(node)


def _alone(template: str) -> str:
    """A template without the value in front of it that is a sentence by itself."""
    alone = re.sub(r"^\{0\} (?=[A-Z])", "", template)
    return template if alone == template else re.sub(r"\{(\d+)\}", lambda found: f"{{{int(found[1]) - 1}}}", alone)


def _template(node: ast.JoinedStr | ast.Constant) -> str:
    """A string with a number in braces for each value in it; another name for a variable is no other text."""
    if isinstance(node, ast.Constant):
        return _escaped(node.value)
    numbers: dict[str, int] = {}
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            parts.append(f"{{{numbers.setdefault(ast.unparse(part.value), len(numbers))}}}")
        elif isinstance(part, ast.Constant):
            parts.append(_escaped(part.value))
    return "".join(parts)


def _escaped(value: object) -> str:
    return value.replace("{", "{{").replace("}", "}}") if isinstance(value, str) else ""


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return _name(node.func) if isinstance(node, ast.Call) else ""


def placeholders(template: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _has_words(value: str) -> bool:
    return re.search(r"[^\W\d_]", value) is not None


def updated(path: Path) -> str:
    """A language's file with all that is to be translated, and nothing else; its head stays as it is."""
    source = path.read_text("utf-8")
    before = read_po(StringIO(source), locale=path.stem)
    after = Catalog(locale=path.stem, fuzzy=False)
    for (context, one, many), files in sorted(everything().items(), key=lambda item: (sorted(item[1]), item[0][1])):
        known = before.get(one, context)
        message = after.add((one, many) if many else one, known.string if known else None, context=context)
        message.locations = [(file, None) for file in sorted(files)]
        message.user_comments = known.user_comments if known else []
    stream = BytesIO()
    write_po(stream, after, width=110, omit_header=True, include_lineno=False)
    head, _, _ = source.partition("\n\n")
    return f"{head}\n\n{stream.getvalue().decode().strip()}\n"


if __name__ == "__main__":
    for path in CATALOGUES.values():
        path.write_text(updated(path), "utf-8")
        missing = [message for message in read_po(path.open("rb")) if message.id and not all(message.string or ("",))]
        print(f"{path.name}: {len(missing)} texts are without a translation")
