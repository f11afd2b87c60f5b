"""All that a page says to its visitor: the strings in what Streamlit sends to the browser."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

#: Fields of messages, and entries of a component's data, that nobody reads.
SILENT = {
    "id", "url", "icon", "tag", "type", "format", "component_name", "js_content", "css_content", "html_content",
    "key", "name", "layout", "panel", "uploader", "src", "srcs", "query", "secret", "picker", "edition", "colour_code",
    "underlay", "language", "default", "file_name", "selected", "server", "mark", "share", "form_id", "mime",
}  # fmt: skip
#: An attribute of HTML that is read aloud, and what a tag has besides.
_SPOKEN, _TAG = re.compile(r"""(?:alt|title|aria-label)="([^"]*)\""""), re.compile(r"<[^>]*>")


def texts(at: AppTest) -> set[str]:
    """Everything that the page says, also to those who cannot see it."""
    return {each.strip() for each in _of_blocks(at._tree) if each.strip()}


def _of_blocks(block: Any) -> Iterator[str]:
    for child in block.children.values():
        proto = getattr(child, "proto", None)
        if is_message(proto):
            yield from _of_message(proto)
        if hasattr(child, "children"):
            yield from _of_blocks(child)


def is_message(value: object) -> bool:
    """Whether it is a message of protobuf, whose types mypy does not know."""
    return hasattr(value, "ListFields")


def _of_message(message: Any) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in SILENT:
            continue
        several = hasattr(value, "__iter__") and not isinstance(value, str)
        for each in value if several else [value]:
            if is_message(each):
                yield from _of_message(each)
            elif isinstance(each, str):
                yield from _of_json(json.loads(each)) if field.name == "json" else _of_html(each)


def _of_json(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from () if name in SILENT else _of_json(each)
    elif isinstance(value, list):
        for each in value:
            yield from _of_json(each)


def _of_html(value: str) -> Iterator[str]:
    if "</" not in value and "<img" not in value:
        yield value
        return
    yield from map(unescape, _SPOKEN.findall(value))
    yield from map(unescape, _TAG.split(re.sub(r"(?s)<style>.*?</style>", "", value)))
