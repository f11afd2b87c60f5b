"""What a user relies on: a tileable picture has no border; where it is cut changes neither J nor its gradient."""

import numpy as np
import pytest
import tensorflow as tf

from nst.config import PAPER, RunOptions
from nst.engine import descent
from nst.engine.canvas import as_tensor
from nst.engine.losses import wrapped_variation_loss
from nst.engine.objective import value_and_gradient
from nst.engine.targets import make_targets
from nst.engine.transfer import evaluate, stylize
from nst.engine.vgg import Network, feature_maps
from nst.errors import ImageError, OversizeError
from tests.support import reference
from tests.support.reference import gallery_picture

PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 50, 64)
CONFIG = PAPER.with_changes(size=64, content_weight=0, init="noise", tileable=True, steps=3)
BLANK = np.full((48, 64, 3), 128, np.uint8)
NETWORK = Network.of(CONFIG, "float32", "replicate")


def picture(height: int = 48, width: int = 64) -> np.ndarray:
    """A picture whose opposite borders have nothing in common."""
    return gallery_picture("photos/pagoda.jpg", height, width)


def test_feature_maps_are_those_of_the_middle_of_nine_copies() -> None:
    pixels = picture()
    around = np.tile(pixels, (3, 3, 1))
    layers = ("block1_conv1", "block2_conv2", "block3_conv1")
    network = NETWORK._replace(style_layers=layers, content_layers=("block3_conv2",))
    content, style = feature_maps(network, as_tensor(pixels))
    expected = reference.features(around, (*layers, "block3_conv2"))
    for name, maps in zip((*layers, "block3_conv2"), (*style, *content), strict=True):
        height, width = maps.shape[1:3]
        middle = expected[name][height : 2 * height, width : 2 * width]
        np.testing.assert_allclose(maps[0], middle, rtol=1e-3, atol=1e-3 * middle.max())


def test_j_and_its_gradient_move_with_the_picture() -> None:
    targets = make_targets(NETWORK, CONFIG, BLANK, [PAINTING])
    pixels = as_tensor(picture())
    here = value_and_gradient(NETWORK, pixels, targets)
    for down, right in ((16, 0), (0, 32), (32, 16)):
        there = value_and_gradient(NETWORK, tf.roll(pixels, (down, right), (1, 2)), targets)
        assert float(there.total) == pytest.approx(float(here.total), rel=1e-5)
        moved = tf.roll(here.gradient, (down, right), (1, 2)).numpy()
        np.testing.assert_allclose(there.gradient, moved, atol=1e-4 * np.abs(moved).max())


def test_with_a_border_they_do_not() -> None:
    """What the test above could not notice otherwise."""
    config = CONFIG.with_changes(tileable=False)
    network = Network.of(config, "float32", "replicate")
    targets = make_targets(network, config, BLANK, [PAINTING])
    pixels = as_tensor(picture())
    here, there = (value_and_gradient(network, each, targets) for each in (pixels, tf.roll(pixels, 16, 1)))
    assert float(there.total) != pytest.approx(float(here.total), rel=1e-3)


def test_total_variation_counts_the_step_from_the_last_pixel_to_the_first() -> None:
    pixels = np.zeros((2, 4, 3), np.float32)
    pixels[:, 3] = 255
    # Across each row has two steps of 1 among four; down there are none.
    assert float(wrapped_variation_loss(as_tensor(pixels))) == pytest.approx(0.5)


def test_the_painting_is_no_torus() -> None:
    wrapped = make_targets(NETWORK, CONFIG, BLANK, [PAINTING])
    network = Network.of(CONFIG.with_changes(tileable=False), "float32", "replicate")
    for one, other in zip(
        tf.nest.flatten(wrapped.grams),
        tf.nest.flatten(make_targets(network, CONFIG, BLANK, [PAINTING]).grams),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_its_borders_fit_where_those_of_another_picture_do_not() -> None:
    """The step from the last pixel to the first, over the mean step between neighbours, down and across."""
    seams = {}
    for tileable in (True, False):
        # Smooth, so that a step stands out.
        config = CONFIG.with_changes(tileable=tileable, steps=12, tv_weight=200, coarse_to_fine=False)
        *_, last = stylize(BLANK, [PAINTING], config, RunOptions(precision="float32"))
        result = last.picture().astype(float)
        changes = [np.abs(result - np.roll(result, 1, axis)).mean(axis=(1 - axis, 2)) for axis in (0, 1)]
        seams[tileable] = [steps[0] / steps[1:].mean() for steps in changes]
    assert max(seams[True]) < 1.2 < min(seams[False])


def test_a_photo_can_be_tileable_too() -> None:
    config = CONFIG.with_changes(content_weight=1, init="content", steps=1)
    (record,) = stylize(picture(), [PAINTING], config, RunOptions(precision="float32"))
    assert record.losses.content == 0
    assert record.picture().shape == (48, 64, 3)


def test_the_j_that_is_reported_has_no_border_either() -> None:
    config = CONFIG.with_changes(tv_weight=2.0)
    there = [evaluate(BLANK, [PAINTING], config, np.roll(picture(), shift, 1)) for shift in (0, 16)]
    assert there[1].total == pytest.approx(there[0].total, rel=1e-5)


def test_sides_that_the_pooling_does_not_fill_are_refused() -> None:
    with pytest.raises(ImageError, match="tileable: expected sides that are multiples of 16 px, got 64x40"):
        stylize(np.zeros((40, 64, 3), np.uint8), [PAINTING], CONFIG)
    shallow = CONFIG.with_changes(style_layers="conv1_1,conv2_1", content_layers="conv2_2")
    stylize(np.zeros((42, 64, 3), np.uint8), [PAINTING], shallow)


def test_what_cannot_be_computed_whole_is_refused_and_never_cut_into_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    large = np.zeros((512, 512, 3), np.uint8)
    config = CONFIG.with_changes(size=512)
    with pytest.raises(OversizeError, match="tileable: expected a picture that is computed whole, got 512x512 px"):
        stylize(large, [PAINTING], config, RunOptions(tile=256))

    def out_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(descent, "step_function", lambda *_: out_of_memory)
    with pytest.raises(MemoryError):
        list(stylize(large, [PAINTING], config.with_changes(coarse_to_fine=False), RunOptions(precision="float32")))
