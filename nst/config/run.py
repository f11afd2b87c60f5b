"""How a picture is computed: what depends on the machine and not on the picture.

These options stand beside `StyleTransferConfig`, which says what is painted. Whoever runs the program chooses them; a
recipe records them, and no picture brings them to another machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from nst.config.fields import choice, number
from nst.config.settings import Settings


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


#: Names of the options of a run.
RUN_FIELDS = tuple(spec.name for spec in fields(RunOptions))


def without_run(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return settings in two parts: those of the picture, and those of a run.

    Up to version 0.1 both were one record, and recipes, links and presets of that time still are.
    """
    run = {name: value for name, value in settings.items() if name in RUN_FIELDS}
    return {name: value for name, value in settings.items() if name not in RUN_FIELDS}, run
