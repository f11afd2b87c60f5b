"""Guided Gram matrices: known answers, exactness by tiles, and that styles stay in their regions."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.start import traces
from nst.config import PAPER, RunOptions, StyleTransferConfig
from nst.engine.canvas import as_tensor
from nst.engine.objective import losses, value_and_gradient
from nst.engine.targets import Targets, gram_matrices, make_targets
from nst.engine.terms import Terms
from nst.engine.tiled import evaluated_by_tiles
from nst.engine.transfer import stylize
from nst.engine.vgg import Network, feature_maps
from nst.errors import ConfigError, MaskError
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region
from nst.plan.guidance import Guidance, check_blocks, guide
from nst.plan.tiling import cut
from tests.support import reference
from tests.support.settings import STATISTICS

# One layer's guide


def _box(shape: tuple[int, int], top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros(shape, np.float32)
    mask[top:bottom, left:right] = 1
    return mask


def test_simple_guide_is_the_squared_share_of_each_cell_over_their_sum() -> None:
    found = guide(_box((4, 4), 0, 0, 3, 2), "block2_conv1", "simple")
    # The cells are covered by 1, 0, 1/2 and 0.
    np.testing.assert_allclose(found, [[0.8, 0], [0.2, 0]], rtol=1e-6)


def test_guide_of_everything_is_one_over_the_positions() -> None:
    for method in ("simple", "inside"):
        np.testing.assert_allclose(
            guide(np.ones((37, 50), np.float32), "block3_conv2", method), 1 / (9 * 12), rtol=1e-6
        )


@pytest.mark.parametrize(
    ("layer", "reach", "step"), [("block1_conv1", 1, 1), ("block1_conv2", 2, 1), ("block2_conv1", 4, 2)]
)
def test_inside_guide_has_only_positions_that_see_nothing_outside(layer: str, reach: int, step: int) -> None:
    found = guide(_box((40, 40), 10, 0, 30, 20), layer, "inside") > 0
    rows, columns = np.nonzero(found)
    # The picture's own edge at the left takes nothing away.
    assert (rows.min() * step, (rows.max() + 1) * step) == (10 + reach, 30 - reach)
    assert (columns.min(), (columns.max() + 1) * step) == (0, 20 - reach)


def test_odd_last_row_counts_for_what_a_position_sees() -> None:
    mask = np.ones((5, 6), np.float32)
    mask[4] = 0
    assert guide(mask, "block2_conv1", "simple").shape == (2, 3)
    assert not guide(mask, "block2_conv1", "inside")[1].any()


def test_guide_of_a_region_smaller_than_a_receptive_field_vanishes_inside() -> None:
    mask = _box((64, 64), 20, 20, 44, 44)
    assert guide(mask, "block5_conv1", "simple").sum() == pytest.approx(1)
    assert not guide(mask, "block5_conv1", "inside").any()


# All regions at all layers


def _region(name: str, mask: np.ndarray, shares: tuple[float, ...], strength: float = 1.0) -> Region:
    return Region(name, PackedMask.of(mask), shares, strength)


def _halves(shape: tuple[int, int], strengths: tuple[float, float] = (1.0, 1.0)) -> list[Region]:
    height, width = shape
    left = _box(shape, 0, 0, height, width // 2)
    return [_region("left", left, (1, 0), strengths[0]), _region("right", 1 - left, (0, 1), strengths[1])]


def test_vanishing_layer_is_left_out_and_the_others_make_up_for_it() -> None:
    config = STATISTICS.with_changes(guidance="inside", style_layers="block1_conv1:1,block2_conv1:3,block5_conv1:4")
    small = _region("eye", _box((64, 64), 20, 20, 44, 44), (1,), strength=2)
    row = Guidance.of(config, Layout.of([small], (), (64, 64), 1), [(50, 50)]).rows[0]
    share = 24 * 24 / 64**2
    np.testing.assert_allclose(row.weights, [2 * share / 4, 2 * share * 3 / 4, 0], rtol=1e-6)


def test_region_that_no_layer_can_see_is_refused_by_name() -> None:
    config = STATISTICS.with_changes(guidance="inside", style_layers="block4_conv1,block5_conv1")
    small = _region("eye", _box((64, 64), 20, 20, 44, 44), (1,))
    with pytest.raises(MaskError, match="region eye: expected a mask that a style layer can see"):
        Guidance.of(config, Layout.of([small], (), (64, 64), 1), [(50, 50)])


def test_blocks_share_out_the_layers_between_paintings() -> None:
    config = STATISTICS.with_changes(style_blocks="1-2,2-5", style_blend_weights=(3, 1))
    row = Guidance.of(config, Layout.of((), (), (64, 64), 2), [(50, 50)] * 2).rows[0]
    assert row.shares == ((1, 0), (0.75, 0.25), (0, 1), (0, 1), (0, 1))


def test_layer_without_a_painting_is_refused() -> None:
    config = STATISTICS.with_changes(style_blocks="1-2,2-4")
    with pytest.raises(ConfigError, match="painting for every style layer, got none for block5_conv1"):
        Guidance.of(config, Layout.of((), (), (64, 64), 2), [(50, 50)] * 2)


def test_region_without_a_painting_at_a_layer_is_refused_by_name() -> None:
    config = STATISTICS.with_changes(style_blocks="1-2,1-5")
    sky, ground = _halves((64, 64))
    check_blocks(config, [ground])
    check_blocks(config, [])
    with pytest.raises(ConfigError, match="region left: style_blocks: expected a painting for every style layer"):
        check_blocks(config, [ground, sky])
    with pytest.raises(ConfigError, match="region left: style_blocks"):
        Guidance.of(config, Layout.of([sky], (), (64, 64), 2), [(50, 50)] * 2)


def test_part_of_a_painting_that_no_layer_can_see_is_refused_by_its_number() -> None:
    config = STATISTICS.with_changes(guidance="inside", style_layers="block4_conv1,block5_conv1")
    part = PackedMask.of(_box((64, 64), 20, 20, 44, 44))
    with pytest.raises(MaskError, match="style_guides: part of painting 2: expected a mask that a style layer can see"):
        Guidance.of(config, Layout.of(_halves((64, 64)), (None, part), (64, 64), 2), [(64, 64)] * 2)


# The objective

LAYERS = {"block1_conv1": 1.0, "block2_conv1": 2.0, "block3_conv1": 1.0}
SHAPE = (45, 70)


def _noise(shape: tuple[int, int], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3)).astype(np.uint8)


def _cells(mask: np.ndarray, step: int) -> np.ndarray:
    height, width = mask.shape[0] // step, mask.shape[1] // step
    return np.array(
        [
            [mask[y * step : (y + 1) * step, x * step : (x + 1) * step].mean() for x in range(width)]
            for y in range(height)
        ]
    )


def _guided(picture: np.ndarray, mask: np.ndarray) -> dict[str, np.ndarray]:
    """(T o F)^T (T o F) with sum of T^2 = 1, in NumPy."""
    grams = {}
    for name, maps in reference.features(picture, LAYERS).items():
        t = _cells(mask, 2 ** (int(name[5]) - 1))[..., None]
        own = (maps * t / np.sqrt((t**2).sum())).reshape(-1, maps.shape[-1])
        grams[name] = own.T @ own
    return grams


@pytest.mark.engine
def test_style_part_is_the_sum_over_regions_of_their_guided_losses() -> None:
    photo, one, other = _noise(SHAPE, 1), _noise((40, 50), 2), _noise((48, 33), 3)
    soft = np.clip(np.linspace(-0.5, 1.5, SHAPE[1], dtype=np.float32), 0, 1)[None].repeat(SHAPE[0], 0)
    packed = PackedMask.of(soft).mask
    regions = [_region("right", soft, (1, 3), 2.0), _region("left", 1 - soft, (1, 0), 0.5)]
    config = PAPER.with_changes(style_layers=LAYERS)
    network = Network.of(config, "float32", "zero")
    layout = Layout.of(regions, (), SHAPE, 2)
    _, terms = losses(network, as_tensor(photo), make_targets(network, config, photo, [one, other], layout=layout))
    styles = [
        {name: reference.gram(maps) for name, maps in reference.features(each, LAYERS).items()} for each in (one, other)
    ]
    expected = 0.0
    left = PackedMask.of(1 - soft).mask
    # The left one lies on top.
    for mask, shares, strength in ((packed * (1 - left), (0.25, 0.75), 2.0), (left, (1, 0), 0.5)):
        own = _guided(photo, mask)
        for name, weight in LAYERS.items():
            target = sum(share * style[name] for share, style in zip(shares, styles, strict=True))
            expected += strength * mask.mean() * weight / 4 * ((own[name] - target) ** 2).mean() / 4
    assert float(terms.style) == pytest.approx(expected, rel=1e-4)


@pytest.mark.engine
def test_part_of_a_painting_is_compared_with_instead_of_the_whole() -> None:
    photo, painting, mask = _noise(SHAPE, 1), _noise((48, 40), 2), _box((48, 40), 8, 0, 48, 20)
    painting[:8] = 255
    config = PAPER.with_changes(style_layers=LAYERS)
    network = Network.of(config, "float32", "zero")
    layout = Layout.of((), [PackedMask.of(mask)], SHAPE, 1)
    targets = make_targets(network, config, photo, [painting], layout=layout)
    for found, expected in zip(targets.grams[0], _guided(painting, mask).values(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * expected.max())


@pytest.mark.engine
def test_one_region_that_covers_all_is_the_same_as_none() -> None:
    photo, painting = _noise(SHAPE, 1), _noise((40, 50), 2)
    network = Network.of(STATISTICS, "float32", "replicate")
    everything = Layout.of([_region("all", np.ones(SHAPE, np.float32), (1,))], (), SHAPE, 1)
    values = [
        value_and_gradient(
            network, as_tensor(photo), make_targets(network, STATISTICS, photo, [painting], layout=layout)
        )
        for layout in (None, everything)
    ]
    np.testing.assert_allclose(values[1].terms, values[0].terms, rtol=1e-5)
    assert np.linalg.norm(values[1].gradient - values[0].gradient) <= 1e-5 * np.linalg.norm(values[0].gradient)


@pytest.mark.engine
@pytest.mark.parametrize("method", ["simple", "inside"])
def test_gradient_by_tiles_is_that_of_the_whole_with_guides(method: str) -> None:
    shape, config = (101, 235), PAPER.with_changes(guidance=method)
    network = Network.of(config, "float32", "replicate")
    layout = Layout.of(_halves(shape), (), shape, 2)
    photo, picture = _noise(shape, 1), as_tensor(_noise(shape, 4))
    styles = [_noise((70, 90), 2), _noise((131, 64), 3)]
    targets = make_targets(network, config, photo, styles, layout=layout)
    by_tiles = make_targets(network, config, photo, styles, 48, layout)
    for one, other in zip(tf.nest.flatten(by_tiles), tf.nest.flatten(targets), strict=True):
        assert np.linalg.norm(one - other) <= 1e-5 * np.linalg.norm(other)
    whole = value_and_gradient(network, picture, targets)
    tiled = evaluated_by_tiles(network, picture, targets, cut(*shape, network.layers[-1], 96))
    np.testing.assert_allclose(tiled.terms, whole.terms, rtol=1e-5)
    assert np.abs(tiled.gradient - whole.gradient).max() <= 1e-5 * np.abs(whole.gradient).max()


@pytest.mark.engine
def test_no_style_pulls_at_a_pixel_outside_of_its_region_with_inside() -> None:
    shape = (64, 96)
    config = STATISTICS.with_changes(guidance="inside", content_weight=0, tv_weight=0, style_layers=LAYERS)
    network = Network.of(config, "float32", "replicate")
    gradients = []
    for seed in (2, 3):
        targets = make_targets(
            network,
            config,
            _noise(shape, 1),
            [_noise(shape, 5), _noise(shape, seed)],
            layout=Layout.of(_halves(shape), (), shape, 2),
        )
        targets = targets._replace(weights=Terms.filled(tf.constant(0.0))._replace(style=tf.constant(1000.0)))
        gradients.append(value_and_gradient(network, as_tensor(_noise(shape, 4)), targets).gradient.numpy()[0])
    # The right one's painting changed.
    np.testing.assert_array_equal(gradients[0][:, :48], gradients[1][:, :48])
    assert np.abs(gradients[0][:, 48:] - gradients[1][:, 48:]).max() > 0


# Whole runs

RUN = PAPER.with_changes(size=96, steps=40, coarse_to_fine=False, style_layers=LAYERS)


def _striped(upright: bool) -> np.ndarray:
    lines = np.where(np.arange(96) % 8 < 4, 230, 20).astype(np.uint8)
    grey = np.broadcast_to(lines if upright else lines[:, None], (96, 96))
    return np.stack([grey] * 3, axis=-1) // np.array([1, 1, 1 + upright], np.uint8)


def _last(
    photo: np.ndarray, styles: list[np.ndarray], config: StyleTransferConfig, precision: str = "float32", **more: Any
) -> np.ndarray:
    *_, record = stylize(photo, styles, config, RunOptions(precision=precision), preview_seconds=None, **more)
    return record.picture()


@pytest.mark.engine
def test_each_region_takes_on_its_own_painting_and_not_the_others() -> None:
    shape = (64, 96)
    photo = np.full((*shape, 3), 128, np.uint8) + _noise(shape, 1) // 8
    styles, config = [_striped(True), _striped(False)], RUN.with_changes(content_weight=0.01, steps=120)
    painted = _last(photo, styles, config, regions=_halves(shape))
    network = Network.of(config, "float32", "zero")
    targets: Targets = make_targets(network, config, photo, styles, layout=Layout.of(_halves(shape), (), shape, 2))
    grams = gram_matrices(network, feature_maps(network, as_tensor(painted))[1], targets.guides)
    for region in (0, 1):
        for layer in range(len(LAYERS)):
            own = np.linalg.norm(grams[region][layer] - targets.grams[region][layer])
            other = np.linalg.norm(grams[region][layer] - targets.grams[1 - region][layer])
            assert own < 0.25 * other


@pytest.mark.engine
@pytest.mark.parametrize("init", ["content", "noise"])
def test_what_no_region_covers_stays_as_the_photo(init: str) -> None:
    shape = (64, 96)
    photo = _noise(shape, 1)
    regions = _halves(shape, (1.0, 0.0))
    config = RUN.with_changes(steps=4, init=init, coarse_to_fine=True)
    painted = _last(photo, [_striped(True), _striped(False)], config, regions=regions)
    np.testing.assert_array_equal(painted[:, 48:], photo[:, 48:])
    assert np.abs(painted[:, :48].astype(int) - photo[:, :48]).mean() > 5


@pytest.mark.engine
def test_pixels_of_a_region_do_not_change_with_anothers_painting() -> None:
    shape = (64, 96)
    config = RUN.with_changes(guidance="inside", optimizer="adam", steps=6, tv_weight=0, content_weight=0)
    one, other = (
        _last(_noise(shape, 1), [_striped(True), second], config, regions=_halves(shape))
        for second in (_striped(False), _noise((96, 96), 7))
    )
    well_inside = slice(0, 40)
    difference = np.abs(one.astype(int) - other)
    assert difference[:, well_inside].max() <= 1
    assert difference[:, 56:].mean() > 5


@pytest.mark.engine
def test_other_masks_sizes_and_paintings_are_not_traced_anew() -> None:
    config = RUN.with_changes(steps=1)
    counts = []
    for shape in ((64, 96), (48, 64)):
        styles = [_noise(shape, 2), _noise((50, 60), 3)]
        painted = _last(_noise(shape, 1), styles, config, "bfloat16", regions=_halves(shape))
        assert painted.shape == (*shape, 3)
        counts.append(traces())
    assert counts[0] == counts[1] > 0
