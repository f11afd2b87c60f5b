"""The search for the style weight, on shares that fall as they do in pictures, and as they never should."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from nst.config import StyleTransferConfig
from nst.config.transfer import PHOTO_KEPT
from nst.plan.strength import (
    FIRST,
    NEAR,
    REACH,
    RISE,
    RUN_STEPS,
    RUNS,
    Search,
    amended,
    search_for,
    search_scale,
    short_passes,
    short_share,
)

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


# With neighbours


def _neighbours(kept: float) -> StyleTransferConfig:
    return StyleTransferConfig(method="neighbours", photo_kept=kept)


def test_a_short_run_with_neighbours_is_a_whole_run_in_small() -> None:
    scale = search_scale((384, 512), ((400, 400),), _neighbours(0.6))
    passes = short_passes(scale, _neighbours(0.6))
    assert [each.by_layer for each in passes] == [False, False, True]
    assert sum(each.steps for each in passes) == scale.steps
    assert {each.shape for each in passes} == {scale.shape}
    assert short_passes(scale, StyleTransferConfig()) == (scale,)
    assert short_passes(replace(scale, steps=2), _neighbours(0.6)) == (replace(scale, steps=2),)


def test_a_short_run_with_neighbours_has_to_keep_more_than_the_finished_picture() -> None:
    wanted = [0.01, 0.3, 0.6, 0.85]
    shares = [short_share(_neighbours(each)) for each in wanted]
    assert shares == sorted(shares)
    assert all(share > each for share, each in zip(shares, wanted, strict=True))
    assert short_share(_neighbours(1.0)) == 1.0


def test_a_short_run_of_statistics_has_to_keep_less_than_the_finished_picture_and_the_first_is_near_it() -> None:
    wanted = [0.1, 0.3, 0.45, 0.6, 0.75, 0.9]
    searches = [search_for(StyleTransferConfig(photo_kept=each)) for each in wanted]
    shares = [search.wanted for search in searches]
    assert shares == sorted(shares)
    assert all(0 <= share < each for share, each in zip(shares[:-1], wanted[:-1], strict=True))
    firsts = [search.first for search in searches]
    assert firsts == sorted(firsts, reverse=True)
    assert firsts[3] == FIRST
    assert search_for(StyleTransferConfig(photo_kept=1.0)).wanted == 1.0
    # Wherever it begins, it may end as far up and down.
    assert {round(search.first + search.rise, 6) for search in searches} == {FIRST + RISE}
    assert {round(search.first - search.reach, 6) for search in searches} == {round(FIRST - REACH, 6)}


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_neighbours_have_a_style_weight_of_about_300_whatever_the_pair(share: float) -> None:
    search = search_for(_neighbours(PHOTO_KEPT))
    while not search.is_over():
        search.tried.append((search.proposal(), share))
    assert 90 < search.result() < 1100


@pytest.mark.parametrize("centre", [1.5, 2.5, 3.5])
def test_more_of_the_photo_takes_a_smaller_weight_with_neighbours(centre: float) -> None:
    weights = []
    for kept in (0.3, 0.45, 0.6, 0.75, 0.85):
        search = search_for(_neighbours(kept))
        while not search.is_over():
            exponent = search.proposal()
            search.tried.append((exponent, 0.6 + 0.4 / (1 + math.exp(2 * (exponent - centre)))))
        weights.append(search.result())
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == len(weights)


def test_a_first_size_that_keeps_nearly_what_it_should_has_its_weight() -> None:
    # Later sizes lose 0.025 again.
    assert all(amended(1000.0, kept, 0.6) == 1000.0 for kept in (0.55, 0.625, 0.7))


def test_a_first_size_that_loses_or_keeps_too_much_of_the_photo_gets_another_weight() -> None:
    # A decade for 0.7, and never more than one and a half.
    assert amended(1000.0, 0.46, 0.6) == 581.0
    assert amended(1000.0, 0.81, 0.6) == 1840.0
    assert amended(1000.0, 0.0, 1.0) == 34.3
    assert amended(1000.0, 0.0, 1.1) == 31.6
    # Nor beyond the greatest weight that a search finds, 10^3.7.
    assert amended(3000.0, 0.99, 0.6) == 5010.0
    assert amended(5010.0, 0.99, 0.6) == 5010.0
