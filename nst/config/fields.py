"""How a setting is declared, with its bounds and its explanation, and how a value from outside is checked."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import Field, field
from typing import Any

from nst.errors import ConfigError
from nst.layers import KERAS_NAMES, LAYERS

LayerWeights = tuple[tuple[str, float], ...]


def number(default: float, low: float, high: float, text: str, *, follows: bool = False) -> Any:
    """Declare a number; with `follows`, one whose value follows other fields where it is left out (None)."""
    own = None if follows else default
    return field(default=own, metadata={"low": low, "high": high, "help": text, "default": default})


def choice(default: str, choices: tuple[str, ...], text: str) -> Any:
    return field(default=default, metadata={"choices": choices, "help": text})


def file(text: str) -> Any:
    return field(default="", metadata={"file": True, "help": text})


def layers(default: LayerWeights, text: str) -> Any:
    return field(default=default, metadata={"layers": True, "help": text})


def default_of(spec: Field[Any]) -> Any:
    """Return what a field is if nothing is said."""
    return spec.metadata.get("default", spec.default)


def parse_layers(name: str, value: Any) -> LayerWeights:
    """Return `value` as ``((layer, weight), ...)`` in network order.

    Args:
        name: The field, for the error's sentence.
        value: ``"block1_conv1,conv2_1:0.5"``, a mapping of names to weights, names, or pairs.

    Raises:
        ConfigError: for an unknown layer, a repeated one, a weight that is not positive, or no layer at all.
    """
    weights: dict[str, float] = {}
    for layer, weight in _layer_pairs(name, value):
        keras_name = KERAS_NAMES.get(layer, layer)
        if keras_name not in LAYERS:
            raise ConfigError(
                f"{name}: expected layers from {LAYERS[0]} to {LAYERS[-1]} (or the paper's conv1_1 to conv5_4), "
                f"got {shown(layer)}."
            )
        if keras_name in weights:
            raise ConfigError(f"{name}: expected each layer once, got {keras_name} twice.")
        weights[keras_name] = _finite(f"{name} {keras_name}", weight, 0.0, 1e6)
    weights = {layer: weight for layer, weight in weights.items() if weight > 0}
    if not weights:
        raise ConfigError(f"{name}: expected at least one layer with a weight above 0, got none.")
    return tuple((layer, weights[layer]) for layer in LAYERS if layer in weights)


def _layer_pairs(name: str, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(str(layer), weight) for layer, weight in value.items()]
    items: Iterable[Any] = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Iterable):
        raise ConfigError(f"{name}: expected layer names such as block4_conv2, got {shown(value)}.")
    pairs: list[tuple[str, Any]] = []
    for item in items:
        if isinstance(item, str):
            layer, _, weight = item.strip().partition(":")
            if layer:
                pairs.append((layer.strip(), weight or 1.0))
        elif isinstance(item, (tuple, list)) and len(item) == 2:
            pairs.append((str(item[0]), item[1]))
        else:
            raise ConfigError(f"{name}: expected layer names such as block4_conv2, got {shown(item)}.")
    return pairs


def validated(spec: Field[Any], value: Any) -> Any:
    """Return `value` in the field's own type, or raise ConfigError."""
    meta = spec.metadata
    if "choices" in meta:
        if not isinstance(value, str) or value not in meta["choices"]:
            raise ConfigError(f"{spec.name}: expected {' or '.join(meta['choices'])}, got {shown(value)}.")
        return value
    if "file" in meta:
        return _path(spec.name, value)
    if "layers" in meta:
        return parse_layers(spec.name, value)
    if spec.name == "style_blend_weights":
        return _blend_weights(spec.name, value)
    if spec.name == "style_blocks":
        return _block_ranges(spec.name, value)
    default = default_of(spec)
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ConfigError(f"{spec.name}: expected true or false, got {shown(value)}.")
        return value
    number = _finite(spec.name, value, meta["low"], meta["high"])
    if not isinstance(default, int):
        return number
    if number != int(number):
        raise ConfigError(f"{spec.name}: expected a whole number, got {shown(value)}.")
    return int(number)


def _path(name: str, value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ConfigError(f"{name}: expected the name of a file, got {shown(value)}.")
    return value


def _blend_weights(name: str, value: Any) -> tuple[float, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Iterable):
        raise ConfigError(f"{name}: expected numbers such as 0.7, 0.3, got {shown(value)}.")
    weights = tuple(_finite(name, item, 0.0, 1e6) for item in items)
    if weights and sum(weights) == 0:
        raise ConfigError(f"{name}: expected at least one weight above 0, got only zeros.")
    return weights


def _block_ranges(name: str, value: Any) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Iterable):
        raise ConfigError(f"{name}: expected ranges such as 1-2, 3-5, got {shown(value)}.")
    ranges = tuple(item.strip() if isinstance(item, str) else item for item in items)
    for item in ranges:
        if not isinstance(item, str) or not re.fullmatch("[1-5](-[1-5])?", item) or item[0] > item[-1]:
            raise ConfigError(f"{name}: expected ranges of blocks from 1 to 5 such as 1-2, got {shown(item)}.")
    return ranges


def bounded(value: Any, low: float, high: float) -> float | None:
    """Return `value`, a number or the text of one, as a float; None if it is none from `low` to `high`."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if low <= number <= high else None


def _finite(name: str, value: Any, low: float, high: float) -> float:
    number = bounded(value, low, high)
    if number is None:
        raise ConfigError(f"{name}: expected a number from {low:g} to {high:g}, got {shown(value)}.")
    return number


def shown(value: Any) -> str:
    """Return `value` as a short piece of one line; recipes come from strangers."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python does not print an integer of thousands of digits.
        text = f"a {type(value).__name__} too large to print"
    return text if len(text) <= 80 else f"{text[:77]}..."
