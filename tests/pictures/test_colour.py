"""The photo's colours are kept as promised, whatever the pictures. What is expected comes from Pillow or NumPy."""

import itertools

import numpy as np
import pytest
from PIL import Image

from nst.config import RunOptions, StyleTransferConfig
from nst.engine.transfer import evaluate, stylize
from nst.errors import ConfigError
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.colour import (
    ColourControl,
    Palette,
    grey_as_photo,
    luminance,
    matched,
    recoloured,
    with_chroma,
    without_chroma,
)
from tests.support.reference import gallery_picture

LINEAR = ("monge-kantorovich", "cholesky", "pca")
METHODS = (*LINEAR, "histogram")

PHOTO = gallery_picture("photos/pagoda.jpg", 86, 128)
PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 100, 128)
INK = gallery_picture("paintings/landscapes-with-poems.jpg", 128, 81)
GREY_PHOTO = gallery_picture("photos/camera-operator.jpg", 128, 128)
GREY_PAINTING = np.repeat(PAINTING[..., :1], 3, axis=-1)
FLAT = np.full((20, 30, 3), (200, 40, 90), np.uint8)
#: Colours at the corners of the cube, where luminance and chroma leave each other the least room.
VIVID = np.random.default_rng(0).choice(np.array([0, 3, 255], np.uint8), (40, 50, 3))
NOISE = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)


def colours(pixels: np.ndarray) -> np.ndarray:
    return pixels.reshape(-1, 3).astype(float)


def yiq(pixels: np.ndarray) -> np.ndarray:
    """Y, I and Q by the NTSC's matrix, in grey levels."""
    matrix = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
    return pixels @ matrix.T


def ycbcr(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).convert("YCbCr")).astype(int)


def assert_moments_are_the_photos(result: np.ndarray, photo: np.ndarray) -> None:
    got, wanted = colours(result), colours(photo)
    np.testing.assert_allclose(got.mean(axis=0), wanted.mean(axis=0), rtol=0.01)
    difference = np.cov(got.T) - np.cov(wanted.T)
    assert np.linalg.norm(difference) <= 0.01 * np.linalg.norm(np.cov(wanted.T)) + 1e-9


# Luminance only


@pytest.mark.parametrize(("picture", "photo"), [(NOISE, VIVID), (VIVID, NOISE), (NOISE, NOISE[::-1]), (VIVID, VIVID)])
def test_luminance_only_has_the_photos_chroma_wherever_the_colours_are(picture: np.ndarray, photo: np.ndarray) -> None:
    result = with_chroma(picture, photo, 1)
    assert np.abs(yiq(result) - yiq(photo))[..., 1:].max() < 1
    assert np.abs(ycbcr(result) - ycbcr(photo))[..., 1:].max() <= 2


def test_luminance_is_the_pictures_own_where_the_photos_chroma_leaves_room() -> None:
    photo = np.clip(PHOTO, 100, 155)
    picture = np.clip(PAINTING[:86], 60, 195)
    np.testing.assert_allclose(yiq(with_chroma(picture, photo, 1))[..., 0], yiq(picture)[..., 0], atol=1)


def test_luminance_gives_way_where_the_photos_chroma_leaves_no_room() -> None:
    """Pure blue has Y 29.07; with its chroma, only Y up to that is possible, in exactly one colour."""
    blue, white, black = (np.full((2, 2, 3), colour, np.uint8) for colour in ((0, 0, 255), 255, 0))
    np.testing.assert_array_equal(with_chroma(white, blue, 1), blue)
    np.testing.assert_array_equal(with_chroma(black, blue, 1), blue)


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.7, 1.0])
def test_a_photo_loses_and_gets_back_its_own_chroma(strength: float) -> None:
    faded = without_chroma(PHOTO, PHOTO, strength)
    np.testing.assert_allclose(with_chroma(faded, PHOTO, strength), PHOTO, atol=1)
    np.testing.assert_allclose(yiq(faded)[..., 1:], (1 - strength) * yiq(PHOTO)[..., 1:], atol=1)


@pytest.mark.parametrize("strength", [0.3, 0.7])
def test_partial_strength_adds_that_share_of_the_photos_chroma(strength: float) -> None:
    picture, photo = np.clip(PAINTING[:86], 110, 145), np.clip(PHOTO, 110, 145)
    expected = yiq(picture)[..., 1:] + strength * yiq(photo)[..., 1:]
    np.testing.assert_allclose(yiq(with_chroma(picture, photo, strength))[..., 1:], expected, atol=1)


