"""How much of each painting, where there are several: a slider for each but the first, which gets the rest."""

from collections.abc import Sequence

import streamlit as st

from nst.ui.language import deferred, text
from nst.ui.pictures.choice import Choice, Kind
from nst.ui.widgets.markdown import literal

_SHARES: dict[Kind, str] = {
    "second": deferred("Share of the second painting"),
    "third": deferred("Share of the third painting"),
    "fourth": deferred("Share of the fourth painting"),
}


def even(count: int) -> tuple[int, ...]:
    """Return the percents of all paintings but the first if each gets as much."""
    return (round(100 / count),) * (count - 1)


def percents_of(weights: Sequence[float]) -> tuple[int, ...]:
    """Return the percents of all paintings but the first."""
    return tuple(round(100 * weight / sum(weights)) for weight in weights[1:])


def with_first(percents: Sequence[int]) -> tuple[int, ...]:
    """Return the percents of all paintings, the first of which gets what the others leave."""
    return (max(0, 100 - sum(percents)), *percents)


def blend_sliders(kinds: Sequence[Kind], paintings: Sequence[Choice], prefix: str) -> tuple[float, ...]:
    """Draw the sliders, whose values are in the session's state, and return the blend weights; their sum is 1.

    Args:
        kinds: Of all paintings.
        paintings: The chosen ones.
        prefix: Of the sliders' keys.
    """
    percents = [
        st.slider(text(_SHARES[kind]), 0, 100, key=blend_key(prefix, kind), format="%d %%") for kind in kinds[1:]
    ]
    every = with_first(percents)
    total = sum(every)
    weights = tuple(percent / total for percent in every)
    if len(kinds) > 2:
        listed = ", ".join(
            f"{each.title} {100 * weight:.0f} %" for each, weight in zip(paintings, weights, strict=True)
        )
        scaled = text("They sum to {total} % and are scaled to 100 %: {shares}.", total=total, shares=listed)
        st.caption(literal(scaled if total > 100 else f"{listed}."))
    return weights


def blend_key(prefix: str, kind: Kind) -> str:
    """Return the key of a painting's slider."""
    return f"{prefix}{kind}_share"
