"""The descent at one size: steps of the optimiser, corrections of the border, smaller tiles when memory runs out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import tensorflow as tf

from nst.config import RunOptions, StyleTransferConfig
from nst.engine import tracing
from nst.engine.bands import BANDS, Bands, bands_of
from nst.engine.border import Border, revalued
from nst.engine.device import compiles
from nst.engine.neighbours.matching import Matching
from nst.engine.objective import Value, value_and_gradient
from nst.engine.optimizers.adam import Adam
from nst.engine.optimizers.base import Box, Solver
from nst.engine.optimizers.best import Best, BestSoFar, Search
from nst.engine.optimizers.lbfgs import Lbfgs
from nst.engine.targets import Targets, make_targets, targets_signature
from nst.engine.terms import Terms
from nst.engine.tiled import evaluated_by_tiles
from nst.engine.vgg import Network
from nst.errors import is_out_of_memory
from nst.masks.regions import Layout
from nst.masks.temporal import TemporalTarget
from nst.plan.scales import Shape, is_due
from nst.plan.tiling import WHOLE, cut
from nst.progress import UNINTERRUPTED, Interruption

#: Failed evaluations in a row after which a scale is given up.
MAX_FAILURES = 8
#: Where memory runs out with tiles of this side or less, smaller ones would not help.
SMALLEST_TILE = 128

T = TypeVar("T")


class Pictures(NamedTuple):
    """What the targets are made of, at the size to be used.

    Attributes:
        photo: uint8 RGB (height, width, 3).
        paintings: uint8 RGB (height, width, 3) each.
        layout: The regions of the photo, and the parts of the paintings.
        temporal: What the picture is to look like by the frames before it; None for a picture by itself.
        guide: The picture whose places look for neighbours, (1, height, width, 3) float32 in 0..255; None for the one
            that is started from.
    """

    photo: np.ndarray
    paintings: Sequence[np.ndarray]
    layout: Layout
    temporal: TemporalTarget | None = None
    guide: tf.Tensor | None = None


@dataclass(frozen=True)
class Descent:
    """The way from one picture to a better one of the same size.

    Attributes:
        network: That the picture is optimised with.
        config: The settings.
        options: Of the run, with what was chosen by itself filled in.
        box: What each pixel may be.
        steps: Evaluations of J.
        is_final: Whether J of the result matters, and so the border, or new neighbours now and then.
        interruption: What is asked between tiles, and while a network is traced, whether to go on.
        exact_from: Evaluations that a low-rank network makes before VGG-19 itself takes over; None for all of them.
    """

    network: Network
    config: StyleTransferConfig
    options: RunOptions
    box: Box
    steps: int
    is_final: bool
    interruption: Interruption = UNINTERRUPTED
    exact_from: int | None = None

    def network_after(self, done: int) -> Network:
        """Return the network that makes the evaluation which follows `done` others."""
        is_exact = self.exact_from is not None and done >= self.exact_from
        return self.network._replace(low_rank=0) if is_exact else self.network

    def begin(self, start: tf.Tensor, pictures: Pictures) -> Iterator[tuple[Best, int]]:
        """Make the targets and return the evaluations: after each the best picture, and the side of the tiles it took.

        Args:
            start: The picture to start from, (1, height, width, 3) float32 in 0..255.
            pictures: Let go of when the targets are made.

        Raises:
            Interrupted: if the run is to stop; the evaluations raise it too.
        """
        attempt = _Attempt(self, start, pictures)
        del start, pictures  # the attempt lets go of them in time
        attempt.prepare()
        return attempt.evaluations()


class _Attempt:
    """A descent under way, which goes on by smaller tiles where memory runs out.

    Whatever runs out of memory is tried again from `_picture`: exactly one of it and `_search`, which holds the best
    picture so far, is there at any time.
    """

    def __init__(self, descent: Descent, start: tf.Tensor, pictures: Pictures) -> None:
        self._descent = descent
        self._network = descent.network_after(0)
        self._shape: Shape = (start.shape[1], start.shape[2])
        self._side = descent.options.tile
        self._picture: tf.Tensor | None = start
        self._pictures: Pictures | None = pictures
        self._search: Search | None = None
        self._targets: Targets | None = None
        self._correction: Border | Matching | None = None

    def prepare(self) -> None:
        """Make everything that the first evaluation needs."""
        self._with_fitting_tiles(self._ready)

    def evaluations(self) -> Iterator[tuple[Best, int]]:
        """Yield the best picture and the side of the tiles after each evaluation."""
        for done in range(self._descent.steps):
            best = self._with_fitting_tiles(partial(self._evaluate, done))
            yield best, self._side
            if int(best.failures) >= MAX_FAILURES:
                return

    def _with_fitting_tiles(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, done again by smaller tiles as often as memory runs out."""
        while True:
            try:
                with tracing.heeding(self._descent.interruption):
                    return work()
            except Exception as error:
                side = min(self._side, max(self._shape)) // 2
                is_whole_only = self._descent.network.edge == "wrap"  # a tile would end at the border
                if not is_out_of_memory(error) or side < SMALLEST_TILE or is_whole_only:
                    raise
            # Not before here: the error holds on to all that was there when memory ran out.
            self._side = side
            self._give_up_search()

    def _give_up_search(self) -> None:
        """Keep only the best picture of the search; the next one may keep its pairs in another type."""
        if self._search is not None:
            self._picture, self._search = tf.convert_to_tensor(self._search.best.x), None

    def _ready(self) -> tuple[BestSoFar, Search, Targets]:
        """Return the optimiser for the present tiles, its state and the targets, made where they are not there."""
        optimizer = _optimizer(self._descent.config, self._descent.options, self._side)
        # What is large and stays comes first, so that memory is not broken up before.
        if self._search is None:
            self._search = optimizer.init(self._picture, self._descent.steps, self._descent.box)
            self._picture = None  # the search has its own
        if self._targets is None:
            self._targets, self._correction = self._make_targets(self._search)
            if self._network == self._descent.network_after(self._descent.steps):
                self._pictures = None  # no other network will need them
        return optimizer, self._search, self._targets

    def _make_targets(self, search: Search) -> tuple[Targets, Border | Matching | None]:
        """Return the targets, and what corrects them now and then."""
        assert self._pictures is not None
        network, config, side = self._network, self._descent.config, self._side
        photo, paintings, layout, temporal, guide = self._pictures
        interruption = self._descent.interruption
        targets = make_targets(network, config, photo, paintings, side, layout, interruption, temporal)
        if network.matching:
            matching = Matching(network, config, paintings, side, layout, interruption)
            guide = tf.convert_to_tensor(search.x) if guide is None else guide
            return matching.matched(targets, guide, side), matching if self._descent.is_final else None
        # Without a border there is nothing to correct; and a corrected variance or covariance need not be one.
        if not self._descent.is_final or network.edge == "wrap" or network.has_means:
            return targets, None
        return targets, Border(network, config, paintings, side, layout, interruption)

    def _evaluate(self, done: int) -> Best:
        """Return the best picture after one more evaluation than `done`."""
        network, interruption = self._descent.network_after(done), self._descent.interruption
        changes = network != self._network
        if changes:
            self._network, self._targets = network, None
        optimizer, search, targets = self._ready()
        if changes:
            # Another objective: the best picture has no value under it yet, but the curvature still serves.
            optimizer.revalue(search, search.best.tensors()._replace(value=tf.constant(np.inf)))
        # Neighbours have just been found when nothing is done yet.
        if self._correction is not None and is_due(done) and not (done == 0 and network.matching):
            targets = self._targets = self._correct(self._correction, optimizer, search, targets)
        tiles = cut(*self._shape, network.layers[-1], self._side)
        interruption.check()
        if len(tiles) == 1:
            tracing.called(step_function(network, optimizer, len(targets.guides)), search, targets)
        else:
            value = evaluated_by_tiles(network, search.x, targets, tiles, interruption)
            tiled_step_function(optimizer)(search, value, bands_of(*self._shape))
        return search.best.tensors()

    def _correct(
        self, correction: Border | Matching, optimizer: BestSoFar, search: Search, targets: Targets
    ) -> Targets:
        """Return the targets corrected for the best picture's border, or its new neighbours, and go on under them."""
        best = search.best.tensors()
        corrected, style = correction.corrected(targets, best.x, self._side)
        optimizer.revalue(search, revalued(best, corrected, style))
        return corrected


