"""The neighbours of a picture's places, and the distance from them, against plain NumPy."""

from typing import Any

import numpy as np
import pytest

from nst.config import StyleTransferConfig
from nst.config.transfer import NEIGHBOUR_LAYERS
from nst.engine.canvas import as_tensor
from nst.engine.neighbours.matching import Matching
from nst.engine.objective import value_and_gradient
from nst.engine.targets import Targets, make_targets
from nst.engine.tiled import evaluated_by_tiles, losses_by_tiles
from nst.engine.transfer import evaluate
from nst.engine.vgg import Network
from nst.errors import ConfigError, MaskError
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region
from nst.plan import neighbours as plan
from nst.plan.tiling import WHOLE, cut
from tests.support import reference

CONFIG = StyleTransferConfig(method="neighbours")
LAYERS = [name for name, _ in NEIGHBOUR_LAYERS]


def _picture(shape: tuple[int, int], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    forms = reference.resized(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8), *shape).astype(int)
    return np.clip(forms + rng.integers(-30, 31, forms.shape), 0, 255).astype(np.uint8)


PHOTO, PICTURE, PAINTING = _picture((37, 51), 1), _picture((37, 51), 2), _picture((40, 33), 3)


def _network(by_layer: bool, **changes: Any) -> Network:
    return Network.of(CONFIG, "float32", "zero")._replace(**changes).of_pass(by_layer)


def _targets(
    network: Network,
    styles: list[np.ndarray],
    guide: np.ndarray = PICTURE,
    *,
    config: StyleTransferConfig = CONFIG,
    side: int = WHOLE,
    layout: Layout | None = None,
) -> tuple[Targets, float]:
    targets = make_targets(network, config, PHOTO if guide.shape == PHOTO.shape else guide, styles, side, layout)
    matching, picture = Matching(network, config, styles, side, layout), as_tensor(guide)
    if network.matching == "columns":
        return matching.matched(targets, picture, side), np.nan
    targets, style = matching.corrected(targets, picture, side)
    return targets, float(style)


def _bank(targets: Targets, group: int = 0) -> np.ndarray:
    return np.concatenate([each.numpy() for each in targets.matches[group].banks], axis=1)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_hypercolumns_and_their_neighbours_are_those_of_numpy() -> None:
    targets, _ = _targets(_network(False), [PAINTING])
    columns = [reference.hypercolumns(np.rot90(PAINTING, turn), LAYERS) for turn in range(4)]
    candidates = np.concatenate([each.reshape(-1, each.shape[-1]) for each in columns])
    lengths = np.linalg.norm(candidates, axis=1)
    np.testing.assert_allclose(_bank(targets), _unit(candidates), atol=1e-5)
    np.testing.assert_allclose(targets.matches[0].lengths, lengths, rtol=1e-5)
    expected = reference.nearest_neighbours(reference.hypercolumns(PICTURE, LAYERS), candidates)
    np.testing.assert_array_equal(targets.matches[0].places[0, ..., 0], expected)


def test_value_of_a_picture_is_that_of_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "LAYER_PLACES", 10**6)  # all
    config = CONFIG.with_changes(style_weight=100, tv_weight=3)
    found = evaluate(PHOTO, [PAINTING], config.with_changes(style_scale=40 / 51), PICTURE)
    distances = [reference.neighbour_distance(PICTURE, PAINTING, name) for name in LAYERS]
    photo, have = (reference.features(each, ("block4_conv2",))["block4_conv2"] for each in (PHOTO, PICTURE))
    assert found.style == pytest.approx(photo.var(axis=(0, 1)).mean() * np.mean(distances) / 25, rel=1e-3)
    assert found.content == pytest.approx(((photo - have) ** 2).mean() / 4, rel=1e-4)
    assert found.total == pytest.approx(found.content + 100 * found.style + 3 * found.tv, rel=1e-5)


def test_value_after_a_search_is_that_of_the_next_evaluation() -> None:
    network = _network(by_layer=True)
    targets, style = _targets(network, [PAINTING])
    value = value_and_gradient(network, as_tensor(PICTURE), targets)
    assert style == pytest.approx(float(value.terms.style), rel=1e-5)


