"""The descent at one size: steps of the optimiser, corrections of the border, smaller tiles when memory runs out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import tensorflow as tf

from nst.config import RunOptions, StyleTransferConfig
from nst.engine.bands import BANDS, Bands, bands_of
from nst.engine.border import Border, revalued
from nst.engine.device import compiles
from nst.engine.objective import value_and_gradient
from nst.engine.optimizers.adam import Adam
from nst.engine.optimizers.base import Best, Box, Optimizer
from nst.engine.optimizers.lbfgs import Lbfgs
from nst.engine.targets import Targets, make_targets, targets_signature
from nst.engine.tiles import TILES
from nst.engine.vgg import Network
from nst.errors import is_out_of_memory
from nst.masks.regions import Layout
from nst.plan.scales import Shape, is_due
from nst.plan.tiling import WHOLE, cut

#: Failed evaluations in a row after which a scale is given up.
MAX_FAILURES = 8
#: Where memory runs out with tiles of this side or less, smaller ones would not help.
SMALLEST_TILE = 128

T = TypeVar("T")


class Pictures(NamedTuple):
    """What the targets are made of, at the size to be used.

    Attributes:
        photo: uint8 RGB (height, width, 3).
        paintings: Likewise.
        layout: The regions of the photo, and the parts of the paintings.
    """

    photo: np.ndarray
    paintings: Sequence[np.ndarray]
    layout: Layout


@dataclass(frozen=True)
class Descent:
    """The way from one picture to a better one of the same size.

    Attributes:
        network: That the picture is optimised with.
        config: The settings.
        options: Of the run, with what was chosen by itself filled in.
        box: What each pixel may be.
        steps: Evaluations of J.
        is_final: Whether J of the result matters, and so the border.
    """

    network: Network
    config: StyleTransferConfig
    options: RunOptions
    box: Box
    steps: int
    is_final: bool

    def begin(self, start: tf.Tensor, pictures: Pictures) -> Iterator[tuple[Best, int]]:
        """Make the targets and return the evaluations: after each the best picture, and the side of the tiles it took.

        Args:
            start: The picture to start from, (1, height, width, 3) float32 in 0..255.
            pictures: Let go of when the targets are made.
        """
        optimizer, shape = _optimizer(self.config, self.options), (start.shape[1], start.shape[2])
        # What is large and stays comes first, so that memory is not broken up before.
        state = optimizer.init(start, self.steps, self.box)
        del start  # the state has its own
        targets, border, tile = _with_fitting_tiles(self.options.tile, max(shape), partial(self._aims, pictures))
        return self._evaluations(optimizer, state, targets, border, tile, shape)

    def _aims(self, pictures: Pictures, tile: int) -> tuple[Targets, Border | None, int]:
        """Return the targets, what corrects them now and then, and the tiles' side that both were made with."""
        targets = make_targets(self.network, self.config, pictures.photo, pictures.paintings, tile, pictures.layout)
        border = Border(self.network, self.config, pictures.paintings, tile, pictures.layout) if self.is_final else None
        return targets, border, tile

    def _evaluations(
        self, optimizer: Optimizer, state: Any, targets: Targets, border: Border | None, tile: int, shape: Shape
    ) -> Iterator[tuple[Best, int]]:
        def evaluate(done: int, side: int) -> int:
            nonlocal state, targets
            if side < tile:
                picture, state = tf.convert_to_tensor(state.best.x), None  # no two states at once
                state = optimizer.init(picture, self.steps, self.box)
                del picture
            if border is not None and is_due(done):
                best = _as_tensors(state.best)
                targets, style = border.corrected(targets, best.x, side)
                optimizer.moved(state, revalued(best, targets, style))
                del best
            tiles = tiles_of(self.network, shape, side)
            step = step_function(self.network, optimizer, bool(tiles), len(targets.guides))
            step(state, targets, *tiles, *(bands_of(*shape) for _ in tiles))
            return side

        for done in range(self.steps):
            tile = _with_fitting_tiles(tile, max(shape), partial(evaluate, done))
            yield _as_tensors(state.best), tile
            if int(state.best.failures) >= MAX_FAILURES:
                return


def tiles_of(network: Network, shape: Shape, side: int) -> tuple[tf.Tensor, ...]:
    """Return the tiles as an argument of a traced function, or no argument for one that takes the whole."""
    tiles = cut(*shape, network.layers[-1], side)
    return () if len(tiles) == 1 else (tf.constant(tiles),)


@lru_cache(maxsize=8)
def step_function(network: Network, optimizer: Optimizer, tiled: bool, regions: int) -> Any:
    """Return one traced function for J, its gradient and the optimiser's step, for pictures of any size.

    It takes the optimiser's state, which it changes, the targets, and if `tiled` the tiles and the bands.
    """
    # Tiles have sizes that XLA would have to know beforehand.
    compiled = compiles() and not tiled

    def whole(state: Any, targets: Targets) -> None:
        every = Bands.COMPILED if compiled else Bands.WHOLE
        optimizer.step(lambda pixels: value_and_gradient(network, pixels, targets), state, every)

    def by_tiles(state: Any, targets: Targets, tiles: tf.Tensor, bands: tf.Tensor) -> None:
        optimizer.step(lambda pixels: value_and_gradient(network, pixels, targets, tiles), state, bands)

    function = tf.function(by_tiles if tiled else whole, autograph=False, jit_compile=compiled)
    targets = targets_signature(network, regions)
    return function.get_concrete_function(_example(optimizer), targets, *[TILES, BANDS] * tiled)


def _with_fitting_tiles(side: int, longest: int, attempt: Callable[[int], T]) -> T:
    """Return what `attempt` makes of a tile's side: of `side`, or of half of it as often as memory runs out."""
    while True:
        try:
            return attempt(side)
        except Exception as error:
            side = min(side, longest) // 2
            if not is_out_of_memory(error) or side < SMALLEST_TILE:
                raise


def _optimizer(config: StyleTransferConfig, options: RunOptions) -> Optimizer:
    if config.optimizer == "lbfgs":
        return Lbfgs(history=options.history, pairs="bfloat16" if options.tile < WHOLE else "")
    return Adam(learning_rate=config.learning_rate)


def _example(optimizer: Optimizer) -> Any:
    """Return a state whose tensors, like its variables, are of any size."""
    state = optimizer.init(tf.zeros((1, 16, 16, 3)), 1)
    bound = tf.TensorSpec((1, None, None, 3))
    return state._replace(box=Box(bound, bound))


def _as_tensors(best: Best) -> Best:
    """Return the record as it is now; what comes later does not change it."""
    return Best(*map(tf.convert_to_tensor, best))
