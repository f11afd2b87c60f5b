"""Masks from files of every kind, their edges and their overlaps; what cannot be a mask is one sentence."""

import io

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError, MaskError
from nst.masks.mask import checked, feathered, fitted, layered, read_mask, resized, stacked, uncovered

SHAPE = (6, 8)
#: A ramp from 0 to 1 from left to right, in steps of 1/7.
RAMP = np.tile(np.arange(8, dtype=np.float32) / 7, (6, 1))


def png(pixels: np.ndarray, mode: str | None = None) -> bytes:
    stream = io.BytesIO()
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(stream, "PNG")
    return stream.getvalue()


def levels(mask: np.ndarray) -> np.ndarray:
    return np.rint(mask * 255).astype(np.uint8)


def mask(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


# Files


def test_grey_levels_are_the_mask() -> None:
    read = read_mask(png(levels(RAMP)), SHAPE, "sky")
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, RAMP, atol=0.5 / 255)


def test_sixteen_bits_are_not_reduced_to_eight() -> None:
    fine = (RAMP * 100 + 30000).astype(np.uint16)
    np.testing.assert_allclose(read_mask(png(fine), SHAPE, "sky"), fine / 65535, atol=1e-7)


def test_black_and_white_is_all_or_nothing() -> None:
    hard = (RAMP > 0.5).astype(np.float32)
    np.testing.assert_array_equal(read_mask(png(levels(hard), "1"), SHAPE, "sky"), hard)


def test_opacity_is_the_mask_whatever_the_colours() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    cut_out = np.dstack([colours, levels(RAMP)])
    np.testing.assert_allclose(read_mask(png(cut_out), SHAPE, "sky"), RAMP, atol=0.5 / 255)


def test_alpha_that_hides_nothing_is_ignored() -> None:
    opaque = np.dstack([levels(RAMP)] * 3 + [np.full(SHAPE, 255, np.uint8)])
    np.testing.assert_allclose(read_mask(png(opaque), SHAPE, "sky"), RAMP, atol=0.5 / 255)


def test_of_a_coloured_picture_the_luminance_is_the_mask() -> None:
    green = np.zeros((*SHAPE, 3), np.uint8)
    green[..., 1] = 255
    np.testing.assert_allclose(read_mask(png(green), SHAPE, "sky"), 0.587, atol=0.002)


def test_rotated_by_exif_is_turned_like_the_photo() -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    Image.fromarray(levels(RAMP)).save(stream, "PNG", exif=exif)
    np.testing.assert_allclose(read_mask(stream.getvalue(), SHAPE, "sky"), RAMP[:, ::-1], atol=0.5 / 255)


@pytest.mark.parametrize("factor", [0.5, 2, 3.7])
def test_another_size_is_resampled(factor: float) -> None:
    large = (60, 80)
    ramp = np.tile(np.linspace(0, 1, 80, dtype=np.float32), (60, 1))
    other = np.asarray(Image.fromarray(levels(ramp)).resize((round(80 * factor), round(60 * factor))))
    read = read_mask(png(other), large, "sky")
    assert read.shape == large
    np.testing.assert_allclose(read, ramp, atol=0.02)
    assert read.min() >= 0
    assert read.max() <= 1


@pytest.mark.parametrize("shape", [(8, 6), (6, 6), (60, 40), (6, 16)])
def test_other_proportions_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(MaskError, match=rf"^region the sky: .* such as 80x60, got {shape[1]}x{shape[0]}; "):
        read_mask(png(np.full(shape, 255, np.uint8)), (60, 80), "the sky")


def test_a_pixel_of_rounding_is_allowed() -> None:
    assert fitted(np.ones((33, 50), np.float32), (427, 640), "sky").shape == (427, 640)


