"""Every setting of a style transfer: its default, its bounds and what it does to the picture, once.

The page's sidebar, the command line's options, a preset's overrides and the recipe inside a saved PNG are
all this one frozen object. It never imports TensorFlow.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, Self

from nst.errors import ConfigError

#: Convolutions per block of VGG-19 (Simonyan and Zisserman 2015, configuration E).
CONVOLUTIONS_PER_BLOCK = (2, 2, 4, 4, 4)

#: Feature maps of each block's layers.
CHANNELS = (64, 128, 256, 512, 512)

#: The sixteen convolution layers by their Keras names, shallow to deep.
LAYERS = tuple(
    f"block{block}_conv{conv}"
    for block, convolutions in enumerate(CONVOLUTIONS_PER_BLOCK, start=1)
    for conv in range(1, convolutions + 1)
)

#: The paper's names for them, e.g. ``conv4_2`` for ``block4_conv2``.
PAPER_NAMES = {name: "conv" + name.removeprefix("block").replace("_conv", "_") for name in LAYERS}
_KERAS_NAMES = {paper: name for name, paper in PAPER_NAMES.items()}

LayerWeights = tuple[tuple[str, float], ...]

#: Gatys et al. 2016, section 2.3: conv1_1, conv2_1, conv3_1, conv4_1 and conv5_1, a fifth each.
DEFAULT_STYLE_LAYERS: LayerWeights = tuple((f"block{block}_conv1", 1.0) for block in range(1, 6))


def _number(default: float, low: float, high: float, text: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "help": text})


def _choice(default: str, choices: tuple[str, ...], text: str) -> Any:
    return field(default=default, metadata={"choices": choices, "help": text})


def _layers(default: LayerWeights, text: str) -> Any:
    return field(default=default, metadata={"layers": True, "help": text})


@dataclass(frozen=True)
class StyleTransferConfig:
    """Settings of one style transfer, validated on construction.

    Pixels are 8-bit grey levels, sizes are pixels. Layer settings are ``((name, weight), ...)``; they may be
    given as a mapping, a list of names or a string such as ``"block1_conv1,conv2_1:0.5"``, and the weights
    are normalised to sum to 1 where they are used.

    Raises:
        ConfigError: naming the field, what was expected and what came.
    """

    size: int = _number(512, 64, 8192, "long side of the result in pixels")
    steps: int = _number(75, 1, 5000, "evaluations of J at the final size")
    content_weight: float = _number(1.0, 0.0, 1e6, "alpha: how much of the photo's structure is kept")
    style_weight: float = _number(1000.0, 0.0, 1e9, "beta: how strongly the painting's texture is imposed")
    tv_weight: float = _number(5.0, 0.0, 1e6, "gamma: total variation, smooths single-pixel speckle")
    content_layers: LayerWeights = _layers((("block4_conv2", 1.0),), "layers whose features are matched to the photo's")
    style_layers: LayerWeights = _layers(
        DEFAULT_STYLE_LAYERS, "layers whose Gram matrices are matched to the painting's"
    )
    style_scale: float = _number(1.0, 0.1, 4.0, "long side of the painting over that of the result: brush size")
    style_blend_weights: tuple[float, ...] = field(
        default=(), metadata={"help": "share of each painting when there are several; equal when left out"}
    )
    style_blocks: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "blocks of the network that each painting is used at, such as 1-2 (fine strokes) and 3-5 (forms); "
            "all when left out"
        },
    )
    guidance: str = _choice(
        "simple", ("simple", "inside"), "how regions are seen by deep layers: inside keeps styles from bleeding over"
    )
    colour: str = _choice(
        "none",
        ("none", "luminance", "monge-kantorovich", "cholesky", "pca", "histogram"),
        "how the photo's colours are kept: luminance paints in grey and puts them back, "
        "the last four recolour the painting first",
    )
    colour_strength: float = _number(1.0, 0.0, 1.0, "how far the photo's colours are kept when colour is not none")
    pooling: str = _choice("average", ("average", "max"), "pooling between the blocks of VGG-19")
    init: str = _choice(
        "content", ("content", "noise", "blend", "picture"), "picture that the optimisation starts from"
    )
    noise_ratio: float = _number(0.6, 0.0, 1.0, "share of noise in the start when init is blend")
    coarse_to_fine: bool = field(
        default=True, metadata={"help": "paint small sizes first and carry the change upwards"}
    )
    optimizer: str = _choice("lbfgs", ("lbfgs", "adam"), "optimiser of the pixels")
    history: int = _number(20, 1, 50, "most correction pairs that L-BFGS keeps; fewer need less memory")
    learning_rate: float = _number(10.0, 0.01, 100.0, "Adam's learning rate in grey levels")
    precision: str = _choice(
        "auto", ("auto", "bfloat16", "float32"), "precision of the convolutions; auto takes the faster"
    )
    memory: int = _number(0, 0, 10**7, "megabytes that the process may take; 0 for a safe share of what is free")
    tile: int = _number(0, 0, 2**20, "side of the tiles in pixels; 0 for the largest that fit into memory")
    seed: int = _number(0, 0, 2**32 - 1, "seed of the noise")
    upscale: bool = field(
        default=False, metadata={"help": "allow a result or a painting larger than its source picture"}
    )

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, _validated(spec, getattr(self, spec.name)))
        if self.content_weight == 0 and self.style_weight == 0:
            raise ConfigError(
                "content_weight and style_weight: expected at least one above 0, got 0 and 0; raise one of them."
            )

    def with_changes(self, **changes: Any) -> Self:
        """Return a copy with some fields changed and everything validated again."""
        return type(self).from_dict({**self.to_dict(), **changes})

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON types; `from_dict` reads them back unchanged."""
        settings = asdict(self)
        for name in ("content_layers", "style_layers"):
            settings[name] = dict(settings[name])
        for name in ("style_blend_weights", "style_blocks"):
            settings[name] = list(settings[name])
        return settings

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Build a config from a mapping of field names; fields left out keep their defaults.

        Raises:
            ConfigError: for a name that is no field, or a value that the field does not take.
        """
        known = [spec.name for spec in fields(cls)]
        unknown = [name for name in settings if name not in known]
        if unknown:
            raise ConfigError(f"{_shown(unknown[0])}: expected one of the settings {', '.join(known)}.")
        return cls(**settings)

    def blend(self, styles: int) -> tuple[float, ...]:
        """Return the share of each of `styles` paintings; the shares sum to 1.

        Raises:
            ConfigError: if there is no painting, or not one weight for each.
        """
        if styles == 0:
            raise ConfigError("style: expected at least one painting, got none; choose one.")
        weights = self.style_blend_weights or (1.0,) * styles
        if len(weights) != styles:
            raise ConfigError(
                f"style_blend_weights: expected one weight for each of the {styles} paintings, "
                f"got {len(weights)}; give {styles} or none."
            )
        if self.style_blocks and len(self.style_blocks) != styles:
            raise ConfigError(
                f"style_blocks: expected one range for each of the {styles} paintings, "
                f"got {len(self.style_blocks)}; give {styles} or none."
            )
        return tuple(weight / sum(weights) for weight in weights)

    def blend_at(self, layer: str, shares: tuple[float, ...]) -> tuple[float, ...]:
        """Return the share of each painting at a style layer: those that `style_blocks` uses there, their sum 1 again.

        Raises:
            ConfigError: if none of the paintings that have a share is used there.
        """
        block = int(layer[len("block")])
        ranges = self.style_blocks or ("1-5",) * len(shares)
        used = tuple(
            share if int(blocks[0]) <= block <= int(blocks[-1]) else 0.0
            for share, blocks in zip(shares, ranges, strict=True)
        )
        total = sum(used)
        if total == 0:
            raise ConfigError(
                f"style_blocks: expected a painting for every style layer, got none for {layer}; "
                "widen a range or leave the layer out."
            )
        return shares if total == sum(shares) else tuple(share / total for share in used)


def normalised(layers: LayerWeights) -> dict[str, float]:
    """Return layer weights scaled to sum to 1."""
    total = sum(weight for _, weight in layers)
    return {name: weight / total for name, weight in layers}


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
        keras_name = _KERAS_NAMES.get(layer, layer)
        if keras_name not in LAYERS:
            raise ConfigError(
                f"{name}: expected layers from {LAYERS[0]} to {LAYERS[-1]} (or the paper's conv1_1 to conv5_4), "
                f"got {_shown(layer)}."
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
        raise ConfigError(f"{name}: expected layer names such as block4_conv2, got {_shown(value)}.")
    pairs: list[tuple[str, Any]] = []
    for item in items:
        if isinstance(item, str):
            layer, _, weight = item.strip().partition(":")
            if layer:
                pairs.append((layer.strip(), weight or 1.0))
        elif isinstance(item, (tuple, list)) and len(item) == 2:
            pairs.append((str(item[0]), item[1]))
        else:
            raise ConfigError(f"{name}: expected layer names such as block4_conv2, got {_shown(item)}.")
    return pairs


def _validated(spec: Field[Any], value: Any) -> Any:
    """Return `value` in the field's own type, or raise ConfigError."""
    meta = spec.metadata
    if "choices" in meta:
        if not isinstance(value, str) or value not in meta["choices"]:
            raise ConfigError(f"{spec.name}: expected {' or '.join(meta['choices'])}, got {_shown(value)}.")
        return value
    if "layers" in meta:
        return parse_layers(spec.name, value)
    if spec.name == "style_blend_weights":
        return _blend_weights(spec.name, value)
    if spec.name == "style_blocks":
        return _block_ranges(spec.name, value)
    if isinstance(spec.default, bool):
        if not isinstance(value, bool):
            raise ConfigError(f"{spec.name}: expected true or false, got {_shown(value)}.")
        return value
    number = _finite(spec.name, value, meta["low"], meta["high"])
    if not isinstance(spec.default, int):
        return number
    if number != int(number):
        raise ConfigError(f"{spec.name}: expected a whole number, got {_shown(value)}.")
    return int(number)


