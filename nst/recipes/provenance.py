"""How a picture was computed: recorded with it and shown to whoever asks, restored nowhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from nst import __version__
from nst.config import RECORDED_FIELDS, RunOptions, bounded
from nst.errors import ConfigError
from nst.pictures.codec import printable_name
from nst.plan.tiling import WHOLE
from nst.weights.files import KINDS, WeightsSource

#: More than any settings lead to.
MAX_EVALUATIONS = 10**6


@dataclass(frozen=True)
class Provenance:
    """The run that made a picture.

    Attributes:
        options: Precision, tiles and history as they were chosen; tile 0 for a picture that was taken whole. Where a
            file with weights was is not among them.
        nst_version: Version of the program that painted.
        device: What it painted on, e.g. "CPU"; empty if that is not known.
        resumed: Evaluations before and after a checkpoint that it went on from, if it did. The optimiser began anew
            there, so the settings alone repeat such a picture only nearly.
        weights: What weights it was painted with in place of the bundled ones; None for these.
        low_rank: How many evaluations of the run were of the network of fewer operations, `nst.engine.low_rank`.
    """

    options: RunOptions
    nst_version: str
    device: str = ""
    resumed: tuple[int, int] | None = None
    weights: WeightsSource | None = None
    low_rank: int = 0

    @classmethod
    def of(
        cls,
        options: RunOptions,
        device: str,
        resumed: tuple[int, int] | None = None,
        weights: WeightsSource | None = None,
        low_rank: int = 0,
    ) -> Self:
        """Return the provenance of a picture that this version makes with `options`, those of the engine's record."""
        recorded = {name: getattr(options, name) for name in RECORDED_FIELDS}
        tile = options.tile if options.tile < WHOLE else 0
        recorded_options = RunOptions.from_dict({**recorded, "tile": tile})
        return cls(recorded_options, __version__, printable_name(device), resumed, weights, low_rank)

    def sentence(self) -> str:
        """Return one sentence on the run, with what is known of it."""
        options = self.options
        ways = [f"by nst {self.nst_version}"]
        ways += [f"on {self.device}"] if self.device else []
        ways += [f"in {options.precision}"] if options.precision != "auto" else []
        ways += [f"by tiles of {options.tile} px"] if options.tile else []
        ways += [f"within {options.memory} MB"] if options.memory else []
        sentence = f"It was computed {', '.join(ways)}, with a history of at most {options.history}."
        if self.low_rank:
            sentence = f"{sentence} The low-rank network made {self.low_rank} of its evaluations."
        if self.weights is not None:
            sentence += f" {self.weights.sentence()}"
        if self.resumed is None:
            return sentence
        before, after = self.resumed
        return (
            f"{sentence} It went on from a checkpoint after {before} evaluations with {after} more, "
            "so its settings make a picture much like it, but not the same one again."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the run as JSON types; `from_dict` reads it back unchanged."""
        options = {name: getattr(self.options, name) for name in RECORDED_FIELDS}
        entries: dict[str, Any] = {**options, "nst": self.nst_version, "device": self.device}
        if self.resumed is not None:
            entries["resumed"] = list(self.resumed)
        if self.weights is not None:
            entries["vgg19"] = vars(self.weights)
        if self.low_rank:
            entries["low_rank"] = self.low_rank
        return entries

    @classmethod
    def from_dict(cls, entries: Mapping[str, Any], nst_version: str) -> Self:
        """Read what may come from anyone; names that a later version may have added are left out.

        Args:
            entries: The run's options, and where they are known nst and device.
            nst_version: Version of the recipe, where the run has none of its own.

        Raises:
            ConfigError: for a value that is none.
        """
        options = RunOptions.from_dict({name: value for name, value in entries.items() if name in RECORDED_FIELDS})
        version, device = entries.get("nst", nst_version), entries.get("device", "")
        resumed, weights = entries.get("resumed"), entries.get("vgg19")
        return cls(
            options,
            _name(version),
            _name(device),
            None if resumed is None else _resumed(resumed),
            None if weights is None else _weights(weights),
            _count(entries.get("low_rank", 0)),
        )


def _name(value: Any) -> str:
    return printable_name(value) if isinstance(value, str) else ""


def _count(value: Any) -> int:
    count = bounded(value, 0, MAX_EVALUATIONS)
    if count is None:
        raise ConfigError("recipe: expected how many evaluations the low-rank network made, got none; it is damaged.")
    return int(count)


def _weights(value: Any) -> WeightsSource:
    if isinstance(value, dict) and value.get("kind") in KINDS and isinstance(value.get("normalised"), bool):
        digest = value.get("sha256")
        if isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest):
            return WeightsSource(value["kind"], digest, value["normalised"])
    raise ConfigError("recipe: expected the kind and the sha256 of the weights, got none; it is damaged.")


def _resumed(value: Any) -> tuple[int, int]:
    if isinstance(value, list) and len(value) == 2:
        before, after = (bounded(each, 0, MAX_EVALUATIONS) for each in value)
        if before is not None and after is not None:
            return int(before), int(after)
    raise ConfigError("recipe: expected the evaluations before and after a checkpoint, got none; it is damaged.")