def test_two_chromas_too_strong_together_keep_their_hue() -> None:
    """Both pure red with Y 76.245: their sum spans 1.9 * 255 levels, and is faded until it spans 255."""
    red = np.full((2, 2, 3), (255, 0, 0), np.uint8)
    np.testing.assert_array_equal(with_chroma(red, red, 0.9), red)


def test_painting_in_grey_has_the_photos_mean_and_spread() -> None:
    """Photo: half 100, half 140 (mean 120, spread 20). Painting: half black, half white (127.5, 127.5)."""
    photo = np.repeat(np.array([[[100], [140]]], np.uint8), 3, axis=-1)
    painting = np.repeat(np.array([[[0], [255]]], np.uint8), 3, axis=-1)
    np.testing.assert_allclose(grey_as_photo(painting, photo)[0, :, 0], [100, 140])
    np.testing.assert_array_equal(grey_as_photo(FLAT, photo), np.full(FLAT.shape, 120.0))


# Colour matching


@pytest.mark.parametrize("method", LINEAR)
@pytest.mark.parametrize(
    "photo", [PHOTO, NOISE, VIVID, GREY_PHOTO, FLAT], ids=["photo", "noise", "vivid", "grey", "flat"]
)
@pytest.mark.parametrize("painting", [PAINTING, INK, NOISE])
def test_matched_paintings_have_the_photos_mean_and_covariance(
    painting: np.ndarray, photo: np.ndarray, method: str
) -> None:
    assert_moments_are_the_photos(matched(painting, photo, method), photo)


@pytest.mark.parametrize("method", LINEAR)
def test_saved_matched_paintings_have_them_too_where_nothing_is_clipped(method: str) -> None:
    photo = np.rint(PHOTO / 255 * 60 + 97).astype(np.uint8)
    saved = recoloured(PAINTING, photo, method, 1)
    assert saved.dtype == np.uint8
    assert saved.min() > 0
    assert saved.max() < 255
    assert_moments_are_the_photos(saved, photo)


def test_monge_kantorovich_moves_colours_least() -> None:
    moved = {method: np.mean((matched(PAINTING, PHOTO, method) - PAINTING) ** 2) for method in LINEAR}
    assert min(moved, key=lambda method: moved[method]) == "monge-kantorovich"


@pytest.mark.parametrize("method", METHODS)
def test_a_painting_with_the_photos_colours_stays_as_it_is(method: str) -> None:
    np.testing.assert_allclose(matched(PAINTING, PAINTING[::-1, ::-1], method), PAINTING, atol=1e-6)


@pytest.mark.parametrize("method", LINEAR)
def test_channels_that_vary_apart_are_only_shifted_and_scaled(method: str) -> None:
    """With both covariances diagonal, every method's A is diagonal: the ratio of the spreads, here 1/2, 2 and 1."""
    signs = np.array(list(itertools.product((-1, 1), repeat=3))).reshape(2, 4, 3)
    painting = (128 + signs * (20, 10, 30)).astype(np.uint8)
    photo = (100 + signs * (10, 20, 30)).astype(np.uint8)
    np.testing.assert_allclose(matched(painting, photo, method), photo, atol=1e-9)


def test_cholesky_keeps_the_order_of_the_channels() -> None:
    """A lower triangular A: red comes of red alone, blue of all three."""
    change = PAINTING.copy()
    change[..., 2] = change[::-1, ::-1, 2]
    red, _, blue = np.moveaxis(np.abs(matched(PAINTING, PHOTO, "cholesky") - matched(change, PHOTO, "cholesky")), 2, 0)
    assert red.max() < 1e-6
    assert blue.max() > 10


def test_histogram_gives_the_levels_in_their_order() -> None:
    """Four levels of a quarter each go to the four of the photo, in each channel by itself."""
    painting = np.array([[10, 200], [30, 70]], np.uint8)[..., None].repeat(3, axis=-1)
    photo = np.array([[0, 50, 90, 255], [1, 2, 3, 4], [9, 8, 7, 6]], np.uint8).T.reshape(1, 4, 3)
    expected = np.stack([[[0, 255], [50, 90]], [[1, 4], [2, 3]], [[6, 9], [7, 8]]], axis=-1)
    np.testing.assert_allclose(matched(painting, photo, "histogram"), expected, atol=1e-9)


