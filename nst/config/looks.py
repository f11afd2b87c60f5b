"""The named looks: sets of settings that people mean when they say what kind of picture they want.

A look sets a few fields and leaves all others. The first one is the defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nst.config.transfer import PAPER_STYLE_LAYERS, StyleTransferConfig


@dataclass(frozen=True)
class Look:
    """One set of settings.

    Attributes:
        name: As it is written on the command line.
        title: As the page shows it.
        reason: What one gets.
        settings: Fields of `StyleTransferConfig`, as `StyleTransferConfig.to_dict` gives them.
    """

    name: str
    title: str
    reason: str
    settings: Mapping[str, Any] = field(default_factory=dict)


_PAPER = Look(
    "paper",
    "As in the paper",
    "the objective of Gatys et al., with Gram matrices and one beta for all pictures",
    {
        "method": "statistics",
        "style_statistics": "gram",
        "style_layers": dict(PAPER_STYLE_LAYERS),
        "photo_kept": 0.0,
        "tv_weight": 5.0,
    },
)

LOOKS = (
    Look("balanced", "Balanced", "the painting's strokes and colours, and a photo that stays legible: the default"),
    Look("stays", "Photo stays", "faces and small things stay", {"photo_kept": 0.75}),
    Look("bold", "Bold", "the painting decides, small things dissolve", {"photo_kept": 0.45}),
    Look(
        "patches", "Piece by piece", "the painting's pieces where the photo has similar ones", {"method": "neighbours"}
    ),
    Look("fine", "Fine strokes", "the painting's strokes at half their size", {"style_scale": 0.5}),
    Look("broad", "Broad strokes", "the painting's strokes half as large again", {"style_scale": 1.5}),
    Look("colours", "My colours", "the painting's strokes in the photo's colours", {"colour": "monge-kantorovich"}),
    _PAPER,
)

#: The settings of the paper's objective.
PAPER = StyleTransferConfig.from_dict(_PAPER.settings)


def look_settings(look: Look) -> dict[str, Any]:
    """Return all fields that any look sets: as this one has them, the others at their defaults."""
    defaults = StyleTransferConfig().to_dict()
    return {name: look.settings.get(name, defaults[name]) for each in LOOKS for name in each.settings}