def test_a_mask_that_covers_nothing_is_refused() -> None:
    with pytest.raises(
        MaskError, match=r"^region sky: expected a mask that covers some of the picture, got an empty one"
    ):
        read_mask(png(np.zeros(SHAPE, np.uint8)), SHAPE, "sky")
    with pytest.raises(MaskError, match="region sky"):
        checked(np.full(SHAPE, 0.001, np.float32), "sky")
    faint = np.full(SHAPE, 1 / 255, np.float32)
    assert checked(faint, "sky") is faint


@pytest.mark.parametrize("data", [b"", b"no picture", png(levels(RAMP))[:45]])
def test_what_is_no_picture_is_one_sentence_that_names_the_region(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"^sky: expected ") as caught:
        read_mask(data, SHAPE, "sky")
    assert "\n" not in str(caught.value)


def test_names_are_printable() -> None:
    with pytest.raises(MaskError, match=r"region a\?b: "):
        checked(np.zeros(SHAPE, np.float32), "a\nb")


# Edges


def test_feathering_keeps_the_amount_and_softens_the_edge() -> None:
    half = np.zeros((40, 60), np.float32)
    half[:, 30:] = 1
    soft = feathered(half, 3)
    assert soft.mean() == pytest.approx(0.5, abs=0.01)
    assert (np.diff(soft, axis=1) >= 0).all()
    # One standard deviation from the edge a Gaussian edge has 15.9 and 84.1 % (half a pixel is between the pixels).
    assert soft[20, 26:28].mean() == pytest.approx(0.159, abs=0.02)
    assert soft[20, 32:34].mean() == pytest.approx(0.841, abs=0.02)
    assert feathered(half, 0) is half


def test_shrinking_averages() -> None:
    checks = np.indices((40, 60)).sum(axis=0) % 2
    np.testing.assert_allclose(resized(checks.astype(np.float32), (4, 6)), 0.5, atol=0.01)


# Overlaps


def test_later_regions_lie_on_top() -> None:
    below, above = mask([1, 1, 0.5, 0]), mask([0, 1, 0.5, 0.25])
    kept = layered([below, above], ["below", "above"])
    np.testing.assert_allclose(kept[0], [[1, 0, 0.25, 0]])
    np.testing.assert_allclose(kept[1], [[0, 1, 0.5, 0.25]])
    np.testing.assert_allclose(uncovered(kept), [[0, 0, 0.25, 0.75]])


def test_masks_apart_stay_as_they_are() -> None:
    masks = [mask([1, 0, 0]), mask([0, 0.5, 0]), mask([0, 0, 1])]
    for kept, own in zip(layered(masks, ["a", "b", "c"]), masks, strict=True):
        np.testing.assert_array_equal(kept, own)
    assert layered([], []) == ()


def test_no_pixel_is_shared_out_twice() -> None:
    masks = np.random.default_rng(0).random((5, 20, 30)).astype(np.float32)
    total = np.sum(layered(list(masks), list("abcde")), axis=0)
    np.testing.assert_allclose(total + np.prod(1 - masks, axis=0), 1, atol=1e-6)


def test_hidden_and_empty_regions_are_named() -> None:
    with pytest.raises(MaskError, match="region first: expected some of it to be visible"):
        layered([mask([1, 0]), mask([1, 0]), mask([0, 1])], ["first", "second", "third"])
    with pytest.raises(MaskError, match="region second: expected a mask that covers"):
        layered([mask([1, 0]), mask([0, 0])], ["first", "second"])


def test_stacked_masks_are_what_layering_them_gives_back() -> None:
    below, on_top = mask([1, 0.75, 0.25, 0]), mask([0, 0.25, 0.75, 1])
    made_up, same = stacked([below, on_top])
    np.testing.assert_allclose(made_up, [[1, 1, 1, 0]])
    np.testing.assert_array_equal(same, on_top)
    for found, expected in zip(layered([made_up, same], ["below", "on top"]), (below, on_top), strict=True):
        np.testing.assert_allclose(found, expected)
    assert stacked([]) == ()
