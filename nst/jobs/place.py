"""A picture's place in a series: each job of one carries what comes after it, so that a series survives its server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from nst.config import StyleTransferConfig
from nst.pictures.codec import Pixels
from nst.recipes.recipe import Source

#: What comes out: pictures to keep, or a table of small ones to choose settings by.
Kind = Literal["pictures", "table"]


@dataclass(frozen=True)
class Step:
    """One picture of a series.

    Attributes:
        label: What it is called in the series.
        config: Its settings.
        styles: Its paintings.
        settings: Fields of `config` by which it differs from the others, as its `to_dict` has them.
    """

    label: str
    config: StyleTransferConfig
    styles: tuple[Source, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the step as JSON types; `from_dict` reads it back unchanged."""
        styles = [vars(style) for style in self.styles]
        return {**vars(self), "config": self.config.to_dict(), "styles": styles, "settings": dict(self.settings)}

    @classmethod
    def from_dict(cls, entries: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned; raises ConfigError, KeyError or TypeError for anything else."""
        config = StyleTransferConfig.from_dict(entries["config"])
        return cls(entries["label"], config, tuple(Source(**each) for each in entries["styles"]), entries["settings"])


@dataclass(frozen=True, eq=False)
class Place:
    """Where a job stands in its series.

    Attributes:
        kind: What comes out of the series.
        columns: Of a table, which is filled row by row.
        steps: All pictures of the series, in their order.
        before: The jobs of those before this one.
        paintings: Of those after it that are not in the gallery, uint8 RGB, by their files' checksums.
    """

    kind: Kind
    columns: int
    steps: tuple[Step, ...]
    before: tuple[str, ...] = ()
    paintings: Mapping[str, Pixels] = field(default_factory=dict)

    def size(self) -> int:
        """Return how many bytes its pictures take."""
        return sum(pixels.nbytes for pixels in self.paintings.values())

    def to_json(self) -> str:
        """Return all but the paintings; `from_json` reads it back."""
        steps = [step.to_dict() for step in self.steps]
        return json.dumps({"kind": self.kind, "columns": self.columns, "steps": steps, "before": self.before})

    @classmethod
    def from_json(cls, text: str, paintings: Mapping[str, Pixels]) -> Self:
        """Read what `to_json` returned; raises ValueError, KeyError or TypeError for anything else."""
        entries = json.loads(text)
        steps = tuple(map(Step.from_dict, entries["steps"]))
        return cls(entries["kind"], int(entries["columns"]), steps, tuple(entries["before"]), paintings)
