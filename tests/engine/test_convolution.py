"""Every form of a convolution gives the plain one's numbers, and the sooner one is taken."""

from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf

from nst.engine import convolution
from nst.engine.convolution import Forms, fastest_forms, rectified, turned
from nst.plan import onednn

ALL_FORMS = [Forms(forward, backward) for forward in ("direct", "transposed") for backward in ("direct", "transposed")]


@pytest.mark.parametrize("forms", ALL_FORMS, ids="-".join)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("bfloat16", 0.03)])
@pytest.mark.parametrize("known", [True, False], ids=["shape known", "shape unknown"])
def test_values_and_gradient_are_those_of_the_plain_convolution(
    forms: Forms, dtype: str, tolerance: float, known: bool
) -> None:
    rng = np.random.default_rng(3)
    maps, slope = rng.standard_normal((1, 9, 14, 5)), rng.standard_normal((1, 9, 14, 7))
    kernel, bias = rng.standard_normal((3, 3, 5, 7)), rng.standard_normal(7)

    def ours(maps: tf.Tensor) -> tf.Tensor:
        straight, half_turned = (tf.constant(each, dtype) for each in (kernel, turned(kernel)))
        return rectified(maps, straight, half_turned, tf.constant(bias, dtype), forms)

    def plain(maps: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(tf.nn.conv2d(maps, tf.constant(kernel), 1, "SAME") + tf.constant(bias))

    def both(maps: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(maps)
            out = ours(maps)
        return out, tape.gradient(out, maps, tf.constant(slope, dtype))

    signature = [tf.TensorSpec((1, 9, 14, 5) if known else (1, None, None, 5), dtype)]
    traced = tf.function(both, input_signature=signature)
    with tf.GradientTape() as tape:
        exact_maps = tf.constant(maps)
        tape.watch(exact_maps)
        expected = plain(exact_maps)
    expected_gradient = tape.gradient(expected, exact_maps, tf.constant(slope))
    for found, right in zip(traced(tf.constant(maps, dtype)), (expected, expected_gradient), strict=True):
        assert found.shape == right.shape
        error = np.asarray(tf.cast(found, tf.float64)) - right.numpy()
        assert np.sqrt((error**2).mean() / (right.numpy() ** 2).mean()) < tolerance


@pytest.fixture
def fresh() -> Iterator[None]:
    """Nothing measured before, and nothing of what the test measures kept."""
    fastest_forms.cache_clear()
    yield
    fastest_forms.cache_clear()


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ((1.0, 1.0, 1.0, 1.0), Forms("direct", "transposed")),
        ((3.0, 1.0, 3.0, 1.0), Forms("transposed", "transposed")),
        ((1.0, 3.0, 1.0, 3.0), Forms("direct", "direct")),
        ((1.1, 1.0, 1.0, 1.1), Forms("direct", "transposed")),  # not enough to be sure
    ],
)
def test_an_unusual_form_is_taken_where_it_is_clearly_sooner(
    seconds: tuple[float, ...], expected: Forms, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda _: [])
    monkeypatch.setattr(convolution, "_processor_seconds", lambda runs: dict(zip(runs, seconds, strict=True)))
    monkeypatch.setattr(onednn, "has_avx512", lambda: None)
    assert fastest_forms("float32") == expected


def test_a_gpu_takes_what_tensorflow_takes_and_measures_nothing(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda _: ["a GPU"])
    monkeypatch.delattr(convolution, "_processor_seconds")
    assert fastest_forms("float32") == Forms()


@pytest.mark.parametrize(("wide", "forward"), [(False, "transposed"), (True, "direct")])
def test_with_onednn_the_processor_s_instructions_tell_and_nothing_is_measured(
    wide: bool, forward: str, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda _: [])
    monkeypatch.setattr(onednn, "is_on", lambda: True)
    monkeypatch.setattr(onednn, "has_avx512", lambda: wide)
    monkeypatch.delattr(convolution, "_processor_seconds")
    assert fastest_forms("float32") == Forms(forward, "transposed")
