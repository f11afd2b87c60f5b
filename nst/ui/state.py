"""The settings while they are being edited: one entry of the session's state for each field of the config.

A control's key is the name of its field; a layer's weight has the key ``style_layers.block1_conv1``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import streamlit as st

from nst.config import LAYERS, StyleTransferConfig
from nst.errors import ConfigError

LAYER_FIELDS = ("content_layers", "style_layers")

#: What the page decides by itself.
_HIDDEN = ("style_blend_weights",)

_SPECS = {spec.name: spec for spec in fields(StyleTransferConfig)}
FIELDS = tuple(name for name in _SPECS if name not in _HIDDEN)


def explain(name: str) -> str:
    """Return the one-line explanation of a field."""
    text = str(_SPECS[name].metadata["help"])
    return f"{text[0].upper()}{text[1:]}."


def bounds(name: str) -> tuple[float, float]:
    """Return the lowest and the highest value of a numeric field."""
    return _SPECS[name].metadata["low"], _SPECS[name].metadata["high"]


def weight_key(name: str, layer: str) -> str:
    """Return the key of one layer's weight."""
    return f"{name}.{layer}"


def fill_in_defaults() -> None:
    """Give every control that has no value yet its default."""
    defaults = StyleTransferConfig().to_dict()
    put({name: defaults[name] for name in FIELDS if name not in st.session_state})
    for name in LAYER_FIELDS:
        for layer in LAYERS:
            st.session_state.setdefault(weight_key(name, layer), 1.0)


def put(settings: Mapping[str, Any]) -> None:
    """Set controls from validated settings, as `StyleTransferConfig.to_dict` gives them."""
    for name, value in settings.items():
        if name in LAYER_FIELDS:
            st.session_state[name] = list(value)
            for layer, weight in value.items():
                st.session_state[weight_key(name, layer)] = weight
        else:
            st.session_state[name] = value


def put_defaults(names: Iterable[str]) -> None:
    """Set some controls back to their defaults."""
    defaults = StyleTransferConfig().to_dict()
    put({name: defaults[name] for name in names})


def current(*names: str) -> dict[str, Any]:
    """Return the controls' values, unchecked."""
    state = st.session_state
    return {
        name: {layer: state[weight_key(name, layer)] for layer in state[name]} if name in LAYER_FIELDS else state[name]
        for name in names
    }


def complain(*names: str) -> None:
    """Say what is wrong with some controls, right below them, if anything is."""
    try:
        StyleTransferConfig.from_dict(current(*names))
    except ConfigError as error:
        st.error(str(error))
