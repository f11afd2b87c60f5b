"""What Markdown that `nst.ui.widgets.markdown.literal` has made shows as."""

import re


def shown(markdown: str) -> str:
    """Return the text that is read on the page."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace("\u2060", "")
