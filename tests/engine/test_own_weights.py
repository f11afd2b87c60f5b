"""What a user relies on: weights of one's own are used, normalised as in the paper, and named in the record."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.config import PAPER, RunOptions
from nst.engine import normalisation
from nst.engine.normalisation import cache_folder, has_means, mean_activations
from nst.engine.transfer import evaluate, stylize
from nst.engine.vgg import build_features, weights_of
from nst.layers import LAYERS
from nst.pictures.gallery import Gallery, load_gallery
from nst.weights.bundled import load_weights
from nst.weights.files import Vgg19, WeightsFile
from tests.support import reference, weights
from tests.support.files import colourful

SHAPE = (48, 64)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled network with another scale for each filter, as before it was normalised, written as by MatConvNet."""
    chance = np.random.default_rng(1)
    layers = {}
    before: np.ndarray = np.ones(3)
    for name, (kernel, bias) in load_weights().items():
        scale: np.ndarray = chance.uniform(0.5, 200, (kernel.shape[3],))
        layers[name] = (kernel / before[:, None] * scale).astype(np.float32), (bias * scale).astype(np.float32)
        before = scale
    kernel, bias = layers[LAYERS[0]]
    path = tmp_path_factory.mktemp("weights") / "raw.mat"
    weights.matconvnet(path, {**layers, LAYERS[0]: (kernel[:, :, ::-1], bias)}, old=False)
    return path


@pytest.fixture
def small_gallery(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Gallery:
    """Two pictures to normalise over, small ones, and an empty folder for what is kept."""
    gallery = load_gallery()
    gallery = Gallery(gallery.paintings[:1], gallery.photos[:1])
    monkeypatch.setattr(normalisation, "load_gallery", lambda: gallery)
    monkeypatch.setattr(normalisation, "SIDE", 48)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    weights_of.cache_clear()
    return gallery


def file_of(path: Path, scale: str = "stored") -> WeightsFile:
    return WeightsFile.of(RunOptions(weights=str(path), weights_scale=scale))


def test_feature_maps_are_those_of_the_file(tmp_path: Path) -> None:
    layers = weights.random_layers()
    weights.keras_2(tmp_path / "random.h5", layers, first_names=True)
    picture = colourful(*SHAPE)
    maps = build_features(("block1_conv1", "block2_conv1"), weights=file_of(tmp_path / "random.h5"))(
        picture[None].astype(np.float32)
    )
    x = picture[..., ::-1] - np.array([103.939, 116.779, 123.68])
    first = np.maximum(reference.convolution(x, *layers["block1_conv1"]), 0)
    second = np.maximum(reference.convolution(first, *layers["block1_conv2"]), 0)
    third = np.maximum(reference.convolution(reference.pool(second, "average"), *layers["block2_conv1"]), 0)
    for name, expected in (("block1_conv1", first), ("block2_conv1", third)):
        np.testing.assert_allclose(maps[name][0], expected, rtol=0, atol=1e-5 * expected.max(), err_msg=name)


def test_mean_activations_agree_with_numpy() -> None:
    pictures = [colourful(32, 48), colourful(40, 32)]
    means = mean_activations(Vgg19(load_weights()), pictures)
    maps = [reference.features(each, ["block1_conv2", "block3_conv1"], "max") for each in pictures]
    for name in ("block1_conv2", "block3_conv1"):
        everywhere = np.concatenate([each[name].reshape(-1, each[name].shape[-1]) for each in maps])
        np.testing.assert_allclose(means[name], everywhere.mean(axis=0), rtol=1e-4, atol=1e-5)


def test_by_our_measure_the_bundled_filters_are_normalised_already() -> None:
    gallery = load_gallery()
    pictures = [each.thumbnail(192) for each in (*gallery.photos[:6], *gallery.paintings[:6])]
    means = mean_activations(Vgg19(load_weights()), pictures)
    assert all(0.8 < means[name].mean() < 1.25 for name in LAYERS)


def test_normalised_filters_have_a_mean_activation_of_1_and_the_same_maps_else(
    raw: Path, small_gallery: Gallery
) -> None:
    pictures = [each.thumbnail(48) for each in (*small_gallery.photos, *small_gallery.paintings)]
    normalised, stored = weights_of(file_of(raw, "normalised")), weights_of(file_of(raw))
    means, before = (mean_activations(each, pictures) for each in (normalised, stored))
    for name in LAYERS[:12]:  # deeper, pictures as small as these leave filters without any activation
        active = before[name] > 1e-3 * before[name].mean()
        np.testing.assert_allclose(means[name][active], 1, rtol=1e-3, err_msg=name)
    picture = colourful(*SHAPE)[None].astype(np.float32)
    one, other = (
        build_features(("block2_conv2",), weights=file_of(raw, each))(picture) for each in ("normalised", "stored")
    )
    expected = np.asarray(other["block2_conv2"]) / before["block2_conv2"]
    np.testing.assert_allclose(one["block2_conv2"], expected, rtol=1e-3, atol=1e-4)


def test_what_was_computed_for_a_file_is_kept_and_computed_again_if_it_is_damaged(
    raw: Path, small_gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_of(raw, "normalised")
    assert not has_means(file.source.sha256)
    first = weights_of(file)
    assert has_means(file.source.sha256)
    (kept,) = cache_folder().iterdir()
    computed: list[int] = []

    def counted(*arguments: Any) -> normalisation.Means:
        computed.append(1)
        return mean_activations(*arguments)

    monkeypatch.setattr(normalisation, "mean_activations", counted)
    weights_of.cache_clear()
    np.testing.assert_array_equal(weights_of(file).layers["block5_conv4"][0], first.layers["block5_conv4"][0])
    assert not computed
    kept.write_bytes(kept.read_bytes()[:1000])
    weights_of.cache_clear()
    np.testing.assert_array_equal(weights_of(file).layers["block5_conv4"][0], first.layers["block5_conv4"][0])
    assert computed


def test_nothing_has_to_be_kept(raw: Path, small_gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert weights_of(file_of(raw, "normalised")).layers.keys() == set(LAYERS)


def test_a_run_uses_them_and_says_so_and_so_does_its_evaluation(tmp_path: Path) -> None:
    bundled = {name: (kernel.astype(np.float32), bias) for name, (kernel, bias) in load_weights().items()}
    weights.keras_2(tmp_path / "same.h5", bundled, first_names=False)
    weights.torch_zip(tmp_path / "other.pth", weights.state_dict(weights.random_layers()))
    photo, painting = colourful(48, 64), colourful(64, 48)[::-1]
    style, content = (("block1_conv1", 1.0), ("block2_conv1", 1.0)), (("block2_conv2", 1.0),)
    config = PAPER.with_changes(size=64, steps=2, style_layers=style, content_layers=content)
    plain, same, other = (
        RunOptions(precision="float32", weights="" if name is None else str(tmp_path / name))
        for name in (None, "same.h5", "other.pth")
    )
    ends = [list(stylize(photo, [painting], config, each, preview_seconds=None))[-1] for each in (plain, same, other)]
    np.testing.assert_array_equal(ends[0].picture(), ends[1].picture())
    assert (ends[0].picture() != ends[2].picture()).any()
    assert ends[0].weights is None
    assert [each.weights.kind for each in ends[1:]] == ["keras", "torch"]
    values = [evaluate(photo, [painting], config, ends[0].picture(), each).total for each in (plain, same, other)]
    assert values[0] == pytest.approx(values[1], rel=1e-6)
    assert values[0] != pytest.approx(values[2], rel=0.1)
