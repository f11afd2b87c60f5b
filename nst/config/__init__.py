"""What is painted: every setting of a style transfer, and the named qualities."""

from nst.config.fields import LayerWeights, bounded, parse_layers
from nst.config.quality import QUALITIES, STEPS, Quality
from nst.config.transfer import DEFAULT_STYLE_LAYERS, StyleTransferConfig, normalised

__all__ = [
    "DEFAULT_STYLE_LAYERS",
    "QUALITIES",
    "STEPS",
    "LayerWeights",
    "Quality",
    "StyleTransferConfig",
    "bounded",
    "normalised",
    "parse_layers",
]
