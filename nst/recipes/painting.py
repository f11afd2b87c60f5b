"""One loop from the engine's records to the picture that is kept, for the command line and for the jobs.

Whatever ends a run, the best picture so far is its result: the last evaluation, a word from whoever watches, an error.
"""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from nst.config import RunOptions, StyleTransferConfig
from nst.pictures.codec import Pixels
from nst.pictures.prints import Levels
from nst.plan.scales import last_pass
from nst.recipes.provenance import Provenance
from nst.recipes.recipe import Recipe
from nst.weights.files import WeightsSource

#: Evaluations that a run from a checkpoint gets on top of those that were left. L-BFGS starts with an empty memory
#: there; with this many more it ends no worse than a run that was never interrupted (see benchmarks/resume.json).
RESUMED_STEPS = 20


def going_on(config: StyleTransferConfig, left: int) -> StyleTransferConfig:
    """Return the settings with which a run goes on from its picture at the last size, with `left` evaluations to go.

    In its last pass it goes on with no more than that has, and with two at least: of one there would be none.
    """
    most = max(2, last_pass(config)) if is_finishing(config, left) else config.steps
    return config.with_changes(init="picture", steps=min(left + RESUMED_STEPS, most))


def is_finishing(config: StyleTransferConfig, left: int) -> bool:
    """Return whether a run with `left` evaluations to go has only those of its last pass to make; see `stylize`."""
    last = last_pass(config)
    return last > 0 and left <= last


class Record(Protocol):
    """What is needed of the engine's records; see `nst.engine.records.Progress`."""

    @property
    def step(self) -> int:
        """Evaluations done."""

    @property
    def steps(self) -> int:
        """Evaluations planned."""

    @property
    def config(self) -> StyleTransferConfig:
        """The settings, with the style weight that was found for them if it was to be."""

    @property
    def options(self) -> RunOptions:
        """Options of the run, as they were chosen."""

    @property
    def weights(self) -> WeightsSource | None:
        """Weights of one's own that the run uses, None for the bundled ones."""

    @property
    def device(self) -> str:
        """What is computed on."""

    @property
    def low_rank(self) -> int:
        """Evaluations so far that were of the network of fewer operations."""

    def picture(self) -> Pixels:
        """Return the best picture so far at the final size."""

    def levels(self) -> Levels:
        """Return the same picture before it is rounded, in 0..255."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, eq=False)
class Painting(Generic[R]):
    """A run that has ended.

    Attributes:
        record: The last one, or None if the run ended before its first evaluation.
        error: What ended it, or None if it came to its end or was stopped.
    """

    record: R | None
    error: Exception | None

    def result(self, recipe: Recipe, before: int = 0) -> tuple[Pixels, Recipe]:
        """Return the best picture and the recipe that says how it came about; there is a record.

        Args:
            recipe: Of what was asked for.
            before: Evaluations of an earlier run, from whose checkpoint this one went on.

        Raises:
            Exception: of any kind, above all if there is no memory to finish the picture.
        """
        return self._record().picture(), self._recipe(recipe, before)

    def fine_result(self, recipe: Recipe, before: int = 0) -> tuple[Levels, Recipe]:
        """Return what `result` does, the picture as grey levels that are not rounded."""
        return self._record().levels(), self._recipe(recipe, before)

    def _record(self) -> R:
        if self.record is None:
            raise ValueError("record: expected a run with at least one evaluation, got none; look at error first.")
        return self.record

    def _recipe(self, recipe: Recipe, before: int) -> Recipe:
        record = self._record()
        resumed = (before, record.step) if before else None
        run = Provenance.of(record.options, record.device, resumed, record.weights, record.low_rank)
        recipe = recipe.with_strength(record.config)
        return recipe.as_run(run, before + record.step, before + record.steps)


def painted(records: Iterator[R], is_to_stop: Callable[[R], bool]) -> Painting[R]:
    """Run the engine's generator until it ends, fails, or `is_to_stop` says so of a record.

    A failure of `is_to_stop` ends the run like one of the engine. A second Ctrl-C, which is no Exception, passes.
    """
    record, error = None, None
    try:
        for record in records:
            if is_to_stop(record):
                break
    except Exception as caught:
        error = caught
        # The engine's arrays hang on the frames of the error; finishing the picture may need their memory.
        traceback.clear_frames(error.__traceback__)
    finally:
        close = getattr(records, "close", None)
        if close is not None:
            close()
    return Painting(record, error)
