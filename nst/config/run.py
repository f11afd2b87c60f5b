"""How a picture is computed: what depends on the machine and not on the picture.

These options stand beside `StyleTransferConfig`, which says what is painted. Whoever runs the program chooses them; a
recipe records them, and no picture brings them to another machine. Weights of one's own are among them although they
change the picture: they are a file of that machine, which no visitor and no recipe may name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from nst.config.fields import choice, file, number
from nst.config.settings import Settings
from nst.errors import ConfigError


@dataclass(frozen=True)
class RunOptions(Settings):
    """Options of one run, validated on construction.

    Raises:
        ConfigError: naming the field, what was expected and what came.
    """

    precision: str = choice(
        "auto", ("auto", "bfloat16", "float32"), "precision of the convolutions; auto takes the faster"
    )
    memory: int = number(0, 0, 10**7, "megabytes that the process may take; 0 for a safe share of what is free")
    tile: int = number(0, 0, 2**20, "side of the tiles in pixels; 0 for the largest that fit into memory")
    history: int = number(20, 1, 50, "most correction pairs that L-BFGS keeps; fewer need less memory")
    network: str = choice(
        "auto",
        ("auto", "low-rank", "exact"),
        "network that a picture is painted with: exact VGG-19 itself; low-rank at first one of fewer operations, on a "
        "CPU in float32, see docs/method.md; auto that one, but for the paper's objective",
    )
    weights: str = file(
        "file with VGG-19's weights in place of the bundled ones: .mat, .h5, .pth, .safetensors or .npz"
    )
    weights_scale: str = choice(
        "stored",
        ("stored", "normalised"),
        "filters of one's own weights: normalised rescales each to a mean activation of 1 over the gallery, as the "
        "paper did and as the bundled ones are",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.weights_scale != "stored" and not self.weights:
            raise ConfigError(
                "weights_scale: expected weights of one's own beside it, got none; "
                "name their file in weights, or leave it out: the bundled ones are normalised."
            )


#: Names of the options of a run.
RUN_FIELDS = tuple(spec.name for spec in fields(RunOptions))
#: Those of them that a recipe records as they are; of the weights it records what they are, not where.
RECORDED_FIELDS = ("precision", "memory", "tile", "history")


def without_run(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return settings in two parts: those of the picture, and those of a run.

    Up to version 0.1 both were one record, and recipes, links and presets of that time still are.
    """
    run = {name: value for name, value in settings.items() if name in RECORDED_FIELDS}
    return {name: value for name, value in settings.items() if name not in RECORDED_FIELDS}, run
