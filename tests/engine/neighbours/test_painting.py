"""Whole runs with neighbours, small ones on the gallery's pictures and on the poorest that can be given."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from nst.config import RunOptions, StyleTransferConfig
from nst.engine.records import Progress
from nst.engine.transfer import evaluate, stylize
from nst.errors import MaskError
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.codec import resize_to
from nst.pictures.colour import chroma
from tests.support.reference import gallery_picture

PHOTO = gallery_picture("photos/pagoda.jpg", 86, 128)
PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 100, 128)


def _run(
    photo: np.ndarray = PHOTO, styles: Sequence[np.ndarray] = (PAINTING,), run: Any = None, **settings: Any
) -> list[Progress]:
    asked = {
        name: settings.pop(name) for name in ("regions", "style_guides", "interrupted", "initial") if name in settings
    }
    config = StyleTransferConfig(method="neighbours").with_changes(
        **{"size": 96, "steps": 6, "photo_kept": 0.0, **settings}
    )
    options = RunOptions(precision="float32", **(run or {}))
    return list(stylize(photo, styles, config, options, preview_seconds=None, **asked))


def test_the_final_size_has_two_passes_of_all_its_steps() -> None:
    records = _run(size=128, steps=7, upscale=True)
    assert [record.scale for record in records] == [1] * 3 + [2] * 4
    assert {(record.width, record.height) for record in records} == {(128, 86)}
    values = [record.losses.style for record in records]
    assert values[2] < values[0]
    assert values[-1] < values[3]


def test_a_picture_that_is_its_own_painting_comes_back_from_noise() -> None:
    *_, last = _run(PAINTING, (PAINTING,), size=128, steps=80, init="noise", tv_weight=5)
    away = np.abs(last.levels() - PAINTING).mean()
    noise = np.random.default_rng(0).uniform(0, 255, PAINTING.shape)
    assert away < 0.15 * np.abs(noise - PAINTING).mean()


def test_a_run_lowers_what_evaluate_tells() -> None:
    *_, last = _run(steps=20)
    config = last.config
    painted = evaluate(PHOTO, [PAINTING], config, last.picture())
    untouched = evaluate(PHOTO, [PAINTING], config, resize_to(PHOTO, 64, 96))
    assert painted.style < 0.75 * untouched.style
    assert last.losses.style == pytest.approx(painted.style, rel=0.1)


def test_a_higher_style_weight_keeps_less_of_the_photo() -> None:
    contents = [_run(size=64, steps=20, style_weight=weight)[-1].losses.content for weight in (1, 1000)]
    assert contents[0] < 0.2 * contents[1]


def test_regions_have_the_colours_of_their_own_paintings_and_leave_the_rest() -> None:
    rng = np.random.default_rng(1)
    grain = rng.integers(0, 90, (64, 64, 1))
    red, blue = (np.clip(np.array(colour) + grain, 0, 255).astype(np.uint8) for colour in ((160, 0, 0), (0, 0, 160)))
    masks = [np.zeros(PHOTO.shape[:2], np.float32) for _ in range(2)]
    masks[0][:, :40], masks[1][:, 80:] = 1, 1
    regions = [
        Region(name, PackedMask.of(mask), shares)
        for name, mask, shares in zip("ab", masks, ((1, 0), (0, 1)), strict=True)
    ]
    *_, last = _run(styles=(red, blue), size=128, steps=30, regions=regions)
    picture = last.levels()
    left, right = (part.reshape(-1, 3).mean(0) for part in (picture[:, 4:30], picture[:, 90:124]))
    assert left[0] > left[2] + 40
    assert right[2] > right[0] + 40
    np.testing.assert_allclose(picture[:, 46:74], PHOTO[:, 46:74], atol=0.51)


@pytest.mark.parametrize("side", [0, 64])
@pytest.mark.parametrize("painting", ["black", "white", "one pixel"])
@pytest.mark.parametrize("photo", ["black", "pagoda"])
def test_poor_pictures_are_painted(photo: str, painting: str, side: int) -> None:
    flat = np.full((64, 64, 3), 255 if painting == "white" else 0, np.uint8)
    if painting == "one pixel":
        flat[30, 30] = 255
    content = np.zeros((64, 96, 3), np.uint8) if photo == "black" else PHOTO
    *_, last = _run(content, (flat,), size=64, steps=4, run={"tile": side})
    assert np.isfinite([last.losses.total, last.losses.style, last.losses.content]).all()
    # What is perfect at the start can only get worse.
    assert last.note == "" or photo == painting == "black"
    assert photo != painting or last.levels().max() <= 10.5  # the first step


def test_in_grey_the_chroma_stays_the_photos() -> None:
    *_, last = _run(colour="luminance", steps=8)
    found, photos = (chroma(each) for each in (last.levels(), resize_to(PHOTO, 64, 96)))
    assert np.abs(found - photos).mean() < 1
    assert np.abs(last.levels() - resize_to(PHOTO, 64, 96)).mean() > 3


def test_a_picture_can_be_gone_on_with() -> None:
    *_, begun = _run(steps=10)
    *_, more = _run(steps=10, init="picture", initial=begun.picture())
    config = StyleTransferConfig(method="neighbours", size=96, photo_kept=0.0)
    first, later = (evaluate(PHOTO, [PAINTING], config, each.picture()) for each in (begun, more))
    assert later.total < first.total


def test_a_part_of_a_painting_that_is_too_small_is_refused_before_the_run() -> None:
    part = np.zeros((100, 128), np.float32)
    part[:3, :3] = 1
    config = StyleTransferConfig(method="neighbours", size=64)
    with pytest.raises(MaskError, match="part of painting 1"):
        stylize(PHOTO, [PAINTING], config, style_guides=[PackedMask.of(part)])


def test_a_run_stops_within_the_search_and_keeps_its_start() -> None:
    asked: list[int] = []

    def fourth_time() -> bool:
        asked.append(0)
        return len(asked) >= 4

    (record,) = _run(interrupted=fourth_time)
    assert record.step == 0
    assert len(asked) == 4
    assert record.picture().shape == (64, 96, 3)
    assert np.abs(record.levels() - resize_to(PHOTO, 64, 96)).max() <= 0.51
