"""Texts of the page, which stand in English in the code and are said in the visitor's language."""

from functools import cache
from typing import Any

from babel.numbers import get_decimal_symbol

from nst.ui.language.catalogue import catalogue
from nst.ui.language.chosen import language


def text(message: str, **values: Any) -> str:
    """Return a text in the visitor's language; in English if it has no translation.

    Args:
        message: The English text: a literal, or one that `deferred` or a record has, such as a painting's title.
        **values: What its placeholders, such as ``{title}``, stand for. Without any, braces are braces.
    """
    found = catalogue(language())
    said = message if found is None or not message else found.texts.gettext(message)
    return said.format(**values) if values else said


def plural(one: str, many: str, count: int, **values: Any) -> str:
    """Return a text that depends on a number, in the visitor's language.

    Args:
        one: The English text for 1.
        many: The English text for any other number.
        count: The number, which the placeholder ``{count}`` stands for.
        **values: What other placeholders stand for.
    """
    found = catalogue(language())
    said = (one if count == 1 else many) if found is None else found.texts.ngettext(one, many, count)
    return said.format(count=count, **values)


def deferred(message: str) -> str:
    """Return an English text as it is, marked to be translated: `text` says it later, where it is shown."""
    return message


def number(value: float, spec: str = "g") -> str:
    """Return a number as ``format(value, spec)`` writes it, with the decimal mark of the visitor's language."""
    return format(value, spec).replace(".", _mark(language()))


@cache
def _mark(code: str) -> str:
    return str(get_decimal_symbol(code))
