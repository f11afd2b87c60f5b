"""The network against the same network in plain NumPy, and the care taken of its weights."""

from pathlib import Path

import numpy as np
import pytest

from nst.engine.vgg import build_features
from nst.errors import WeightsError
from nst.layers import LAYERS
from nst.weights.bundled import WEIGHTS_PATH, load_weights
from tests.support import reference

#: Odd in both directions, and odd again after one and after two poolings.
SHAPE = (39, 55)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """A picture with large forms, edges and grain, so that every layer has something to see."""
    rng = np.random.default_rng(7)
    forms = reference.resized(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8), *SHAPE).astype(int)
    forms[10:20, 15:40] = 255 - forms[10:20, 15:40]
    return np.clip(forms + rng.integers(-20, 21, forms.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_all_sixteen_layers_agree_with_numpy(picture: np.ndarray, pooling: str) -> None:
    computed = build_features(LAYERS, pooling=pooling)(picture[None].astype(np.float32))
    expected = reference.features(picture, LAYERS, pooling)
    assert list(computed) == list(LAYERS)
    for name, maps in computed.items():
        assert maps.shape == (1, *expected[name].shape), name
        np.testing.assert_allclose(maps[0], expected[name], rtol=0, atol=1e-5 * expected[name].max(), err_msg=name)


def test_bfloat16_layers_agree_with_numpy_to_a_few_percent(picture: np.ndarray) -> None:
    computed = build_features(LAYERS, precision="bfloat16")(picture[None].astype(np.float32))
    expected = reference.features(picture, LAYERS)
    for name, maps in computed.items():
        error = np.asarray(maps[0]).astype(np.float64) - expected[name]
        assert np.sqrt((error**2).mean() / (expected[name] ** 2).mean()) < 0.03, name


def test_replicate_edge_continues_the_outermost_pixels(picture: np.ndarray) -> None:
    computed = build_features(("block1_conv1",), edge="replicate")(picture[None].astype(np.float32))
    framed = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    expected = reference.features(framed, ["block1_conv1"])["block1_conv1"][1:-1, 1:-1]
    np.testing.assert_allclose(computed["block1_conv1"][0], expected, rtol=0, atol=1e-5 * expected.max())


def test_only_the_layers_asked_for_come_out(picture: np.ndarray) -> None:
    maps = build_features(("block2_conv1", "block1_conv2"))(picture[None].astype(np.float32))
    assert {name: each.shape[-1] for name, each in maps.items()} == {"block2_conv1": 128, "block1_conv2": 64}


def test_network_ends_at_the_deepest_layer_asked_for() -> None:
    names = {layer.name for layer in build_features(("block1_conv1", "block3_conv2")).layers}
    assert "block3_conv2" in names
    assert not any(name in names for name in LAYERS[LAYERS.index("block3_conv3") :])


def test_missing_weights_are_named_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"expected the file .*absent\.npz"):
        load_weights(tmp_path / "absent.npz")


@pytest.mark.parametrize("damage", [lambda data: data[:-100], lambda data: b"\0" + data[1:], lambda data: b""])
def test_damaged_weights_are_recognised(tmp_path: Path, damage) -> None:
    path = tmp_path / "weights.npz"
    path.write_bytes(damage(WEIGHTS_PATH.read_bytes()))
    with pytest.raises(WeightsError, match="damaged"):
        load_weights(path)
