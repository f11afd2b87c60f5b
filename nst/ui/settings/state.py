"""The settings while they are being edited: one entry of the session's state for each field of the config.

A control's key is the name of its field; a layer's weight has the key ``style_layers.block1_conv1``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import Field, fields
from typing import Any

import streamlit as st

from nst.config import StyleTransferConfig, default_of
from nst.errors import ConfigError
from nst.layers import LAYERS
from nst.ui.language import said
from nst.ui.settings import overtaken
from nst.ui.widgets.markdown import literal

LAYER_FIELDS = ("content_layers", "style_layers")

_SPECS: dict[str, Field[Any]] = {spec.name: spec for spec in fields(StyleTransferConfig)}


#: Not chosen by anybody: that of a sketch comes with the sketch.
_WITHOUT_CONTROL = ("sketch_weight",)


def _has_control(spec: Field[Any]) -> bool:
    """Tell whether a field is a number, a choice, a switch or layers; the others the page decides by itself."""
    is_drawn = bool({"low", "choices", "layers"} & set(spec.metadata)) or isinstance(spec.default, bool)
    return is_drawn and spec.name not in _WITHOUT_CONTROL


FIELDS = tuple(name for name, spec in _SPECS.items() if _has_control(spec))


def explain(name: str) -> str:
    """Return the config's own explanation of a field."""
    text = str(_SPECS[name].metadata["help"])
    return f"{text[0].upper()}{text[1:]}."


def default(name: str) -> Any:
    """Return a field's default, as the dataclass holds it."""
    return default_of(_SPECS[name])


def is_number(name: str) -> bool:
    """Return whether a field is a number, which has bounds."""
    return "low" in _SPECS[name].metadata


def bounds(name: str) -> tuple[float, float]:
    """Return the lowest and the highest value of a field that is a number."""
    meta = _SPECS[name].metadata
    return meta["low"], meta["high"]


def choices(name: str) -> tuple[str, ...]:
    """Return the values that a field takes, none if it is no choice."""
    return tuple(_SPECS[name].metadata.get("choices", ()))


def weight_key(name: str, layer: str) -> str:
    """Return the key of one layer's weight."""
    return f"{name}.{layer}"


def is_control(key: str) -> bool:
    """Return whether this is the key of a field's control, or of a layer's weight."""
    return key.partition(".")[0] in FIELDS


def fill_in_defaults() -> None:
    """Give every control that has no value yet its default."""
    defaults = StyleTransferConfig().to_dict()
    put({name: defaults[name] for name in FIELDS if name not in st.session_state})
    for name in LAYER_FIELDS:
        for layer in LAYERS:
            st.session_state.setdefault(weight_key(name, layer), 1.0)


def entries(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the session's state holds for validated settings, as `StyleTransferConfig.to_dict` gives them."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if name in LAYER_FIELDS:
            found[name] = list(value)
            found |= {weight_key(name, layer): weight for layer, weight in value.items()}
        elif name in FIELDS:
            found[name] = value
    return found


def put(settings: Mapping[str, Any]) -> None:
    """Set controls from validated settings."""
    overtaken.put(entries(settings))


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


def changed() -> list[str]:
    """Return the fields that are not at their defaults."""
    defaults = StyleTransferConfig().to_dict()
    return [name for name in FIELDS if current(name)[name] != defaults[name]]


def complain(*names: str) -> None:
    """Say what is wrong with some controls, right below them, if anything is."""
    try:
        StyleTransferConfig.from_dict(current(*names))
    except ConfigError as error:
        st.error(literal(said(str(error))))
