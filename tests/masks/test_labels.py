"""What a user relies on: a map drawn with a few colours is read as drawn, be it a JPEG or soft at its edges."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nst.errors import MaskError
from nst.masks.labels import SIDE, colours_of, hexadecimal, masks_of, matched, parts_of, thinned
from nst.pictures.codec import Pixels, read_picture
from tests.support.files import saved

BLUE, GREEN, YELLOW = (40, 90, 220), (30, 120, 40), (240, 200, 40)


def drawn(scale: int = 1) -> Image.Image:
    """A blue map with a yellow third at the bottom and a green circle on both; `scale` times as large."""
    image = Image.new("RGB", (120 * scale, 90 * scale), BLUE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 60 * scale, 120 * scale, 90 * scale), fill=YELLOW)
    draw.ellipse((40 * scale, 40 * scale, 70 * scale, 70 * scale), fill=GREEN)
    return image


def soft() -> Pixels:
    return np.asarray(drawn(4).resize((120, 90), Image.Resampling.LANCZOS))


def jpeg() -> Pixels:
    return read_picture(saved(drawn(), "JPEG", quality=70)).pixels


def test_the_colours_come_from_most_to_least() -> None:
    assert colours_of(np.asarray(drawn())) == [BLUE, YELLOW, GREEN]


@pytest.mark.parametrize("make", [jpeg, soft])
def test_soft_edges_and_jpeg_are_no_colours_of_their_own(make: Callable[[], Pixels]) -> None:
    pixels, exact = make(), np.asarray(drawn())
    colours = colours_of(pixels)
    assert len(colours) == 3
    for colour, expected in zip(colours, (BLUE, YELLOW, GREEN), strict=True):
        assert np.abs(np.subtract(colour, expected)).max() < 8
    for mask, expected in zip(masks_of(pixels, colours), (BLUE, YELLOW, GREEN), strict=True):
        assert ((exact == expected).all(axis=-1) != (mask == 1)).mean() < 0.03


def test_masks_share_out_every_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    assert (np.sum(masks_of(pixels, [BLUE, GREEN, YELLOW]), axis=0) == 1).all()


def test_colours_that_were_picked_twice_belong_together() -> None:
    other = [(250, 190, 50), (35, 85, 230), (30, 130, 50), (255, 0, 0)]
    assert matched([BLUE, YELLOW, GREEN], other, ("map", "style")) == [other[1], other[0], other[2]]


def test_a_colour_without_a_counterpart_is_one_sentence_that_names_all_colours() -> None:
    with pytest.raises(MaskError) as caught:
        matched([BLUE, (200, 30, 30)], [BLUE, GREEN], ("m.png", "s.png"))
    assert str(caught.value) == (
        "m.png: expected colours that s.png has too (#285adc, #1e7828), got #c81e1e; use one colour for what belongs "
        "together in both."
    )


def test_a_photo_is_no_map() -> None:
    levels = np.linspace(0, 255, 4)
    many = [(int(red), int(green), 0) for red in levels for green in levels]
    with pytest.raises(MaskError, match=r"m.png: expected a map of at most 8 flat colours, got 16"):
        matched(many, many, ("m.png", "s.png"))
    with pytest.raises(MaskError, match=r"s.png: expected a map of at most 32 flat colours, got 48"):
        matched([BLUE], many * 3, ("m.png", "s.png"))


def test_the_nearest_colour_is_that_by_the_distance_of_each() -> None:
    generator = np.random.default_rng(1)
    pixels = generator.integers(0, 256, (130, 20, 3)).astype(np.uint8)
    colours = [tuple(map(int, each)) for each in generator.integers(0, 256, (20, 3))]
    distances = np.linalg.norm(pixels[..., None, :] - np.array(colours, float), axis=-1)
    masks = masks_of(pixels, [(red, green, blue) for red, green, blue in colours])
    np.testing.assert_array_equal(np.argmax(masks, axis=0), np.argmin(distances, axis=-1))


def test_a_large_map_is_thinned_without_new_colours() -> None:
    pixels = np.asarray(drawn(30))
    small = thinned(pixels)
    assert max(small.shape) <= SIDE
    assert small.shape[1] / small.shape[0] == pytest.approx(4 / 3, rel=0.01)
    assert colours_of(small) == [BLUE, YELLOW, GREEN]
    assert thinned(small) is not pixels
    np.testing.assert_array_equal(thinned(np.asarray(drawn())), drawn())


def test_a_colour_is_written_in_six_digits() -> None:
    assert hexadecimal((1, 160, 255)) == "#01a0ff"


def test_a_map_without_any_flat_place_still_has_its_colours() -> None:
    checks = np.indices((8, 8)).sum(axis=0) % 2
    pixels = np.where(checks[..., None], BLUE, YELLOW).astype(np.uint8)
    assert sorted(colours_of(pixels)) == sorted([BLUE, YELLOW])


def test_the_parts_of_two_maps_belong_together_by_colour_and_come_from_most_to_least() -> None:
    model = np.full((90, 120, 3), YELLOW, np.uint8)
    model[:30], model[30:60] = GREEN, (45, 85, 225)
    parts = parts_of(np.asarray(drawn()), model, ("m.png", "s.png"))
    assert [part.colour for part in parts] == [BLUE, YELLOW, GREEN]
    assert [part.model_colour for part in parts] == [(45, 85, 225), YELLOW, GREEN]
    np.testing.assert_array_equal(sum(part.mask for part in parts), np.ones((90, 120)))
    for part, rows in zip(parts, (slice(30, 60), slice(60, 90), slice(0, 30)), strict=True):
        expected = np.zeros((90, 120))
        expected[rows] = 1
        np.testing.assert_array_equal(part.model, expected)


def test_noise_is_no_map_on_either_side() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3)).astype(np.uint8)
    for picture, painting in ((noise, np.asarray(drawn())), (np.asarray(drawn()), noise)):
        with pytest.raises(MaskError, match="flat colours"):
            parts_of(picture, painting, ("m.png", "s.png"))
