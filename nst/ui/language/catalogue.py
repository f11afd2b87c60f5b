"""The translations of one language: its .po file, read when it is first needed, with nothing to build before."""

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent

#: The files by their languages' codes.
CATALOGUES = {path.stem: path for path in sorted(FOLDER.glob("*.po"))}

#: The context (msgctxt) of sentences that come finished from the engine, with values already in them.
ENGINE = "engine"


@dataclass(frozen=True)
class Catalogue:
    """The translations of one language.

    Attributes:
        texts: Of the page.
        sentences: Of the engine: the English template, with ``{0}`` for the first value, and its translation.
    """

    texts: GNUTranslations
    sentences: tuple[tuple[str, str], ...]


@cache
def catalogue(code: str) -> Catalogue | None:
    """Return the translations into a language, None for the language of the code."""
    path = CATALOGUES.get(code)
    if path is None:
        return None
    with path.open("rb") as file:
        found = read_po(file, locale=code)
    stream = BytesIO()
    write_mo(stream, found)
    stream.seek(0)
    sentences = tuple(
        (str(message.id), str(message.string)) for message in found if message.context == ENGINE and message.string
    )
    return Catalogue(GNUTranslations(stream), sentences)
