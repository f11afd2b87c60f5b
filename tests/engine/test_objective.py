"""J and its gradient against the plain NumPy computation of tests/support/reference.py."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from nst.config import PAPER, StyleTransferConfig
from nst.engine.canvas import as_tensor
from nst.engine.objective import Value, value_and_gradient
from nst.engine.targets import make_targets
from nst.engine.terms import Terms
from nst.engine.vgg import Network
from nst.errors import ConfigError
from nst.layers import LAYERS
from nst.masks.temporal import TemporalTarget
from tests.support import reference

#: Odd in both directions; the paintings have other shapes than the photo.
CONTENT_SHAPE, STYLE_SHAPES = (37, 51), ((48, 40), (33, 64))


def _picture(shape: tuple[int, int], seed: int, grain: int = 25) -> np.ndarray:
    rng = np.random.default_rng(seed)
    forms = reference.resized(rng.integers(0, 256, (4, 5, 3), dtype=np.uint8), *shape).astype(int)
    return np.clip(forms + rng.integers(-grain, grain + 1, forms.shape), 0, 255).astype(np.uint8)


CONTENT = _picture(CONTENT_SHAPE, 1)
STYLES = [_picture(shape, seed, grain=60) for seed, shape in enumerate(STYLE_SHAPES, start=2)]
PICTURE = _picture(CONTENT_SHAPE, 4)


def _engine(
    config: StyleTransferConfig,
    styles: list[np.ndarray] = STYLES[:1],
    picture: np.ndarray = PICTURE,
    precision: str = "float32",
) -> Value:
    network = Network.of(config, precision, "zero")
    return value_and_gradient(network, as_tensor(picture), make_targets(network, config, CONTENT, styles))


def _expected(
    config: StyleTransferConfig, styles: list[np.ndarray] = STYLES[:1], picture: np.ndarray = PICTURE, **changes: Any
) -> dict[str, float]:
    settings: dict[str, Any] = {
        "content_layers": dict(config.content_layers),
        "style_layers": dict(config.style_layers),
        "alpha": config.content_weight,
        "beta": config.style_weight,
        "gamma": config.tv_weight,
        "pooling": config.pooling,
        "statistics": config.style_statistics,
        **changes,
    }
    return reference.objective(CONTENT, styles, picture, **settings)


def _assert_agree(value: Value, expected: dict[str, float], rtol: float = 2e-5) -> None:
    computed = [value.total.numpy(), *map(float, value.terms)]
    np.testing.assert_allclose(computed, [expected[name] for name in ("total", *Terms._fields)], rtol=rtol)


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_the_paper_s_objective_agrees_with_numpy(pooling: str) -> None:
    config = PAPER.with_changes(pooling=pooling)
    _assert_agree(_engine(config), _expected(config))


@pytest.mark.parametrize("statistics", ["gram", "moments", "wasserstein"])
def test_other_statistics_agree_with_numpy(statistics: str) -> None:
    config = PAPER.with_changes(
        style_statistics=statistics,
        style_blend_weights=(3, 1),
        style_weight=900,
        style_layers={"block1_conv1": 1, "block3_conv1": 0.2},
    )
    # The root's iteration has a few digits where the covariance has hardly any.
    _assert_agree(_engine(config, STYLES), _expected(config, STYLES, shares=(0.75, 0.25)), rtol=2e-3)


@pytest.mark.parametrize("layer", LAYERS)
def test_any_layer_serves_for_content_and_for_style(layer: str) -> None:
    config = PAPER.with_changes(content_layers=layer, style_layers=layer)
    _assert_agree(_engine(config), _expected(config))


def test_layer_weights_are_shares_of_their_sum() -> None:
    config = PAPER.with_changes(
        content_layers={"block3_conv4": 3, "block1_conv2": 1}, style_layers={"block2_conv2": 0.5, "block4_conv1": 4}
    )
    _assert_agree(_engine(config), _expected(config))
    _assert_agree(_engine(config), _expected(config, style_layers={"block2_conv2": 1, "block4_conv1": 8}))


@pytest.mark.parametrize("weights", [(1, 0, 0), (0, 1, 0), (2, 300, 0), (1, 1000, 5), (7, 2, 11)])
def test_total_is_the_weighted_sum_of_unweighted_parts(weights: tuple[float, float, float]) -> None:
    alpha, beta, gamma = weights
    value = _engine(PAPER.with_changes(content_weight=alpha, style_weight=beta, tv_weight=gamma))
    terms = np.array(value.terms)
    assert value.total.numpy() == pytest.approx(np.dot([*weights] + [0] * (len(terms) - len(weights)), terms), rel=1e-6)
    np.testing.assert_allclose(terms, np.array(_engine(PAPER).terms), rtol=1e-6)


def test_a_films_frame_is_compared_with_those_before_it_as_in_numpy() -> None:
    warped = _picture(CONTENT_SHAPE, 6)
    weights = np.random.default_rng(7).uniform(0, 1, CONTENT_SHAPE).astype(np.float32)
    config = PAPER.with_changes(temporal_weight=30)
    network = Network.of(config, "float32", "zero")
    targets = make_targets(network, config, CONTENT, STYLES[:1], temporal=TemporalTarget(warped, weights))
    value = value_and_gradient(network, as_tensor(PICTURE), targets)
    expected = _expected(config, delta=30, temporal=(warped, weights))
    assert expected["temporal"] > 0.01
    _assert_agree(value, expected)
    gradient, alone = value.gradient.numpy()[0], _engine(config).gradient.numpy()[0]
    # What the term adds is 30 * 2 c (x - w) / 255^2 over the number of values.
    own = 60 * weights[..., None] * (PICTURE.astype(float) - warped) / 255**2 / PICTURE.size
    np.testing.assert_allclose(gradient - alone, own, atol=1e-5 * np.abs(gradient).max())


def test_parts_are_zero_at_their_own_targets() -> None:
    at_content = _engine(PAPER, picture=CONTENT)
    assert float(at_content.terms.content) == pytest.approx(0, abs=1e-9)
    network = Network.of(PAPER, "float32", "zero")
    targets = make_targets(network, PAPER, CONTENT, [CONTENT])
    assert float(value_and_gradient(network, as_tensor(CONTENT), targets).terms.style) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("weights", [(), (3, 1), (0, 2)])
def test_paintings_blend_by_their_gram_matrices(weights: tuple[float, ...]) -> None:
    config = PAPER.with_changes(style_blend_weights=weights)
    shares = np.array(weights or (1, 1)) / sum(weights or (1, 1))
    _assert_agree(_engine(config, STYLES), _expected(config, STYLES, shares=tuple(shares)))


def test_blend_needs_one_weight_for_each_painting() -> None:
    with pytest.raises(ConfigError, match="style_blend_weights: expected one weight for each of the 2 paintings"):
        _engine(PAPER.with_changes(style_blend_weights=(1, 2, 3)), STYLES)


@pytest.mark.parametrize(
    ("weights", "pooling"),
    [
        ((1, 0, 0), "average"),
        ((0, 1, 0), "average"),
        ((1e-6, 0, 1), "average"),
        ((1, 1000, 5), "average"),
        ((1, 1000, 5), "max"),
    ],
)
def test_gradient_agrees_with_finite_differences_in_numpy(weights: tuple[float, float, float], pooling: str) -> None:
    alpha, beta, gamma = weights
    config = PAPER.with_changes(content_weight=alpha, style_weight=beta, tv_weight=gamma, pooling=pooling)
    gradient = _engine(config).gradient.numpy()[0].astype(np.float64)
    # Along the gradient the slope is steepest; the random part sees entries that it missed.
    direction = gradient / np.abs(gradient).max() + np.random.default_rng(5).standard_normal(gradient.shape)
    # So small a step crosses hardly a kink of ReLU, and float64 still has digits to spare.
    ahead, behind = (_expected(config, picture=PICTURE + h * direction)["total"] for h in (1e-4, -1e-4))
    steepest = np.linalg.norm(gradient) * np.linalg.norm(direction)
    assert (ahead - behind) / 2e-4 == pytest.approx(np.vdot(gradient, direction), abs=float(1e-4 * steepest))


def test_border_pixels_have_gradients_too() -> None:
    gradient = _engine(PAPER).gradient.numpy()[0]
    for edge in (gradient[0], gradient[-1], gradient[:, 0], gradient[:, -1]):
        assert np.all(np.abs(edge).sum(axis=-1) > 0)


def test_bfloat16_convolutions_give_nearly_the_same_objective() -> None:
    value = _engine(PAPER, precision="bfloat16")
    assert value.total.dtype == value.gradient.dtype == tf.float32
    _assert_agree(value, _expected(PAPER), rtol=0.02)
