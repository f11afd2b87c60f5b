"""`evaluate` on the gallery's own files against plain NumPy and Pillow, from the file on."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.config import PAPER, RunOptions, StyleTransferConfig
from nst.engine.terms import Losses
from nst.engine.transfer import evaluate
from nst.errors import ConfigError, ImageError
from nst.pictures.colour import recoloured
from tests.support import reference

PRESETS = Path(__file__).parents[2] / "presets"


def _read(path: str) -> np.ndarray:
    with Image.open(PRESETS / path) as image:
        return np.asarray(image.convert("RGB"))


def _at(pixels: np.ndarray, long_side: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    factor = long_side / max(height, width)
    return reference.resized(pixels, round(height * factor), round(width * factor))


PHOTO = _read("photos/pagoda.jpg")
PAINTINGS = [_read("paintings/wheat-field-with-cypresses.jpg"), _read("paintings/portrait-of-jnanatapa.jpg")]
#: What is judged: a grainy mixture of the two, at a size of its own.
PICTURE = np.clip(
    0.7 * _at(PHOTO, 80) + 20 * np.random.default_rng(3).standard_normal(_at(PHOTO, 80).shape) + 30, 0, 255
).astype(np.uint8)


def _expected(
    config: StyleTransferConfig, sized_paintings: list[np.ndarray], shares: tuple[float, ...] = (1.0,)
) -> dict[str, float]:
    return reference.objective(
        reference.resized(PHOTO, *PICTURE.shape[:2]),
        sized_paintings,
        PICTURE,
        content_layers=dict(config.content_layers),
        style_layers=dict(config.style_layers),
        alpha=config.content_weight,
        beta=config.style_weight,
        gamma=config.tv_weight,
        shares=shares,
        pooling=config.pooling,
        statistics=config.style_statistics,
    )


def _assert_agree(losses: Losses, expected: dict[str, float]) -> None:
    computed = {name: getattr(losses, name) for name in expected}
    assert computed == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_gallery_pair_agrees_with_numpy(pooling: str) -> None:
    config = PAPER.with_changes(pooling=pooling)
    _assert_agree(evaluate(PHOTO, PAINTINGS[:1], config, PICTURE), _expected(config, [_at(PAINTINGS[0], 80)]))


def test_gallery_pair_by_wasserstein_agrees_with_scipy() -> None:
    config = PAPER.with_changes(style_statistics="wasserstein", style_weight=900)
    found, expected = evaluate(PHOTO, PAINTINGS[:1], config, PICTURE), _expected(config, [_at(PAINTINGS[0], 80)])
    assert found.style == pytest.approx(expected["style"], rel=5e-3)
    assert found.content == pytest.approx(expected["content"], rel=1e-4)


def test_size_and_precision_do_not_change_what_a_picture_is_worth() -> None:
    expected = evaluate(PHOTO, PAINTINGS[:1], PAPER, PICTURE)
    assert (
        evaluate(PHOTO, PAINTINGS[:1], PAPER.with_changes(size=2048), PICTURE, RunOptions(precision="bfloat16"))
        == expected
    )


def test_style_scale_is_the_long_side_over_the_pictures() -> None:
    config = PAPER.with_changes(style_scale=0.71)
    # 0.71 of 80 is 56.8 px, rounded.
    _assert_agree(evaluate(PHOTO, PAINTINGS[:1], config, PICTURE), _expected(config, [_at(PAINTINGS[0], 57)]))


def test_painting_is_never_upscaled_past_its_own_pixels() -> None:
    small = _at(PAINTINGS[0], 64)
    config = PAPER.with_changes(style_scale=2)
    _assert_agree(evaluate(PHOTO, [small], config, PICTURE), _expected(config, [small]))


def test_painting_is_upscaled_when_asked_for() -> None:
    small = _at(PAINTINGS[0], 64)
    config = PAPER.with_changes(upscale=True)
    _assert_agree(evaluate(PHOTO, [small], config, PICTURE), _expected(config, [_at(small, 80)]))


def test_two_paintings_blend_by_their_weights() -> None:
    config = PAPER.with_changes(style_blend_weights=(1, 3))
    sized = [_at(painting, 80) for painting in PAINTINGS]
    _assert_agree(evaluate(PHOTO, PAINTINGS, config, PICTURE), _expected(config, sized, (0.25, 0.75)))


def test_paintings_are_recoloured_before_they_are_compared() -> None:
    config = PAPER.with_changes(colour="monge-kantorovich", colour_strength=0.8)
    sized = recoloured(_at(PAINTINGS[0], 80), _at(PHOTO, 80), "monge-kantorovich", 0.8)
    _assert_agree(evaluate(PHOTO, PAINTINGS[:1], config, PICTURE), _expected(config, [sized]))


def test_luminance_only_is_judged_in_grey() -> None:
    config = PAPER.with_changes(colour="luminance")
    judged = evaluate(PHOTO, PAINTINGS[:1], config, PICTURE)
    grey_photo, grey_picture = (_grey(each) for each in (_at(PHOTO, 80), PICTURE))
    painting = _grey(_at(PAINTINGS[0], 80)).astype(float)
    painting = (painting - painting.mean()) / painting.std() * grey_photo.std() + grey_photo.mean()
    greys = np.rint(np.clip(painting, 0, 255)).astype(np.uint8)
    expected = evaluate(grey_photo, [greys], PAPER, grey_picture)
    for name in ("total", "content", "style", "tv"):
        assert getattr(judged, name) == pytest.approx(getattr(expected, name), rel=0.01), name  # rounded twice here


def _grey(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))


def test_picture_too_narrow_for_the_layers_is_refused() -> None:
    with pytest.raises(ImageError, match="at least 16 px"):
        evaluate(PHOTO, PAINTINGS[:1], PAPER, PICTURE[:12])


def test_no_painting_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected at least one painting"):
        evaluate(PHOTO, [], PAPER, PICTURE)