def test_histogram_matches_the_mean_and_variance_of_each_channel() -> None:
    got, wanted = colours(matched(PAINTING, PHOTO, "histogram")), colours(PHOTO)
    np.testing.assert_allclose(got.mean(axis=0), wanted.mean(axis=0), rtol=0.01)
    np.testing.assert_allclose(got.var(axis=0), wanted.var(axis=0), rtol=0.01)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("photo", [PHOTO, GREY_PHOTO, FLAT, VIVID, FLAT[:1, :1]])
@pytest.mark.parametrize("painting", [PAINTING, GREY_PAINTING, FLAT, VIVID, FLAT[:1, :1]])
def test_grey_and_flat_pictures_never_give_nonsense(painting: np.ndarray, photo: np.ndarray, method: str) -> None:
    result = matched(painting, photo, method)
    assert np.isfinite(result).all()
    assert result.shape == painting.shape
    assert np.abs(result).max() < 1000  # no rounding noise is blown up into colours from nowhere
    if method in LINEAR:
        np.testing.assert_allclose(result.mean(axis=(0, 1)), photo.mean(axis=(0, 1)), atol=1e-6)


@pytest.mark.parametrize("method", LINEAR)
def test_grey_photos_make_grey_paintings(method: str) -> None:
    assert np.ptp(matched(PAINTING, GREY_PHOTO, method), axis=-1).max() < 1e-3


@pytest.mark.parametrize("method", METHODS)
def test_strength_goes_from_the_painting_to_the_match(method: str) -> None:
    full = np.clip(matched(PAINTING, PHOTO, method), 0, 255)
    np.testing.assert_array_equal(recoloured(PAINTING, PHOTO, method, 0), PAINTING)
    np.testing.assert_allclose(recoloured(PAINTING, PHOTO, method, 1), full, atol=0.5)
    inside = (matched(PAINTING, PHOTO, method) > 0) & (matched(PAINTING, PHOTO, method) < 255)
    quarter = recoloured(PAINTING, PHOTO, method, 0.25)
    np.testing.assert_allclose(quarter[inside], (0.75 * PAINTING + 0.25 * full)[inside], atol=0.51)


# What a run gets


def control(method: str, strength: float = 1.0) -> ColourControl:
    return ColourControl.of(StyleTransferConfig(colour=method, colour_strength=strength), PHOTO, [PAINTING])


@pytest.mark.parametrize("same", [control("none"), control("luminance", 0), control("pca", 0), control("painting", 0)])
def test_nothing_changes_unless_asked_for(same: ColourControl) -> None:
    for step in (same.content, same.style, same.finished, same.unfinished):
        assert step(PAINTING) is PAINTING


@pytest.mark.parametrize("method", METHODS)
def test_matching_touches_the_paintings_only(method: str) -> None:
    np.testing.assert_array_equal(control(method, 0.5).style(PAINTING), recoloured(PAINTING, PHOTO, method, 0.5))
    for step in (control(method).content, control(method).finished, control(method).unfinished):
        assert step(NOISE) is NOISE


def test_luminance_only_runs_in_grey_and_ends_in_the_photos_colours() -> None:
    kept = control("luminance")
    for grey in (kept.content(PHOTO), kept.style(PAINTING), kept.unfinished(NOISE)):
        assert np.ptp(grey, axis=-1).max() == 0
    small = kept.finished(PAINTING[:43, :64])
    photo = np.asarray(Image.fromarray(PHOTO).resize((64, 43), Image.Resampling.LANCZOS))
    assert np.abs(yiq(small) - yiq(photo))[..., 1:].max() < 1


def test_with_the_paintings_colours_the_finished_picture_has_their_mean_and_covariance() -> None:
    # Far from 0 and 255, where nothing is cut off.
    pale, noise = (np.rint(0.3 * pixels + 90).astype(np.uint8) for pixels in (PAINTING, NOISE))
    own = ColourControl.of(StyleTransferConfig(colour="painting"), PHOTO, [pale])
    for same, given in ((own.style, pale), (own.content, PHOTO), (own.unfinished, noise)):
        assert same(given) is given
    finished = own.finished(noise)
    assert_moments_are_the_photos(finished, pale)
    np.testing.assert_allclose(own.finished(finished), finished, atol=1, err_msg="twice is once")


