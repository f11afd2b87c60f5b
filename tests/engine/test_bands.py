"""A few rows at a time gives what the whole at once gives, and takes no more memory."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from nst.engine.bands import Band, Bands, bands_of, fold, fold_bands
from nst.engine.optimizers.adam import Adam
from nst.engine.optimizers.base import Box
from nst.engine.optimizers.best import BestSoFar
from nst.engine.optimizers.lbfgs import Lbfgs

PICTURE = np.random.default_rng(0).uniform(0, 255, (1, 23, 17, 3)).astype(np.float32)
#: Uneven ones.
THREE = tf.constant([(0, 10), (10, 11), (11, 23)], tf.int64)


def test_fold_goes_from_row_to_row() -> None:
    assert int(fold(tf.constant([1, 2, 3]), lambda total, row: 10 * total + row, tf.constant(0))) == 123


@pytest.mark.parametrize(("height", "width"), [(1, 1), (100, 100), (683, 1024), (5461, 8192), (3, 300_000)])
def test_bands_cover_every_row_once_and_are_small(height: int, width: int) -> None:
    bands = bands_of(height, width).numpy()
    assert bands[0, 0] == 0
    assert bands[-1, 1] == height
    np.testing.assert_array_equal(bands[1:, 0], bands[:-1, 1])
    rows = bands[:, 1] - bands[:, 0]
    assert rows.min() >= 1
    assert rows.max() == 1 or 3 * width * rows.max() <= 640_000


@pytest.mark.parametrize("bands", [THREE, *Bands], ids=["three bands", "whole", "compiled"])
def test_what_is_put_back_is_found_there_again(bands: Any) -> None:
    ring = tf.Variable(tf.zeros((4, *PICTURE.shape)), shape=(4, 1, None, None, 3))
    picture = tf.constant(PICTURE)
    whole = tf.Variable(tf.zeros_like(PICTURE), shape=(1, None, None, 3))

    def put(total: tf.Tensor, band: Band) -> tf.Tensor:
        place = tf.constant(2, tf.int64)
        band.put(ring, 2 * band.of(picture), place)
        band.put(whole, band.of(ring, place) + 1)
        return total + tf.reduce_sum(band.of(ring)) / 1e3

    total = tf.function(lambda: fold_bands(bands, put, tf.constant(0.0)), autograph=False)()
    np.testing.assert_array_equal(ring[2], 2 * PICTURE)
    np.testing.assert_array_equal(ring[:2], 0)
    np.testing.assert_array_equal(whole, 2 * PICTURE + 1)
    assert float(total) == pytest.approx(PICTURE.sum() / 500, rel=1e-5)


def test_one_row_stands_for_all() -> None:
    row = tf.constant([[[[1.0, 2.0, 3.0]]]])
    seen = fold_bands(THREE, lambda total, band: total + tf.reduce_sum(band.of(row)), tf.constant(0.0))
    assert float(seen) == 3 * 6


def _descended(solver: Lbfgs | Adam, bands: Any, compiled: bool) -> list[np.ndarray]:
    """The iterates on a bowl whose lowest point lies partly outside the box; a failure on the way."""
    curvature = np.geomspace(1, 30, PICTURE.size).reshape(PICTURE.shape).astype(np.float32)
    centre = np.random.default_rng(1).uniform(-80, 330, PICTURE.shape).astype(np.float32)
    bad = tf.Variable(1.0)

    def bowl(x: tf.Tensor) -> tuple[tf.Tensor, Any, tf.Tensor]:
        off = x - centre
        return bad * tf.reduce_sum(curvature * off**2) / 2, (), curvature * off

    lower = tf.fill(PICTURE.shape, 1.0)
    optimizer = BestSoFar(solver)
    state = optimizer.init(tf.constant(PICTURE), 15, Box(lower, 250.0 * tf.ones((1, 1, 1, 3))))
    step = tf.function(lambda: optimizer.step(bowl, state, bands), autograph=False, jit_compile=compiled)
    seen = []
    for number in range(15):
        bad.assign(np.nan if number == 6 else 1.0)
        step()
        seen += [state.x.numpy().copy(), state.best.x.numpy().copy(), state.best.value.numpy()]
    return seen


@pytest.mark.parametrize("optimizer", [Lbfgs(history=3), Lbfgs(history=3, pairs="bfloat16"), Adam()], ids=str)
def test_optimisers_go_the_same_way_by_bands_and_compiled(optimizer: Lbfgs | Adam) -> None:
    ways = [_descended(optimizer, bands, bands is Bands.COMPILED) for bands in (Bands.WHOLE, THREE, Bands.COMPILED)]
    # Sums in another order; bfloat16 then rounds some entries to the other side.
    tolerance = 1.0 if getattr(optimizer, "pairs", "") else 1e-2
    for way in ways[1:]:
        for mine, other in zip(ways[0], way, strict=True):
            np.testing.assert_allclose(mine, other, atol=tolerance, rtol=1e-3)
