"""Texts of strangers in Markdown: names of files and regions, and sentences that quote them.

Streamlit takes what it shows in notes, captions and labels for Markdown, so a name could otherwise place links and
pictures on the page of whoever opens a shared link.
"""

import re

#: Takes no room and breaks no line. It parts what the page's renderer would still join once the escapes are resolved.
_JOINER = "\u2060"

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

#: Bare addresses become links, ``:words:`` icons, and pairs such as ``->`` arrows, escaped or not.
_JOINED = re.compile(r"(?<=:)(?=\S)|(?i:(?<=www)(?=\.))|(?=@)|(?<=[-<>~])(?=[-=>])")


def literal(text: str) -> str:
    """Return the Markdown, as Streamlit reads it, that shows as this text in one line."""
    return _PUNCTUATION.sub(r"\\\1", _JOINED.sub(_JOINER, " ".join(text.split())))
