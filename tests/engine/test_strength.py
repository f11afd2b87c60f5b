"""The style weight found for a share of the photo."""

from itertools import takewhile
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.drawn import drawn
from nst.config import RunOptions, StyleTransferConfig
from nst.engine import run
from nst.engine.canvas import as_tensor
from nst.engine.records import Progress
from nst.engine.strength import SUBJECT_SHARE, Keeping, explained
from nst.engine.transfer import stylize
from nst.engine.vgg import Network
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.codec import resize_to
from nst.plan.scales import COARSE_STEPS
from tests.support import reference
from tests.support.settings import STATISTICS

PHOTO = reference.gallery_picture("photos/pagoda.jpg", 43, 64)
PAINTING = reference.gallery_picture("paintings/wheat-field-with-cypresses.jpg", 64, 80)
OTHER = reference.gallery_picture("paintings/mada-primavesi.jpg", 64, 64)
SMALL: dict[str, Any] = {"size": 64, "steps": 4, "photo_kept": 0.6}
HALF = np.zeros(PHOTO.shape[:2], np.float32)
HALF[:, 32:] = 1
FLOAT32 = RunOptions(precision="float32")


def _last(photo: np.ndarray = PHOTO, styles: tuple[np.ndarray, ...] = (PAINTING,), **settings: Any) -> Progress:
    given = {name: settings.pop(name) for name in ("regions", "initial") if name in settings}
    config = StyleTransferConfig().with_changes(**{**SMALL, **settings})
    *_, last = stylize(photo, styles, config, FLOAT32, preview_seconds=None, **given)
    return last


def _network(**settings: Any) -> Network:
    return Network.of(STATISTICS.with_changes(**settings), "float32", "zero")


# What is kept of the photo


def test_the_photo_keeps_all_of_itself_and_noise_little() -> None:
    keeping = Keeping(_network(), as_tensor(PHOTO))
    noise = np.random.default_rng(1).integers(0, 256, PHOTO.shape).astype(np.uint8)
    assert keeping.share(as_tensor(PHOTO)) == pytest.approx(1, abs=1e-4)
    assert keeping.share(as_tensor(noise)) < 0.4
    assert not keeping.is_empty


def test_only_what_may_change_counts() -> None:
    changed = PHOTO.copy()
    changed[:, 32:] = 255 - changed[:, 32:]
    whole, part = (Keeping(_network(), as_tensor(PHOTO), free).share(as_tensor(changed)) for free in (None, HALF))
    assert part < whole


