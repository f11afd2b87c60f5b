"""Which language the page speaks: the one that its address asks for, else that of the visitor's browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

import streamlit as st
from babel import Locale, negotiate_locale
from streamlit.runtime.scriptrunner import get_script_run_ctx

from nst.ui.language.catalogue import CATALOGUES

#: The language of the texts in the code.
SOURCE = "en"

#: All languages that there are, and what each is called in itself.
LANGUAGES = {code: str(Locale.parse(code).get_display_name()).capitalize() for code in sorted({SOURCE, *CATALOGUES})}

#: The address's parameter with which a visitor chooses another language than the browser's.
PARAMETER = "lang"

#: A language's tag is no longer (RFC 5646, section 4.4.1); what the browser says it is may be megabytes.
_LONGEST_TAG = 35

_spoken: ContextVar[str | None] = ContextVar("nst_language", default=None)


def language() -> str:
    """Return the code of the language that is spoken here, a key of `LANGUAGES`.

    It is asked for anew with every text, so that the pages of two visitors, and threads of their own, do not mix.
    Outside of a page's script it is `SOURCE`, unless `speaking` says otherwise.
    """
    spoken = _spoken.get()
    if spoken is not None:
        return spoken
    if get_script_run_ctx(suppress_warning=True) is None:
        return SOURCE
    wanted = st.query_params.get(PARAMETER)
    if wanted in LANGUAGES:
        return wanted
    return nearest((st.context.locale or SOURCE)[:_LONGEST_TAG])


@lru_cache(maxsize=256)  # asked for with every text
def nearest(tag: str) -> str:
    """Return the code of the language that comes nearest to a browser's tag, such as "de-AT"; `SOURCE` if none does."""
    return negotiate_locale([tag], list(LANGUAGES), sep="-") or SOURCE


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language, a key of `LANGUAGES`, within the block, also where there is no visitor to ask."""
    token = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(token)
