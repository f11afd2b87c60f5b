"""What is painted, every setting of a style transfer and the named qualities; and the options of a run."""

from nst.config.blank import WITHOUT_PHOTO
from nst.config.fields import LayerWeights, bounded, default_of, parse_layers
from nst.config.film import FilmConfig
from nst.config.looks import LOOKS, PAPER, Look, look_settings
from nst.config.quality import QUALITIES, STEPS, Quality
from nst.config.run import RECORDED_FIELDS, RUN_FIELDS, RunOptions, without_run
from nst.config.transfer import DEFAULT_STYLE_LAYERS, PAPER_STYLE_LAYERS, StyleTransferConfig, normalised

__all__ = [
    "DEFAULT_STYLE_LAYERS",
    "LOOKS",
    "PAPER",
    "PAPER_STYLE_LAYERS",
    "QUALITIES",
    "RECORDED_FIELDS",
    "RUN_FIELDS",
    "STEPS",
    "WITHOUT_PHOTO",
    "FilmConfig",
    "LayerWeights",
    "Look",
    "Quality",
    "RunOptions",
    "StyleTransferConfig",
    "bounded",
    "default_of",
    "look_settings",
    "normalised",
    "parse_layers",
    "without_run",
]
