"""The search for the style weight, on shares that fall as they do in pictures, and as they never should."""

import math
from collections.abc import Callable

import pytest

from nst.config import StyleTransferConfig
from nst.plan.strength import FIRST, NEAR, REACH, RISE, RUN_STEPS, RUNS, Search, search_scale

#: Evaluations at 512 px that a search may take the time of.
ALLOWED = 5


def _searched(wanted: float, kept: Callable[[float], float], first: float = FIRST) -> Search:
    search = Search(wanted, first)
    while not search.is_over():
        exponent = search.proposal()
        search.tried.append((exponent, kept(exponent)))
    return search


@pytest.mark.parametrize("centre", [1.0, 2.0, 2.5])
@pytest.mark.parametrize("wanted", [0.3, 0.5, 0.7])
def test_the_wanted_share_is_found_whatever_the_pair(wanted: float, centre: float) -> None:
    def kept(exponent: float) -> float:
        return 0.2 + 0.75 / (1 + math.exp(1.7 * (exponent - centre)))

    search = _searched(wanted, kept)
    assert kept(math.log10(search.result())) == pytest.approx(wanted, abs=0.05)
    assert len(search.tried) <= RUNS


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("wanted", [0.01, 0.5, 1.0])
def test_a_share_that_no_weight_moves_ends_the_search_within_its_reach(wanted: float, share: float) -> None:
    search = _searched(wanted, lambda _: share)
    assert len(search.tried) <= RUNS
    assert -REACH - 0.01 <= math.log10(search.result()) - FIRST <= RISE + 0.01


def test_a_share_that_rises_where_it_should_fall_does_not_lead_astray() -> None:
    search = _searched(0.5, lambda exponent: min(1.0, max(0.0, 0.2 + 0.1 * exponent)))
    assert len(search.tried) <= RUNS
    assert math.isfinite(search.result())


def test_the_weight_is_a_number_that_people_can_give_again() -> None:
    beta = _searched(0.5, lambda exponent: 1.5 - 0.31 * exponent).result()
    assert beta == float(f"{beta:.3g}")


def test_a_share_at_the_first_try_needs_no_other() -> None:
    assert len(_searched(0.5, lambda _: 0.5 + NEAR / 2).tried) == 1


def test_all_runs_together_take_the_time_of_five_evaluations_at_512_px() -> None:
    config = StyleTransferConfig()
    scale = search_scale((512, 384), ((600, 800),), config)
    work = RUNS * scale.steps * scale.shape[0] * scale.shape[1]
    assert work <= ALLOWED * 512 * 384
    assert (scale.steps, max(scale.shape)) == (RUN_STEPS, 128)


def test_a_narrow_photo_is_searched_where_the_network_still_sees_it_and_a_small_one_as_it_is() -> None:
    config = StyleTransferConfig()
    assert min(search_scale((1024, 128), ((600, 800),), config).shape) == 32
    # So is a painting whose strokes are to be fine, in no more than the time of one evaluation a run.
    fine = search_scale((512, 512), ((600, 800),), config.with_changes(style_scale=0.1))
    assert (fine.shape, fine.steps) == ((512, 512), 1)
    assert search_scale((64, 48), ((600, 800),), config).shape == (64, 48)
    assert search_scale((64, 48), ((600, 800),), config.with_changes(steps=3)).steps == 3
