"""Sentences that the engine, the queue and the decoder of files have finished in English: errors, and notes on a run.

They know nothing of languages, and some of them come from other processes and other computers. So a sentence is known
by its template: where all fixed words of one agree, what stands between them are the values of the translation.
"""

import re
from collections.abc import Iterator
from functools import cache
from string import Formatter

from nst.ui.language.catalogue import catalogue
from nst.ui.language.chosen import language

_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z“])")
#: The engine says no more at once. What has more has somebody's text in it, and each is looked for among all templates.
_MOST_SENTENCES = 12
#: Characters of one text: to look for values in much longer ones takes a second and more.
_MOST_CHARACTERS = 1500


def said(sentences: str) -> str:
    """Return one or several finished sentences in the visitor's language; what is not known stays as it is."""
    found = catalogue(language())
    if found is None or len(sentences) > _MOST_CHARACTERS:
        return sentences
    if len(_BETWEEN_SENTENCES.findall(sentences)) >= _MOST_SENTENCES:
        return sentences
    return _said(sentences, language())


def _said(sentences: str, code: str) -> str:
    whole = _translated(sentences, code)
    if whole is not None:
        return whole
    parts = _BETWEEN_SENTENCES.split(sentences)
    # A template may be of several sentences: as many as it takes, the first ones first.
    for count in range(len(parts) - 1, 0, -1):
        first = _translated(" ".join(parts[:count]), code)
        if first is not None:
            return f"{first} {_said(' '.join(parts[count:]), code)}"
    return sentences if len(parts) == 1 else f"{parts[0]} {_said(' '.join(parts[1:]), code)}"


def _translated(sentence: str, code: str) -> str | None:
    """Return the translation of what one template has made, None if none has."""
    for pattern, translation in _templates(code):
        if match := pattern.fullmatch(sentence):
            return translation.format(*(_value(*each, code) for each in _values(match)))
    return None


def _values(match: re.Match[str]) -> Iterator[tuple[str, bool]]:
    """Yield the values in a sentence, and whether each is a name, such as that of a file: it stands before a colon."""
    for number, value in enumerate(match.groups(), start=1):
        yield value, match.string[match.end(number) :].startswith(":")


def _value(value: str, is_name: bool, code: str) -> str:
    """Return a value as the language says it, or as it is; of several ones, with commas between, each by itself."""
    known = _known(value, code)
    if is_name or known != value:
        return known
    parts = value.split(", ")
    if len(parts) > 1:
        return ", ".join(_value(part, False, code) for part in parts)
    return _translated(value, code) or value


def _known(value: str, code: str) -> str:
    """Return the translation of a text of the page, such as the title of a painting, or the value as it is."""
    found = catalogue(code)
    return value if found is None or not value else found.texts.gettext(value)


@cache
def _templates(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the templates of a language, those with the most fixed letters first: they say the most."""
    found = catalogue(code)
    sentences = () if found is None else found.sentences
    ordered = sorted(sentences, key=lambda each: -len(_fixed(each[0])))
    return tuple((_pattern(template), translation) for template, translation in ordered)


def _fixed(template: str) -> str:
    return "".join(literal for literal, *_ in Formatter().parse(template))


def _pattern(template: str) -> re.Pattern[str]:
    """Return the expression that finds the values of a template: where one stands twice, they are the same."""
    pattern, known = "", set[str]()
    for literal, number, _, _ in Formatter().parse(template):
        pattern += re.escape(literal)
        if number is not None:
            pattern += f"(?P=value{number})" if number in known else f"(?P<value{number}>.*?)"
            known.add(number)
    return re.compile(pattern, re.DOTALL)
