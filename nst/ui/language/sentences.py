"""Sentences that the engine, the queue and the decoder of files have finished in English: errors, and notes on a run.

They know nothing of languages, and some of them come from other processes and other computers. So a sentence is known
by its template: where all fixed words of one agree, what stands between them are the values of the translation.
"""

import re
from functools import cache
from string import Formatter

from nst.ui.language.catalogue import catalogue
from nst.ui.language.chosen import language

_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z“])")


def said(sentences: str) -> str:
    """Return one or several finished sentences in the visitor's language; what is not known stays as it is."""
    found = catalogue(language())
    return sentences if found is None else _said(sentences, language())


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
            # A value may be a sentence, or a title, that is known itself.
            values = {name: _value(value, code) for name, value in match.groupdict().items()}
            return translation.format(**values)
    return None


def _value(value: str, code: str) -> str:
    found = catalogue(code)
    known = value if found is None or not value else found.texts.gettext(value)
    return known if known != value else _translated(value, code) or value


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
    pattern, names = "", set[str]()
    for literal, name, _, _ in Formatter().parse(template):
        pattern += re.escape(literal)
        if name is not None:
            pattern += f"(?P={name})" if name in names else f"(?P<{name}>.*?)"
            names.add(name)
    return re.compile(pattern, re.DOTALL)
