"""The search for nearest neighbours against plain NumPy, and the shares of several paintings."""

import numpy as np
import pytest
import tensorflow as tf

from nst.engine.neighbours import search
from nst.engine.neighbours.search import assigned, directions, nearest
from nst.errors import Interrupted
from nst.plan.neighbours import TRIED_PLACES
from nst.progress import Interruption


def _features(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).gamma(0.5, 1.0, (count, 7)).astype(np.float32)


def _cosines(queries: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Return all centred cosines (P, N)."""
    one, other = (each.astype(np.float64) - each.mean(0, dtype=np.float64) for each in (queries, candidates))
    return (one @ other.T) / np.outer(np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1))


@pytest.mark.parametrize("block", [1, 100, 2**22])
def test_nearest_are_those_of_all_cosines_whatever_the_blocks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BLOCK", block)
    queries, candidates = _features(50, 1), _features(40, 2)
    expected = _cosines(queries, candidates)
    places, cosines = nearest(*(directions(tf.constant(each), each.mean(0)) for each in (queries, candidates)))
    np.testing.assert_array_equal(places, expected.argmax(1))
    np.testing.assert_allclose(cosines, expected.max(1), rtol=1e-5)


def test_features_without_any_difference_have_a_neighbour_all_the_same() -> None:
    flat = np.full((5, 7), 3.0, np.float32)
    ones, others = (directions(tf.constant(each), each.mean(0)) for each in (flat, _features(4, 1)))
    for queries, candidates in ((ones, others), (others, ones), (ones, ones)):
        places, cosines = nearest(queries, candidates)
        assert np.all((places >= 0) & (places < len(candidates)))
        assert np.isfinite(cosines).all()


def test_search_stops_between_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BLOCK", 40)
    asked: list[bool] = []

    def third_time() -> bool:
        asked.append(len(asked) == 2)
        return asked[-1]

    with pytest.raises(Interrupted):
        nearest(tf.constant(_features(50, 1)), tf.constant(_features(40, 2)), Interruption(third_time))
    assert len(asked) == 3


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.8, 0.2), (0.5, 0.3, 0.2), (0.9, 0.0, 0.1), (0.0, 1.0)])
def test_each_painting_gets_its_share_of_the_places(shares: tuple[float, ...]) -> None:
    # The second painting resembles all places more, and still gets no more than its share.
    cosines = np.random.default_rng(3).uniform(0, 1, (2000, len(shares))) + np.arange(len(shares))
    painting = assigned(cosines.astype(np.float32), shares)
    have = np.bincount(painting, minlength=len(shares)) / len(painting)
    np.testing.assert_allclose(have, shares, atol=0.02)
    assert not have[np.array(shares) == 0].any()


def test_a_place_takes_the_painting_that_resembles_it_most() -> None:
    cosines = np.tile([[0.9, 0.1], [0.2, 0.3]], (50, 1)).astype(np.float32)
    np.testing.assert_array_equal(assigned(cosines, (0.5, 0.5)), [0, 1] * 50)


def test_the_shares_hold_where_they_are_tried_on_some_of_the_places_only(monkeypatch: pytest.MonkeyPatch) -> None:
    cosines = np.random.default_rng(3).uniform(0, 1, (20_000, 3)).astype(np.float32)
    cosines[::2] += (0.0, 1.0, 0.5)
    for tried in (20_000, 4_000):
        monkeypatch.setattr(search, "TRIED_PLACES", tried)
        have = np.bincount(assigned(cosines, (0.5, 0.3, 0.2)), minlength=3) / len(cosines)
        np.testing.assert_allclose(have, (0.5, 0.3, 0.2), atol=0.02)


def test_bringing_the_shares_about_stops_between_rounds() -> None:
    """What a round takes is bounded: of the largest picture as many places are tried as of a small one."""
    cosines = np.random.default_rng(3).uniform(0, 1, (TRIED_PLACES + 1, 4)).astype(np.float32)
    asked: list[int] = []

    def on_third() -> bool:
        asked.append(len(asked))
        return len(asked) == 3

    with pytest.raises(Interrupted):
        assigned(cosines, (0.25,) * 4, Interruption(on_third))
    assert len(asked) == 3