@pytest.mark.parametrize("by_layer", [False, True])
@pytest.mark.parametrize(("shape", "side"), [((83, 149), 64), ((69, 75), 32)])
def test_tiled_is_the_whole(by_layer: bool, shape: tuple[int, int], side: int) -> None:
    network, picture = _network(by_layer, edge="replicate"), _picture(shape, 4)
    guide, styles = _picture(shape, 5), [_picture((70, 90), 6), _picture((64, 41), 7)]
    (whole, _), (tiled, style) = (_targets(network, styles, guide, side=each) for each in (WHOLE, side))
    for group, (one, other) in enumerate(zip(tiled.matches, whole.matches, strict=True)):
        neighbours, expected = (
            _bank(targets, group)[match.places[0, ..., 0]] for targets, match in ((tiled, one), (whole, other))
        )
        # Rounding decides between places that are equally near.
        assert np.mean(np.isclose(neighbours, expected, rtol=1e-3, atol=1e-3)) > 0.99
        np.testing.assert_array_equal(one.weights, other.weights)
    value, tiles = value_and_gradient(network, as_tensor(picture), whole), cut(*shape, network.layers[-1], side)
    assert len(tiles) > 1
    found = evaluated_by_tiles(network, as_tensor(picture), whole, tiles)
    total, terms = losses_by_tiles(network, as_tensor(picture), whole, tiles)
    np.testing.assert_allclose([found.total, total], value.total, rtol=1e-5)
    for each in (found.terms, terms):
        np.testing.assert_allclose(each, value.terms, rtol=1e-5)
    error = np.abs(found.gradient - value.gradient).max()
    assert error <= 1e-5 * np.abs(value.gradient).max()
    if by_layer:
        at_guide = value_and_gradient(network, as_tensor(guide), tiled).terms.style
        assert style == pytest.approx(float(at_guide), rel=1e-4)


def _halves(shape: tuple[int, int], first: int) -> list[PackedMask]:
    """Return the left and the right part of a picture, which meet at a column."""
    left = np.zeros(shape, np.float32)
    left[:, :first] = 1
    return [PackedMask.of(left), PackedMask.of(1 - left)]


@pytest.mark.parametrize("by_layer", [False, True])
def test_each_region_searches_in_its_own_painting(by_layer: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "LAYER_PLACES", 10**6)  # all
    styles, shape = [_picture((40, 33), 6), _picture((33, 40), 7)], PICTURE.shape[:2]
    left, right = _halves(shape, 24)
    regions = (Region("left", left, (0, 1), 2.0), Region("right", right, (1, 0)))
    layout = Layout.of(regions, (), shape, 2)
    targets, _ = _targets(_network(by_layer), styles, layout=layout)
    alone = [_targets(_network(by_layer), [style])[0] for style in styles]
    for group, match in enumerate(targets.matches):
        first = _bank(alone[0], group).shape[0]
        places = match.places[0, ..., 0].numpy()
        middle = places.shape[1] * 24 // shape[1]
        assert (places[:, :middle] >= first).all()
        assert (places[:, middle + 1 :] < first).all()


def test_only_the_marked_part_of_a_painting_is_searched() -> None:
    left, _ = _halves(PAINTING.shape[:2], 16)
    layout = Layout.of((), (left,), PICTURE.shape[:2], 1)
    targets, _ = _targets(_network(False), [PAINTING], layout=layout)
    columns = [reference.hypercolumns(np.rot90(PAINTING, turn), LAYERS) for turn in range(4)]
    parts = [np.rot90(np.arange(8) < 4 * np.ones((10, 1)), turn) for turn in range(4)]
    expected = np.concatenate([each[part] for each, part in zip(columns, parts, strict=True)])
    np.testing.assert_allclose(_bank(targets), _unit(expected), atol=1e-5)


def test_shares_of_paintings_are_shares_of_the_places() -> None:
    styles = [_picture((40, 33), 6), _picture((33, 40), 7)]
    config = CONFIG.with_changes(style_blend_weights=(3, 1))
    targets, _ = _targets(_network(False), styles, config=config)
    first = _bank(_targets(_network(False), styles[:1])[0]).shape[0]
    assert np.mean(targets.matches[0].places < first) == pytest.approx(0.75, abs=0.02)


def test_places_beyond_the_limit_are_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "COLUMN_PLACES", 30)
    monkeypatch.setattr(plan, "LEAST_PLACES", 30)
    banks = [
        _bank(_targets(_network(False), [PAINTING], config=CONFIG.with_changes(seed=seed))[0]) for seed in (1, 1, 2)
    ]
    assert [len(each) for each in banks] == [30, 30, 30]
    np.testing.assert_array_equal(banks[0], banks[1])
    assert not np.array_equal(banks[0], banks[2])
    columns = [reference.hypercolumns(np.rot90(PAINTING, turn), LAYERS) for turn in range(4)]
    every = _unit(np.concatenate([each.reshape(80, -1) for each in columns]))
    distances = np.abs(banks[0][:, None] - every).max(-1)
    assert (distances.min(1) < 1e-4 * every.max()).all()
    assert len(set(distances.argmin(1))) == 30


def test_a_part_without_a_place_is_an_error() -> None:
    part = np.zeros((400, 330), np.float32)
    part[:20, :20] = 1
    layout = Layout.of((), (PackedMask.of(part),), PICTURE.shape[:2], 1)
    with pytest.raises(MaskError, match="part of painting 1"):
        plan.check_places(CONFIG, layout, [(40, 33)])


def test_blocks_of_paintings_are_an_error() -> None:
    layout = Layout.of((), (), PICTURE.shape[:2], 1)
    with pytest.raises(ConfigError, match="style_blocks"):
        plan.check_places(CONFIG.with_changes(style_blocks=("1-5",)), layout, [(40, 33)])
