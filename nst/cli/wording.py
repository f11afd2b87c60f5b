"""Settings as text: read from a list or from ``--vary``, written as the options of a command."""

import shlex
from collections.abc import Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from nst.config import RunOptions, StyleTransferConfig
from nst.errors import ConfigError
from nst.pictures.gallery import Preset

_SETTINGS = {spec.name: spec for spec in fields(StyleTransferConfig)}
_TRUTH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


def setting_of(name: str, value: Any) -> Any:
    """Return the value of a setting that may be written as text: on or off as true or false, all else as it is.

    Raises:
        ConfigError: if it is a text that is neither, of a setting that is on or off.
    """
    spec = _SETTINGS.get(name)
    if spec is None or not isinstance(spec.default, bool) or not isinstance(value, str):
        return value
    if value.lower() not in _TRUTH:
        raise ConfigError(f"{name}: expected on or off, got {value!r}.")
    return _TRUTH[value.lower()]


def command_of(
    content: Preset | Path,
    styles: Sequence[Preset | Path],
    config: StyleTransferConfig,
    output: str,
    base: StyleTransferConfig,
    run: RunOptions | None = None,
) -> str:
    """Return the command that paints a picture with these settings.

    Args:
        content: The photo.
        styles: The paintings.
        config: The settings.
        output: File for the result.
        base: The settings without any option: what differs from them is written out.
        run: How it is computed, of which the weights change the picture; None for the bundled ones.
    """
    names = [each.id if isinstance(each, Preset) else _file(each) for each in (content, *styles)]
    return shlex.join(["nst", *names, "-o", output, *_options(config, base), *_weights(run)])


def _weights(run: RunOptions | None) -> list[str]:
    if run is None or not run.weights:
        return []
    return ["--weights", run.weights, "--weights-scale", run.weights_scale]


def _file(path: Path) -> str:
    """Return a path that is no option, no command and no gallery id."""
    text = str(path)
    return text if "/" in text else f"./{text}"


def _options(config: StyleTransferConfig, base: StyleTransferConfig) -> list[str]:
    words = []
    for name, spec in _SETTINGS.items():
        if name == "style_weight" and config.photo_kept > 0:
            continue  # it is found, and may not be given beside
        value = getattr(config, name)
        if value != getattr(base, name) and not (name == "photo_kept" and value == 0):
            words += _option(spec, value)
    # A style weight that is given says that none is to be found.
    if base.photo_kept > 0 and config.photo_kept == 0 and "--style-weight" not in words:
        words += _option(_SETTINGS["style_weight"], config.style_weight)
    return words


def _option(spec: Field[Any], value: Any) -> list[str]:
    option = "--" + spec.name.replace("_", "-")
    if isinstance(value, bool):
        return [option if value else option.replace("--", "--no-", 1)]
    return [option, setting_text(spec.name, value)]


def setting_text(name: str, value: Any) -> str:
    """Return a setting's value as an option takes it."""
    if "layers" in _SETTINGS[name].metadata:
        return ",".join(f"{layer}:{weight!r}" for layer, weight in value)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