def _blend_weights(name: str, value: Any) -> tuple[float, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Iterable):
        raise ConfigError(f"{name}: expected numbers such as 0.7, 0.3, got {_shown(value)}.")
    weights = tuple(_finite(name, item, 0.0, 1e6) for item in items)
    if weights and sum(weights) == 0:
        raise ConfigError(f"{name}: expected at least one weight above 0, got only zeros.")
    return weights


def _block_ranges(name: str, value: Any) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Iterable):
        raise ConfigError(f"{name}: expected ranges such as 1-2, 3-5, got {_shown(value)}.")
    ranges = tuple(item.strip() if isinstance(item, str) else item for item in items)
    for item in ranges:
        if not isinstance(item, str) or not re.fullmatch("[1-5](-[1-5])?", item) or item[0] > item[-1]:
            raise ConfigError(f"{name}: expected ranges of blocks from 1 to 5 such as 1-2, got {_shown(item)}.")
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
        raise ConfigError(f"{name}: expected a number from {low:g} to {high:g}, got {_shown(value)}.")
    return number


def _shown(value: Any) -> str:
    """Return `value` as a short piece of one line; recipes come from strangers."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python does not print an integer of thousands of digits.
        text = f"a {type(value).__name__} too large to print"
    return text if len(text) <= 80 else f"{text[:77]}..."