def test_a_large_picture_has_the_paintings_colours_too_rounded_or_not() -> None:
    pale = np.rint(0.3 * PAINTING + 90).astype(np.uint8)
    own = ColourControl.of(StyleTransferConfig(colour="painting"), PHOTO, [np.tile(pale, (12, 9, 1))])
    large = np.asarray(Image.fromarray(np.rint(0.3 * PHOTO + 90).astype(np.uint8)).resize((1400, 900)))
    finished, levels = own.finished(large), own.finished_levels(large)
    np.testing.assert_array_equal(finished, np.rint(levels))
    for channel in range(3):
        assert finished[..., channel].mean() == pytest.approx(pale[..., channel].mean(), rel=0.01)


def test_paintings_together_have_the_mean_and_covariance_of_their_pixels_together() -> None:
    both = np.concatenate([colours(PAINTING), colours(NOISE)])
    palette = Palette.of([PAINTING, NOISE], [PAINTING.size / both.size, NOISE.size / both.size])
    np.testing.assert_allclose(palette.mean, both.mean(axis=0))
    np.testing.assert_allclose(palette.covariance, np.cov(both.T, bias=True))


def test_a_finished_picture_is_what_its_run_continues_from() -> None:
    for strength in (0.4, 1.0):
        kept = control("luminance", strength)
        finished = kept.finished(kept.content(PHOTO))
        np.testing.assert_allclose(kept.unfinished(finished), kept.content(PHOTO), atol=1)


# What the run may paint with the photo's chroma to come


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_picture_within_the_limits_keeps_its_luminance_when_it_is_finished(strength: float) -> None:
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (12, 16, 3)).astype(np.uint8)
    colours = ColourControl(photo, "luminance", strength)
    limits = colours.limits((12, 16))
    assert limits is not None
    lower, upper = limits
    picture = np.rint(np.clip(rng.integers(0, 256, photo.shape), lower, upper)).astype(np.uint8)
    assert np.abs(luminance(colours.finished(picture)) - luminance(picture)).max() <= 1.5
    # The photo itself is within them.
    grey = colours.content(photo)
    assert np.all((grey >= lower - 1) & (grey <= upper + 1))


def test_colours_of_the_painting_have_no_limits() -> None:
    assert ColourControl(np.zeros((4, 4, 3), np.uint8), "pca", 1.0).limits((4, 4)) is None


@pytest.mark.engine
def test_run_that_paints_luminance_only_loses_little_when_the_colours_come_back() -> None:
    photo, painting = gallery_picture("photos/dahlia.jpg", 43, 64), gallery_picture("paintings/irises.jpg", 51, 64)
    config = StyleTransferConfig(size=64, steps=30, colour="luminance")
    *_, last = stylize(photo, [painting], config, RunOptions(precision="float32"), preview_seconds=None)
    # Without limits the saved picture's J is many times the run's: the flower's colours cannot be that dark or bright.
    assert evaluate(photo, [painting], config, last.picture()).total < 1.6 * last.losses.total


@pytest.mark.engine
def test_a_run_ends_in_the_paintings_colours() -> None:
    photo, painting = gallery_picture("photos/dahlia.jpg", 43, 64), gallery_picture("paintings/irises.jpg", 51, 64)
    config = StyleTransferConfig(size=64, steps=4, colour="painting", style_weight=1.0)
    *_, last = stylize(photo, [painting], config, RunOptions(precision="float32"), preview_seconds=0)
    assert last.preview is not None
    for shown in (last.picture(), last.preview, last.levels()):
        np.testing.assert_allclose(colours(shown).mean(axis=0), colours(painting).mean(axis=0), atol=4)


@pytest.mark.engine
def test_regions_have_no_painting_whose_colours_the_picture_could_have() -> None:
    mask = np.zeros(PHOTO.shape[:2], np.float32)
    mask[:, 64:] = 1
    regions = [Region("right", PackedMask.of(mask), (1,), 1)]
    with pytest.raises(ConfigError, match="colour: expected no regions with 'painting'"):
        stylize(PHOTO, [PAINTING], StyleTransferConfig(size=64, colour="painting"), regions=regions)
