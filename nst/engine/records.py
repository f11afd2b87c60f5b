"""What a run tells: a record after each evaluation of J; and a sketch."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from nst.config import RunOptions, StyleTransferConfig
from nst.engine.canvas import Canvas
from nst.engine.terms import Losses
from nst.pictures.colour import ColourControl
from nst.progress import RunProgress
from nst.weights.files import WeightsSource


@dataclass(frozen=True, eq=False)
class Progress(RunProgress):
    """Where a transfer stands after one evaluation of J, and the picture it has come to.

    Attributes:
        losses: Of the best picture so far at this scale, in the precision of the run. At the last scale it is near what
            `evaluate` gives, see `nst.engine.border`; at the others it lacks the border's share. Infinite before J was
            finite.
        config: The settings as they were asked for, with the style weight that was found if it was to be.
        options: Of the run, with what was chosen by itself filled in: precision, tiles and history.
        weights: Of one's own, that the run uses in place of the bundled ones; None for these.
        device: What is computed on, e.g. ``"CPU"``.
        low_rank: How many of the evaluations so far were of the network of fewer operations.
        preview: The best picture so far at this scale, uint8 RGB (height, width, 3), when one is due.
        note: A sentence when something happened that the user should know, else empty.
    """

    losses: Losses
    config: StyleTransferConfig
    options: RunOptions
    weights: WeightsSource | None
    device: str
    low_rank: int
    preview: np.ndarray | None
    note: str
    _canvas: Canvas = field(repr=False)
    _palette: ColourControl = field(repr=False)
    _best: tf.Tensor = field(repr=False)

    def picture(self) -> np.ndarray:
        """Return the best picture so far at the final size, uint8 RGB (height, width, 3)."""
        return self._palette.finished(self._canvas.final(self._best))

    def levels(self) -> np.ndarray:
        """Return the same picture before it is rounded: grey levels (height, width, 3), RGB, floats in 0..255."""
        return self._palette.finished_levels(self._canvas.final_levels(self._best))


class Sketch(NamedTuple):
    """A small picture that shows what a run will come to.

    Attributes:
        picture: uint8 RGB (height, width, 3), at the size of `nst.plan.strength.search_scale`.
        style_weight: beta that it was painted with.
        evaluations: Of J that it took, those of another one included that was tried before it.
    """

    picture: np.ndarray
    style_weight: float
    evaluations: int
