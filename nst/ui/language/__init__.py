"""The page's texts in the visitor's language: gettext, with the English texts in the code as the source.

``text("Press {key}.", key=...)`` says a text, `plural` one that depends on a number, `number` a number with the
language's decimal mark; `deferred` marks a text that is said later; `said` translates what comes from the engine as a
finished sentence. Each language is one file beside this one, such as ``de.po``.
"""

from nst.ui.language.chosen import LANGUAGES, PARAMETER, SOURCE, language, speaking
from nst.ui.language.sentences import said
from nst.ui.language.texts import deferred, number, plural, text

__all__ = ["LANGUAGES", "PARAMETER", "SOURCE", "deferred", "language", "number", "plural", "said", "speaking", "text"]
