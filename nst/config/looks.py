"""The named looks: sets of settings that people mean when they say what kind of picture they want.

A look sets a few fields and leaves all others. The first one is the defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nst.config.transfer import DEFAULT_STYLE_LAYERS, StyleTransferConfig

#: Deep layers see things: at full weight their means and covariances paint pieces of the painting's things.
_CLEAR_LAYERS = {
    name: weight for (name, _), weight in zip(DEFAULT_STYLE_LAYERS, (1.0, 1.0, 1.0, 0.5, 0.1), strict=True)
}


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


LOOKS = (
    Look("paper", "As in the paper", "the objective of Gatys et al., which is the default"),
    Look(
        "clear",
        "Clear",
        "the painting's colours without mud, and things that stay legible",
        {"style_statistics": "wasserstein", "style_layers": _CLEAR_LAYERS},
    ),
    Look("light", "Photo stays", "faces and small things stay", {"style_weight": 100.0}),
    Look("bold", "Bold", "the painting decides, small things dissolve", {"style_weight": 4000.0}),
    Look("fine", "Fine strokes", "the painting's strokes at half their size", {"style_scale": 0.5}),
    Look("broad", "Broad strokes", "the painting's strokes half as large again", {"style_scale": 1.5}),
    Look("colours", "My colours", "the painting's strokes in the photo's colours", {"colour": "monge-kantorovich"}),
)


def look_settings(look: Look) -> dict[str, Any]:
    """Return all fields that any look sets: as this one has them, the others at their defaults."""
    defaults = StyleTransferConfig().to_dict()
    return {name: look.settings.get(name, defaults[name]) for each in LOOKS for name in each.settings}