def test_less_contrast_and_other_colours_leave_the_photo_and_another_texture_does_not() -> None:
    keeping = Keeping(_network(), as_tensor(PHOTO))
    pale, cast = 128 + 0.6 * (PHOTO - 128.0), PHOTO * (0.8, 1.0, 1.1)
    assert keeping.share(as_tensor(pale)) > 0.8
    assert keeping.share(as_tensor(cast)) > 0.8
    stripes = np.where(np.arange(64) // 4 % 2, 60.0, -60.0)[None, :, None]
    assert keeping.share(as_tensor(np.clip(PHOTO + stripes, 0, 255))) < 0.6


def test_the_subject_counts_for_more_than_the_rest() -> None:
    changed = PHOTO.copy()
    changed[:, 32:] = 255 - changed[:, 32:]
    share, shares = (
        Keeping(_network(), as_tensor(PHOTO), subject=subject).share(as_tensor(changed)) for subject in (None, HALF)
    )
    alone = Keeping(_network(), as_tensor(PHOTO), HALF).share(as_tensor(changed))
    assert alone < share
    assert shares == pytest.approx((1 - SUBJECT_SHARE) * share + SUBJECT_SHARE * alone)


def _maps(*channels: tuple[float, ...]) -> tf.Tensor:
    """Return feature maps one position high."""
    return tf.constant(np.array(channels, np.float32).T[None, None])


def test_explained_by_hand() -> None:
    everywhere = np.ones((1, 4), np.float32)
    photo = _maps((0, 2, 0, 2))
    # The correlation is 1 for twice the contrast, 0 for what goes another way, and negative for the opposite.
    assert explained(_maps((3, 7, 3, 7)), photo, everywhere) == pytest.approx(1)
    assert explained(_maps((0, 0, 2, 2)), photo, everywhere) == pytest.approx(0)
    assert explained(_maps((2, 0, 2, 0)), photo, everywhere) == 0
    # (-1, 1, -1, 1) and (-1, 1, -3, 3): 8 / sqrt(4 * 20), squared.
    assert explained(_maps((0, 2, -2, 4)), photo, everywhere) == pytest.approx(0.8)
    # Two channels count by their deviations in the photo, 1 and 3.
    two = _maps((0, 2, 0, 2), (0, 6, 0, 6))
    assert explained(_maps((0, 0, 2, 2), (0, 1, 0, 1)), two, everywhere) == pytest.approx(0.75)
    # Only the first two places.
    assert explained(_maps((5, 6, 9, 0)), photo, np.array([[1, 1, 0, 0]], np.float32)) == pytest.approx(1)


def test_flat_maps_explain_nothing_and_have_nothing_to_be_explained() -> None:
    everywhere, flat, photo = np.ones((1, 4), np.float32), _maps((1, 1, 1, 1)), _maps((0, 2, 0, 2))
    assert explained(flat, photo, everywhere) == explained(photo, flat, everywhere) == 0


# The search in a run


def test_the_weight_found_is_recorded_and_repeats_the_picture() -> None:
    found = _last()
    assert found.config.photo_kept == 0
    assert found.config.style_weight > 0
    again = _last(photo_kept=0, style_weight=found.config.style_weight)
    np.testing.assert_array_equal(found.picture(), again.picture())
    assert found.step == found.steps == again.steps, "the search is no evaluation of the run"


@pytest.mark.parametrize("method", ["statistics", "neighbours"])
def test_more_of_the_photo_takes_a_smaller_weight(method: str) -> None:
    weights = [_last(method=method, photo_kept=share, steps=8).config.style_weight for share in (0.5, 0.9)]
    assert weights[0] > weights[1]


def test_a_subject_that_is_held_more_firmly_does_not_change_the_weight_that_is_found() -> None:
    weights = {_last(subject_weight=weight).config.style_weight for weight in (1.0, 5.0)}
    assert len(weights) == 1


def test_the_search_is_told_in_a_sentence() -> None:
    config = StyleTransferConfig(**SMALL)
    first = next(iter(stylize(PHOTO, [PAINTING], config, FLOAT32, preview_seconds=None)))
    assert f"To keep 60% of the photo, the style weight is {first.config.style_weight:g}." in first.note


def test_a_first_size_that_keeps_too_little_or_too_much_is_painted_once_again_with_another_weight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo, painting = (
        reference.gallery_picture(f"{name}.jpg", 172, 256) for name in ("photos/pagoda", "paintings/irises")
    )
    settings: dict[str, Any] = {"size": 256, "steps": 4}
    plain = _last(photo, (painting,), **settings)
    monkeypatch.setattr(run, "amended", lambda beta, kept, wanted: beta / 10)
    found = _last(photo, (painting,), **settings)
    assert found.config.style_weight == pytest.approx(plain.config.style_weight / 10)
    assert found.step == found.steps == plain.steps + 4, "the first size twice, and no other"
    again = _last(photo, (painting,), **settings, photo_kept=0, style_weight=found.config.style_weight)
    assert again.step == plain.steps, "a weight that was given is never changed"
    np.testing.assert_array_equal(found.picture(), again.picture())


def test_a_subject_that_is_held_more_firmly_may_keep_more_at_the_first_size(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, painting = (
        reference.gallery_picture(f"{name}.jpg", 172, 256) for name in ("photos/pagoda", "paintings/irises")
    )
    monkeypatch.setattr(run, "amended", lambda beta, kept, wanted: beta * 10)
    steps = [_last(photo, (painting,), size=256, steps=2, subject_weight=weight).step for weight in (1.0, 3.0)]
    assert steps == [2 + 2 + 2, 2 + 2], "the first size twice, and once"


def test_an_animal_does_not_vanish_in_a_line_drawing() -> None:
    photo = reference.gallery_picture("photos/raccoon.jpg", 192, 256)
    config = StyleTransferConfig(size=256)
    runs = stylize(photo, [drawn()["ink"]], config, FLOAT32, preview_seconds=None)
    *_, first = takewhile(lambda progress: progress.scale == 1, runs)
    assert first.step == 2 * COARSE_STEPS
    small, painted = (as_tensor(resize_to(each, first.height, first.width)) for each in (photo, first.picture()))
    assert Keeping(_network(), small).share(painted) > 0.6


@pytest.mark.parametrize(
    "settings",
    [
        {"style_statistics": "wasserstein"},
        {"style_statistics": "moments"},
        {"method": "neighbours"},
        {"colour": "luminance"},
        {"colour": "monge-kantorovich"},
        {"init": "noise"},
        {"init": "picture", "initial": PHOTO},
        {"styles": (PAINTING, OTHER)},
        {"regions": [Region("right", PackedMask.of(HALF), (1,), 1)]},
        {"content_weight": 0.0},
        {"optimizer": "adam"},
    ],
    ids=lambda each: "-".join(map(str, each)),
)
def test_the_search_works_with_the_other_settings(settings: dict[str, Any]) -> None:
    last = _last(**settings)
    assert np.isfinite(last.losses.total)
    assert last.picture().shape == PHOTO.shape


@pytest.mark.parametrize(
    "way",
    [
        *({"style_statistics": statistics} for statistics in ("gram", "moments", "wasserstein")),
        {"method": "neighbours"},
    ],
)
@pytest.mark.parametrize("case", ["one colour", "black photo", "its own painting", "both black"])
def test_bad_pictures_end_in_a_picture(case: str, way: dict[str, str]) -> None:
    flat, black = np.full((64, 64, 3), (90, 140, 200), np.uint8), np.zeros_like(PHOTO)
    photo, painting = {
        "one colour": (PHOTO, flat),
        "black photo": (black, PAINTING),
        "its own painting": (PHOTO, PHOTO),
        "both black": (black, black),
    }[case]
    last = _last(photo, (painting,), **way)
    assert np.isfinite(last.losses.total)
    assert np.isfinite(last.config.style_weight)


def test_a_run_that_is_stopped_during_the_search_gives_its_start() -> None:
    asked = []

    def interrupted() -> bool:
        asked.append(1)
        return len(asked) > 12

    config = StyleTransferConfig(**{**SMALL, "steps": 30})
    records = list(stylize(PHOTO, [PAINTING], config, FLOAT32, preview_seconds=None, interrupted=interrupted))
    assert [record.step for record in records] == [0]
    assert records[0].config == config
