"""The control for mixing scales: fine strokes of one painting with the forms of another."""

from typing import Any

import streamlit as st

from nst.ui.language import text
from nst.ui.pictures.choice import Kind
from nst.ui.pictures.painting import ChosenPaintings
from nst.ui.widgets.markdown import literal

#: The switch's key.
SWITCH = "mix_scales"

_ALL = (1, 5)
#: What each painting gives when the switch is turned on: the first one its strokes, the second one its forms.
_AT_FIRST = ((1, 2), (3, 5), _ALL, _ALL)


def blocks_control(palette: ChosenPaintings) -> tuple[str, ...]:
    """Draw it if there are several paintings; return the config's style_blocks."""
    if len(palette.kinds) == 1 or not st.toggle(
        text("Mix strokes and forms"),
        key=SWITCH,
        help=text(
            "Takes the fine strokes of one painting and the large forms of another: blocks 1 and 2 of the network see "
            "colours and fine strokes, blocks 3 to 5 broader strokes and forms."
        ),
    ):
        return ()
    ranges = []
    for kind, painting, at_first in zip(palette.kinds, palette.paintings, _AT_FIRST, strict=False):
        st.session_state.setdefault(key(kind), at_first)
        st.slider(literal(text("Blocks of {title}", title=painting.title)), *_ALL, key=key(kind))
        low, high = st.session_state[key(kind)]
        ranges.append(f"{low}-{high}")
    return tuple(ranges)


def entries(kinds: tuple[Kind, ...], ranges: tuple[str, ...]) -> dict[str, Any]:
    """Return what the session's state holds for the config's style_blocks, which may be empty."""
    sliders = {key(kind): (int(blocks[0]), int(blocks[-1])) for kind, blocks in zip(kinds, ranges, strict=False)}
    return {SWITCH: bool(ranges), **sliders}


def key(kind: Kind) -> str:
    """Return the key of a painting's slider."""
    return f"{kind}_blocks"
