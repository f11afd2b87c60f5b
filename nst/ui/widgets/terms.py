"""What the terms of J are called on the page; a term without an entry here is called by its name."""

from nst.ui.language import deferred, text

_NAMES = {
    "content": deferred("content"),
    "style": deferred("style"),
    "tv": deferred("smoothness"),
    "temporal": deferred("steadiness"),
}
_SYMBOLS = {"content": "α·Jc", "style": "β·Js", "tv": "γ·Jtv", "temporal": "δ·Jt"}


def name_of(term: str) -> str:
    """Return the word for a term."""
    return text(_NAMES.get(term, term))


def formula(term: str) -> str:
    """Return the word for a term and its weighted symbol, e.g. "content α·Jc"."""
    return f"{name_of(term)} {_SYMBOLS.get(term, '')}".strip()
