"""What becomes of a picture between two sizes."""

import weakref

import numpy as np
import pytest
import tensorflow as tf

from nst.engine import canvas as canvas_module
from nst.engine.canvas import Canvas, to_pixels
from nst.pictures import codec
from nst.plan.scales import Shape
from tests.support import reference


def _photo(height: int, width: int, low: int = 0, high: int = 256) -> np.ndarray:
    """A photo with detail in every pixel."""
    return np.random.default_rng(0).integers(low, high, (height, width, 3), dtype=np.uint8)


def _tensor(pixels: np.ndarray) -> tf.Tensor:
    return tf.constant(pixels[None], tf.float32)


PHOTO = _photo(80, 60)
FINE, COARSE = (64, 48), (32, 24)


def _canvas(photo: np.ndarray = PHOTO, *, carry_change: bool = True) -> Canvas:
    return Canvas(photo, FINE, carry_change=carry_change)


def test_photo_at_a_size_is_pillows() -> None:
    np.testing.assert_array_equal(_canvas().photo(COARSE), reference.resized(PHOTO, *COARSE))
    np.testing.assert_array_equal(_canvas().photo((80, 60)), PHOTO)


def test_photo_is_resized_once_for_the_shapes_in_use_and_let_go_after(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Shape] = []

    def resize_to(pixels: np.ndarray, *shape: int) -> np.ndarray:
        asked.append((shape[0], shape[1]))
        return codec.resize_to(pixels, *shape)

    monkeypatch.setattr(canvas_module, "resize_to", resize_to)
    canvas = _canvas()
    for _ in range(3):
        canvas.final(canvas.carried(_tensor(PHOTO[:32, :24]), FINE))
    assert sorted(asked) == [COARSE, FINE]
    # A third shape takes the place of the one that has not been asked for the longest.
    given_up, kept = weakref.ref(canvas.photo(COARSE)), canvas.photo(FINE)
    canvas.photo((16, 12))
    assert given_up() is None
    assert canvas.photo(FINE) is kept


@pytest.mark.parametrize("coarse", [COARSE, (16, 12), (33, 25), (63, 47)])
def test_untouched_photo_arrives_with_all_its_detail(coarse: Shape) -> None:
    canvas = _canvas()
    carried = canvas.carried(_tensor(canvas.photo(coarse)), FINE)
    np.testing.assert_array_equal(carried[0], canvas.photo(FINE))
    np.testing.assert_array_equal(canvas.final(_tensor(canvas.photo(coarse))), canvas.photo(FINE))


def test_change_of_ten_arrives_as_ten_as_far_as_there_is_room() -> None:
    canvas = _canvas(_photo(80, 60, 40, 200))
    carried = canvas.carried(_tensor(canvas.photo(COARSE)) + 10, FINE)
    np.testing.assert_allclose(carried[0], np.minimum(canvas.photo(FINE) + 10.0, 255), atol=1e-3)
    bright = _canvas(_photo(80, 60, 240))
    brighter = bright.carried(_tensor(bright.photo(COARSE)) + 10, FINE)
    np.testing.assert_allclose(brighter[0], np.minimum(bright.photo(FINE) + 10.0, 255), atol=1e-3)
    assert float(tf.reduce_max(brighter)) == 255


def test_flat_photo_carries_a_ramp_by_lanczos() -> None:
    """On a flat photo the change is all there is: it must grow as Pillow grows a picture, to its two roundings."""
    canvas = _canvas(np.full((80, 60, 3), 100, np.uint8))
    ramp = np.add.outer(np.arange(32), 2 * np.arange(24))[..., None].repeat(3, axis=2) + 80
    carried = canvas.carried(_tensor(ramp), FINE)
    np.testing.assert_allclose(carried[0], reference.resized(ramp.astype(np.uint8), *FINE), atol=1.5)


def test_picture_at_its_own_size_is_left_alone() -> None:
    picture = _tensor(PHOTO[:64, :48]) + 0.25
    np.testing.assert_array_equal(_canvas().carried(picture, FINE), picture)


def test_larger_picture_is_made_smaller_as_it_is() -> None:
    """A result that is continued at a smaller size: there is no detail to be saved."""
    picture = reference.resized(_photo(6, 4, 50, 206), 128, 96)
    carried = _canvas().carried(_tensor(picture), FINE)
    np.testing.assert_allclose(carried[0], reference.resized(picture, *FINE), atol=1.5)


def test_without_the_change_the_picture_itself_is_carried() -> None:
    picture = reference.resized(_photo(5, 4, 50, 206), *COARSE)
    carried = _canvas(carry_change=False).carried(_tensor(picture), FINE)
    np.testing.assert_allclose(carried[0], reference.resized(picture, *FINE), atol=1.5)


@pytest.mark.parametrize("carry_change", [True, False])
@pytest.mark.parametrize("shape", [FINE, (16, 12)])
def test_carried_picture_is_in_the_box(carry_change: bool, shape: Shape) -> None:
    """Lanczos overshoots at edges; the optimiser starts in 0..255."""
    checks = (np.indices(COARSE).sum(axis=0) // 4 % 2 * 255)[..., None].repeat(3, axis=2)
    carried = _canvas(carry_change=carry_change).carried(_tensor(checks), shape)
    assert carried.shape == (1, *shape, 3)
    assert float(tf.reduce_min(carried)) >= 0
    assert float(tf.reduce_max(carried)) <= 255


def test_saved_pixels_are_rounded_and_clipped() -> None:
    values = tf.constant([[[[-3.0, 0.49, 0.51], [254.4, 254.6, 255.0], [256.0, 300.0, 127.0]]]])
    pixels = to_pixels(values)
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, [[[0, 0, 1], [254, 255, 255], [255, 255, 127]]])
