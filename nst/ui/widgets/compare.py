"""Two pictures to compare: with a divider to drag, faded into each other, by their difference, or side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nst.ui.language import text
from nst.ui.widgets.component import component, data_url

View = Literal["slider", "beside", "fade", "difference"]


@dataclass(frozen=True)
class Side:
    """One of the two pictures, a JPEG; `label` stands on it, `alt` is for those who cannot see it."""

    label: str
    alt: str
    jpeg: bytes


_component = component("compare")


def compare(
    before: Side,
    after: Side,
    *,
    title: str = "",
    byline: str = "",
    insets: Sequence[Side] = (),
    layout: View = "slider",
    start: int = 50,
    share: str = "",
    key: str,
) -> None:
    """Draw both, and below them buttons to zoom, and a caption with the insets, small pictures, if there is a title.

    `start` is where the divider stands at first, in percent from the left, where `before` is. With a `share`, the name
    of a file, devices that can share files offer to share `after` by that name.
    """
    _component(
        key=key,
        data={
            "layout": layout,
            "before": _entry(before),
            "after": _entry(after),
            "title": title,
            "byline": byline,
            "start": start,
            "share": share,
            "insets": [_entry(inset) for inset in insets],
            "texts": _texts(before),
        },
    )


def _texts(before: Side) -> dict[str, str]:
    """Return what is written on the buttons, and what is told of them."""
    return {
        "divider": text("How much of the picture shows {label}", label=before.label),
        "difference": text("Difference"),
        "every_pixel": text("Every pixel of the picture as one of the screen"),
        "smaller": text("Smaller"),
        "larger": text("Larger"),
        "whole": text("Whole"),
        "whole_help": text("The whole picture"),
        "full": text("Full screen"),
        "full_help": text("Full screen; Escape leaves it"),
        "share": text("Share"),
        "share_help": text("Share the picture"),
    }


def _entry(side: Side) -> dict[str, str]:
    return {"label": side.label, "alt": side.alt, "src": data_url(side.jpeg)}
