"""The sidebar: the settings that most people touch, and what the chosen painting suggests for them."""

import math
from typing import Any

import streamlit as st

from nst.config import StyleTransferConfig
from nst.errors import ConfigError, StyleTransferError
from nst.presets import Preset
from nst.ui import state
from nst.ui.advanced import advanced_panel
from nst.ui.choice import Choice

_DEFAULTS = StyleTransferConfig()

#: Size and steps in one move; the middle one is the default.
QUALITIES = {
    "Draft": {"size": 256, "steps": 50},
    "Standard": {"size": _DEFAULTS.size, "steps": _DEFAULTS.steps},
    "Fine": {"size": 1024, "steps": 100},
}


def settings_panel(painting: Choice, shares: tuple[float, ...]) -> StyleTransferConfig | StyleTransferError:
    """Draw the sidebar; return the settings, or the error whose sentence already stands at its control."""
    state.fill_in_defaults()
    _follow_painting(painting)
    st.subheader("Settings")
    _suggestions(painting)
    _quality()
    _strength()
    st.number_input(
        "Smoothing (γ)", *state.bounds("tv_weight"), step=1.0, key="tv_weight", help=state.explain("tv_weight")
    )
    advanced_panel()
    try:
        return StyleTransferConfig.from_dict(state.current(*state.FIELDS)).with_changes(style_blend_weights=shares)
    except ConfigError as error:
        return error


def _quality() -> None:
    now = state.current("size", "steps")
    st.session_state.quality = next((name for name, values in QUALITIES.items() if values == now), None)
    st.segmented_control("Quality", list(QUALITIES), key="quality", on_change=_set_quality, width="stretch")
    st.slider("Size (px)", 64, 2048, step=32, key="size", help=state.explain("size"))
    st.number_input("Steps", *_whole("steps"), step=25, key="steps", help=state.explain("steps"))


def _whole(name: str) -> tuple[int, int]:
    low, high = state.bounds(name)
    return int(low), int(high)


def _set_quality() -> None:
    if st.session_state.quality is not None:
        state.put(QUALITIES[st.session_state.quality])


def _strength() -> None:
    """One slider for beta:alpha on a logarithmic scale; the two numbers themselves are under Advanced."""
    alpha, beta = st.session_state.content_weight, st.session_state.style_weight
    ratio = beta / alpha if alpha else math.inf
    st.session_state.strength = round(min(max(math.log10(ratio or 1e-9), 0.0), 6.0), 2)
    st.slider(
        "Style strength (β : α)",
        0.0,
        6.0,
        step=0.05,
        format="10^%.2f",
        key="strength",
        on_change=_set_strength,
        help="Below 10 a photo remains, from 300 to 3000 it is a painting. A logarithmic scale.",
    )
    st.caption(f"β : α = {beta:g} : {alpha:g}")


def _set_strength() -> None:
    alpha = st.session_state.content_weight or _DEFAULTS.content_weight
    st.session_state.content_weight = alpha
    beta = min(alpha * 10**st.session_state.strength, state.bounds("style_weight")[1])
    st.session_state.style_weight = float(f"{beta:.3g}")


def _follow_painting(painting: Choice) -> None:
    """When another painting is chosen, take its suggestions, and take back those of the last one.

    A control that was touched since keeps what the visitor gave it.
    """
    if st.session_state.get("suggested_by") == painting.id:
        return
    state.put_defaults(_in_effect())
    st.session_state.suggested_by = painting.id
    st.session_state.suggestions = _suggested(painting.origin) if isinstance(painting.origin, Preset) else {}
    state.put(st.session_state.suggestions)


def _suggested(preset: Preset) -> dict[str, Any]:
    settings = _DEFAULTS.with_changes(**preset.settings).to_dict()
    return {name: settings[name] for name in preset.settings}


def _in_effect() -> list[str]:
    """Return the fields that still have the value which the painting suggested."""
    return [
        name for name, value in st.session_state.get("suggestions", {}).items() if state.current(name)[name] == value
    ]


def _suggestions(painting: Choice) -> None:
    names = _in_effect()
    if not names:
        return
    listed = ", ".join(name.replace("_", " ") for name in names)
    st.caption(f"*{painting.title}* comes with its own {listed}.")
    st.button("Use the defaults instead", key="drop_suggestions", on_click=_drop_suggestions, width="stretch")


def _drop_suggestions() -> None:
    state.put_defaults(_in_effect())
    st.session_state.suggestions = {}