@lru_cache(maxsize=8)
def step_function(network: Network, optimizer: BestSoFar, regions: int) -> Any:
    """Return one traced function for J, its gradient and the optimiser's step, for pictures of any size, each whole.

    It takes the state of the search, which it changes, and the targets.
    """
    bands = Bands.COMPILED if compiles() else Bands.WHOLE

    def step(state: Search, targets: Targets) -> None:
        optimizer.step(lambda pixels: value_and_gradient(network, pixels, targets), state, bands)

    function = tf.function(step, autograph=False, jit_compile=compiles())
    return function.get_concrete_function(_example(optimizer), targets_signature(network, regions))


@lru_cache(maxsize=8)
def tiled_step_function(optimizer: BestSoFar) -> Any:
    """Return one traced function for the optimiser's step alone, with J and its gradient, band by band.

    It takes the state of the search, which it changes, the value and the bands.
    """

    def step(state: Search, value: Value, bands: tf.Tensor) -> None:
        optimizer.step(lambda _: value, state, bands)

    # Bands have sizes that XLA would have to know beforehand.
    number = tf.TensorSpec((), tf.float32)
    value = Value(number, Terms.filled(number), tf.TensorSpec((1, None, None, 3), tf.float32))
    return tf.function(step, autograph=False).get_concrete_function(_example(optimizer), value, BANDS)


def _optimizer(config: StyleTransferConfig, options: RunOptions, side: int) -> BestSoFar:
    """Return the optimiser that the settings ask for; by tiles, of `side`, L-BFGS keeps its pairs in bfloat16."""
    if config.optimizer == "lbfgs":
        solver: Solver = Lbfgs(history=options.history, pairs="bfloat16" if side < WHOLE else "")
    else:
        solver = Adam(learning_rate=config.learning_rate)
    return BestSoFar(solver, terms=Terms.filled(0))


def _example(optimizer: BestSoFar) -> Search:
    """Return a state whose tensors, like its variables, are of any size."""
    state = optimizer.init(tf.zeros((1, 16, 16, 3)), 1)
    bound = tf.TensorSpec((1, None, None, 3))
    return state._replace(solver=state.solver._replace(box=Box(bound, bound)))
