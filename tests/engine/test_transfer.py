"""The stream of progress, on pictures of the gallery with the real network, small and for a few steps.

What `evaluate` computes is judged in tests/engine/test_evaluation.py, what happens when J is not finite in
tests/engine/test_recovery.py.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.start import traces
from nst.config import PAPER, RunOptions, StyleTransferConfig, without_run
from nst.engine.canvas import as_tensor
from nst.engine.device import device_name
from nst.engine.records import Progress
from nst.engine.strength import Keeping
from nst.engine.terms import Losses
from nst.engine.transfer import evaluate, stylize
from nst.engine.vgg import Network
from nst.errors import ConfigError, ImageError
from nst.layers import LAYERS
from nst.masks.packed import PackedMask
from nst.masks.subject import subject
from nst.pictures.blocks import deblocked
from nst.plan.scales import final_shape
from nst.plan.tiling import WHOLE
from tests.support import reference
from tests.support.reference import gallery_picture

PHOTO = gallery_picture("photos/pagoda.jpg", 86, 128)
PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 100, 128)
SCROLL = gallery_picture("paintings/southern-inspection-tour.jpg", 58, 128)

#: A photo large enough for two sizes, 128 and 256 px.
LARGE = gallery_picture("photos/pagoda.jpg", 171, 256)


def _config(**changes: Any) -> StyleTransferConfig:
    return PAPER.with_changes(**{"size": 64, "steps": 3, **changes})


OPTIONS = RunOptions(precision="float32")


def _run(
    content: np.ndarray = PHOTO,
    styles: Sequence[np.ndarray] = (PAINTING,),
    *,
    initial: np.ndarray | None = None,
    preview_seconds: float | None = None,
    **changes: Any,
) -> list[Progress]:
    settings, run = without_run(changes)
    options = OPTIONS.with_changes(**run)
    records = stylize(content, styles, _config(**settings), options, initial=initial, preview_seconds=preview_seconds)
    return list(records)


def _j(content: np.ndarray, picture: np.ndarray, **changes: Any) -> float:
    return evaluate(content, [PAINTING], _config(**changes), picture).total


def _assert_close(actual: Losses, expected: Losses, rel: float) -> None:
    assert dataclasses.asdict(actual) == pytest.approx(dataclasses.asdict(expected), rel=rel)


@pytest.fixture(scope="module")
def two_scales() -> list[Progress]:
    return _run(LARGE, size=256, steps=4, preview_seconds=0)


# The stream


def test_there_is_one_record_for_each_evaluation(two_scales: list[Progress]) -> None:
    assert [record.step for record in two_scales] == list(range(1, 9))
    assert {record.steps for record in two_scales} == {8}
    assert [record.scale for record in two_scales] == [1] * 4 + [2] * 4
    assert {record.scales for record in two_scales} == {2}
    assert [(record.width, record.height) for record in two_scales] == [(128, 86)] * 4 + [(256, 171)] * 4
    assert {record.options.precision for record in two_scales} == {"float32"}


def test_each_record_has_the_settings_as_asked_and_the_options_as_chosen(two_scales: list[Progress]) -> None:
    last = two_scales[-1]
    assert last.config == _config(size=256, steps=4)
    assert (last.options.tile, last.options.history) == (WHOLE, RunOptions().history)
    assert last.device == device_name()


def test_a_picture_by_itself_is_held_to_no_other_whatever_its_settings_say() -> None:
    # They may come from the recipe of a film's frame.
    *_, last = _run(size=64, steps=1, temporal_weight=50)
    assert (last.config.temporal_weight, last.losses.temporal) == (0, 0)


def test_time_passes_and_runs_out(two_scales: list[Progress]) -> None:
    seconds = [record.seconds for record in two_scales]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0
    etas = [record.eta for record in two_scales if record.eta is not None]
    assert len(etas) >= 6
    assert min(etas) == etas[-1] == 0


def test_records_are_frozen(two_scales: list[Progress]) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        two_scales[0].step = 5  # type: ignore[misc]


def test_total_is_the_weighted_sum_of_the_parts(two_scales: list[Progress]) -> None:
    for losses in (record.losses for record in two_scales):
        assert losses.total == pytest.approx(losses.content + 1000 * losses.style + 5 * losses.tv, rel=1e-5)


def test_previews_show_the_picture_at_the_scale_it_is_painted_at(two_scales: list[Progress]) -> None:
    for record in two_scales:
        assert record.preview is not None
        assert record.preview.dtype == np.uint8
        assert record.preview.shape == (record.height, record.width, 3)
    np.testing.assert_array_equal(two_scales[-1].preview, two_scales[-1].picture())


def test_first_record_has_a_preview_unless_none_are_wanted() -> None:
    assert _run(preview_seconds=1e6)[0].preview is not None
    assert [record.preview for record in _run(preview_seconds=1e6)[1:]] == [None, None]
    assert [record.preview for record in _run()] == [None, None, None]


def test_a_record_gives_its_own_picture_however_late_it_is_asked() -> None:
    records = stylize(PHOTO, [PAINTING], _config(steps=5), OPTIONS, preview_seconds=0)
    second = [next(records), next(records)][1]
    then = second.picture()
    last = list(records)[-1]
    np.testing.assert_array_equal(second.picture(), then)
    np.testing.assert_array_equal(second.preview, then)
    assert np.any(last.picture() != then)


def test_two_jobs_that_share_the_network_do_not_disturb_each_other() -> None:
    other: dict[str, Any] = {"content": PAINTING, "styles": [PHOTO], "init": "noise"}
    first, second = list(zip(stylize(PHOTO, [PAINTING], _config(), OPTIONS), _stream(**other), strict=True))[-1]
    np.testing.assert_array_equal(first.picture(), _run()[-1].picture())
    np.testing.assert_array_equal(second.picture(), _run(**other)[-1].picture())


def _stream(content: np.ndarray, styles: Sequence[np.ndarray], **changes: Any) -> Iterator[Progress]:
    return stylize(content, styles, _config(**changes), OPTIONS)


# What it paints


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("init", ["content", "noise", "blend", "picture"])
def test_three_steps_improve_j_and_the_same_recipe_gives_the_same_picture(init: str, optimizer: str) -> None:
    initial = SCROLL if init == "picture" else None
    content = SCROLL[::-1] if init == "picture" else PHOTO
    runs = [_run(content, init=init, optimizer=optimizer, steps=4, initial=initial) for _ in range(2)]
    assert runs[0][-1].losses.total < runs[0][0].losses.total
    assert [record.losses for record in runs[0]] == [record.losses for record in runs[1]]
    np.testing.assert_array_equal(runs[0][-1].picture(), runs[1][-1].picture())


@pytest.mark.parametrize("init", ["noise", "blend"])
def test_another_seed_gives_another_picture(init: str) -> None:
    pictures = [_run(init=init, seed=seed, steps=1)[-1].picture() for seed in (0, 1, 2**32 - 1)]
    assert np.mean(pictures[0] != pictures[1]) > 0.5
    assert np.mean(pictures[1] != pictures[2]) > 0.5


def test_starts_are_what_they_are_called() -> None:
    """The first evaluation is of the start itself, so after one step the picture is still the start."""
    photo = reference.resized(PHOTO, *final_shape(86, 128, _config())).astype(int)
    starts = {init: _run(init=init, steps=1)[-1].picture().astype(int) for init in ("content", "noise", "blend")}
    np.testing.assert_array_equal(starts["content"], photo)
    assert starts["noise"].mean() == pytest.approx(127.5, abs=3)
    assert starts["noise"].std() == pytest.approx(255 / 12**0.5, abs=3)
    np.testing.assert_allclose(starts["blend"], 0.6 * starts["noise"] + 0.4 * photo, atol=1)
    mostly_photo = _run(init="blend", noise_ratio=0.1, steps=1)[-1].picture()
    np.testing.assert_allclose(mostly_photo, 0.1 * starts["noise"] + 0.9 * photo, atol=1)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_result_is_a_better_picture_by_evaluation_too(optimizer: str) -> None:
    records = _run(size=96, steps=25, optimizer=optimizer)
    picture, best = records[-1].picture(), min(records, key=lambda record: record.losses.total).losses
    judged = evaluate(PHOTO, [PAINTING], _config(), picture)
    assert judged.total < 0.1 * _j(PHOTO, reference.resized(PHOTO, *picture.shape[:2]))
    # What the border adds to the Gram matrices is known as of the last correction, and large at this size.
    assert judged.tv == pytest.approx(best.tv, rel=0.01)
    assert judged.content == pytest.approx(best.content, rel=0.05)
    assert 0.8 * best.total < judged.total < 2 * best.total


def test_coarse_to_fine_ends_lower_than_the_same_steps_at_one_size(two_scales: list[Progress]) -> None:
    direct = _run(LARGE, size=256, steps=4, coarse_to_fine=False)
    assert {(record.scale, record.scales, record.width) for record in direct} == {(1, 1, 256)}
    assert two_scales[-1].losses.total < direct[-1].losses.total
    # And it starts the final size better than from the photo.
    assert two_scales[4].losses.total < 0.75 * direct[0].losses.total


def test_stopping_leaves_the_best_picture_at_the_final_size(two_scales: list[Progress]) -> None:
    records: Any = stylize(LARGE, [PAINTING], _config(size=256, steps=4), OPTIONS)
    for record in records:
        if record.step == 3:
            break
    records.close()
    picture = record.picture()
    assert record.width == 128
    assert picture.dtype == np.uint8
    assert picture.shape == LARGE.shape
    assert _j(LARGE, picture) < 0.75 * _j(LARGE, LARGE)
    assert _j(LARGE, two_scales[-1].picture()) < _j(LARGE, picture)


def test_picture_of_the_first_record_is_the_photo_in_full_detail(two_scales: list[Progress]) -> None:
    assert two_scales[0].width == 128
    np.testing.assert_array_equal(two_scales[0].picture(), LARGE)


# Continuing


def test_continuing_starts_where_the_result_stopped_and_improves() -> None:
    first = _run(steps=10)
    reached = _j(PHOTO, first[-1].picture())
    second = _run(steps=10, init="picture", initial=first[-1].picture())
    assert second[0].losses.total == pytest.approx(reached, rel=1e-3)
    assert min(record.losses.total for record in second) < 0.8 * reached


def test_a_result_can_be_continued_at_another_size() -> None:
    small = _run(steps=10)[-1].picture()
    from_photo = _run(size=96, steps=1)[0].losses.total
    larger = _run(size=96, init="picture", initial=small)
    assert larger[-1].picture().shape == (64, 96, 3)
    assert larger[0].losses.total < from_photo / 2
    again = _run(size=64, init="picture", initial=larger[-1].picture())
    assert again[-1].picture().shape == small.shape
    assert again[0].losses.total < _run(steps=1)[0].losses.total / 2


def test_a_given_picture_is_continued_at_the_final_size_only() -> None:
    assert {record.scales for record in _run(LARGE, size=256, steps=1, init="picture", initial=LARGE)} == {1}


@pytest.mark.parametrize(("init", "initial"), [("picture", None), ("content", PHOTO), ("noise", PHOTO)])
def test_a_picture_is_given_exactly_when_it_is_started_from(init: str, initial: np.ndarray | None) -> None:
    with pytest.raises(ConfigError, match="init: expected a picture to start from exactly when init is 'picture'"):
        stylize(PHOTO, [PAINTING], _config(init=init), initial=initial)


def test_a_given_picture_is_not_squashed_into_other_proportions() -> None:
    with pytest.raises(ImageError, match=r"init: expected a picture in the photo's proportions, 64x43, got 64x64"):
        stylize(PHOTO, [PAINTING], _config(init="picture"), initial=LARGE[:64, :64])


# Sizes


@pytest.mark.parametrize(
    ("height", "width", "size", "expected"),
    [
        (86, 128, 97, (65, 97)),
        (97, 33, 97, (97, 33)),
        (101, 67, 64, (64, 42)),
        (20, 160, 128, (16, 128)),  # as narrow as the network can take
        (256, 32, 128, (128, 16)),
        (64, 65, 2048, (64, 65)),
    ],
)
def test_any_proportions_are_kept(height: int, width: int, size: int, expected: tuple[int, int]) -> None:
    photo = reference.resized(PHOTO, height, width)
    last = _run(photo, size=size, steps=2)[-1]
    picture = last.picture()
    assert picture.shape == (*expected, 3)
    assert (last.height, last.width) == expected == final_shape(height, width, _config(size=size))


def test_small_photo_is_not_upscaled_and_the_note_says_so() -> None:
    records = _run(size=200, steps=2)
    assert records[-1].picture().shape == PHOTO.shape
    assert "128 px" in records[0].note
    assert "200 px" in records[0].note
    assert records[1].note == ""


def test_upscaling_is_done_when_asked_for_and_said() -> None:
    records = _run(PHOTO[:, :96], [PAINTING[:, :96]], size=128, steps=1, upscale=True)
    assert records[-1].picture().shape == (115, 128, 3)
    assert "The photo is upscaled from 96 to 128 px." in records[0].note
    assert "A painting is upscaled from 100 to 128 px." in records[0].note


def test_small_painting_is_not_upscaled_and_the_note_says_so() -> None:
    records = _run(style_scale=3, steps=2)
    assert "128 px" in records[0].note
    assert "192 px" in records[0].note
    assert records[0].losses == _run(style_scale=2, steps=1)[0].losses
    assert _run(style_scale=2, steps=1)[0].note == ""


def test_jpeg_blocks_of_a_painting_are_not_painted_and_the_note_says_so() -> None:
    file = BytesIO()
    Image.fromarray(PAINTING).save(file, "JPEG", quality=10)
    blocky = np.asarray(Image.open(file))
    smooth = deblocked(blocky, 64)
    first, other = (_run(styles=[each], steps=1)[0] for each in (blocky, smooth))
    assert "JPEG blocks" in first.note
    assert first.losses == other.losses
    assert other.note == ""
    judged = reference.resized(PHOTO, 43, 64)
    assert evaluate(PHOTO, [blocky], _config(), judged) == evaluate(PHOTO, [smooth], _config(), judged)


def test_style_scale_is_the_size_of_the_painting() -> None:
    painting_at_48 = reference.resized(PAINTING, 38, 48)
    assert _run(style_scale=0.75, steps=1)[0].losses == _run(styles=[painting_at_48], steps=1)[0].losses
    assert _run(style_scale=0.75, steps=1)[0].losses != _run(steps=1)[0].losses


@pytest.mark.parametrize(
    ("content", "style", "changes", "sentence"),
    [
        (PHOTO[:15], PAINTING, {"size": 128}, "content: expected at least 16 px .* block5, got 128x15 px"),
        (PHOTO[:20], PAINTING, {"size": 64}, "content: expected at least 16 px .* block5, got 64x10 px"),
        (PHOTO, PAINTING[:, :9], {}, "style: expected at least 16 px .* block5, got 6x64 px"),
        (PHOTO, PAINTING, {"style_scale": 0.1}, "style: expected at least 16 px .* got 6x5 px"),
        (PHOTO[:1, :1], PAINTING, {}, "content: expected at least 16 px .* got 1x1 px"),
    ],
)
def test_pictures_too_small_for_the_network_are_refused_at_the_call(
    content: np.ndarray, style: np.ndarray, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ImageError, match=sentence):
        stylize(content, [style], _config(**changes))


def test_shallow_layers_take_smaller_pictures() -> None:
    shallow: dict[str, Any] = {"content_layers": "block1_conv2", "style_layers": "block1_conv1"}
    assert _run(PHOTO[:9], size=128, steps=2, **shallow)[-1].picture().shape == (9, 128, 3)


# Paintings


def test_no_painting_is_refused_at_the_call() -> None:
    with pytest.raises(ConfigError, match="style: expected at least one painting"):
        stylize(PHOTO, [], _config())


def test_blend_weights_for_other_paintings_are_refused_at_the_call() -> None:
    with pytest.raises(ConfigError, match="style_blend_weights: expected one weight for each of the 2 paintings"):
        stylize(PHOTO, [PAINTING, SCROLL], _config(style_blend_weights=(1, 2, 3)))


def test_several_paintings_blend_by_their_weights() -> None:
    def style(styles: Sequence[np.ndarray], **changes: Any) -> float:
        return _run(styles=styles, steps=1, **changes)[0].losses.style

    both = [PAINTING, SCROLL]
    assert style(both, style_blend_weights=(1, 0)) == pytest.approx(style([PAINTING]), rel=1e-6)
    assert style(both, style_blend_weights=(0, 3)) == pytest.approx(style([SCROLL]), rel=1e-6)
    assert style(both) == style(both, style_blend_weights=(2, 2))
    assert style(both) == style(both[::-1])
    assert _run(styles=both)[-1].losses.total < _run(styles=both)[0].losses.total


# Colours


def _chroma(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).convert("YCbCr")).astype(int)[..., 1:]


def test_luminance_only_keeps_the_photos_chroma_in_every_picture_that_is_seen() -> None:
    records = _run(LARGE, [PAINTING, SCROLL], size=256, steps=3, colour="luminance", preview_seconds=0)
    assert {record.scale for record in records} == {1, 2}
    for record in records:
        photo = reference.resized(LARGE, record.height, record.width)
        assert np.abs(_chroma(record.preview) - _chroma(photo)).max() <= 2
        assert np.abs(_chroma(record.picture()) - _chroma(LARGE)).max() <= 2
    assert records[-1].losses.total < records[3].losses.total
    np.testing.assert_array_equal(records[-1].preview, records[-1].picture())


def test_luminance_only_starts_from_the_photo_itself() -> None:
    photo = reference.resized(PHOTO, 43, 64)
    for strength in (0.5, 1.0):
        start = _run(steps=1, colour="luminance", colour_strength=strength)[0].picture()
        np.testing.assert_allclose(start.astype(int), photo, atol=1)


@pytest.mark.parametrize("colour", ["luminance", "monge-kantorovich", "histogram"])
def test_colours_are_kept_when_a_result_is_continued(colour: str) -> None:
    first = _run(steps=10, colour=colour)
    second = _run(steps=10, colour=colour, init="picture", initial=first[-1].picture())
    np.testing.assert_allclose(second[0].picture().astype(int), first[-1].picture(), atol=1)
    assert second[-1].losses.total < second[0].losses.total


@pytest.mark.parametrize("colour", ["monge-kantorovich", "cholesky", "pca"])
def test_matched_colours_bring_the_result_nearer_to_the_photos_mean(colour: str) -> None:
    def distance(**changes: Any) -> float:
        picture = _run(steps=25, content_weight=0.01, **changes)[-1].picture()
        return float(np.abs(picture.mean(axis=(0, 1)) - PHOTO.mean(axis=(0, 1))).max())

    assert distance(colour=colour) < 0.5 * distance()


@pytest.mark.parametrize("colour", ["luminance", "monge-kantorovich", "cholesky", "pca", "histogram"])
def test_grey_photos_and_grey_paintings_keep_their_colours_too(colour: str) -> None:
    grey_photo, grey_painting = (np.repeat(each[..., :1], 3, axis=-1) for each in (PHOTO, PAINTING))
    for content, style in ((grey_photo, PAINTING), (PHOTO, grey_painting), (grey_photo, grey_painting)):
        records = _run(content, [style], steps=4, colour=colour)
        assert records[-1].losses.total < records[0].losses.total


def test_strength_zero_is_no_colour_control_at_all() -> None:
    expected = _run()[-1].picture()
    for colour in ("luminance", "pca"):
        np.testing.assert_array_equal(_run(colour=colour, colour_strength=0)[-1].picture(), expected)


# Networks


@pytest.mark.parametrize("layers", [LAYERS, *((layer,) for layer in LAYERS[::5])], ids="-".join)
def test_layers_serve_for_content_and_for_style(layers: tuple[str, ...]) -> None:
    records = _run(steps=4, content_layers=layers, style_layers=layers)
    assert records[-1].losses.total < records[0].losses.total
    assert records[-1].losses.content > 0


@pytest.mark.parametrize(("pooling", "precision"), [("max", "float32"), ("average", "bfloat16")])
def test_pooling_and_precision_are_those_asked_for(pooling: str, precision: str) -> None:
    records = _run(steps=4, pooling=pooling, precision=precision)
    plain = _run(steps=4)
    assert records[0].options.precision == precision
    assert records[-1].losses.total < records[0].losses.total
    assert records[0].losses.total != plain[0].losses.total
    if pooling == "average":
        _assert_close(records[0].losses, plain[0].losses, rel=0.02)
    again = _run(steps=4, pooling=pooling, precision=precision)
    np.testing.assert_array_equal(again[-1].picture(), records[-1].picture())


def test_auto_takes_one_of_the_two() -> None:
    assert _run(precision="auto", steps=1)[0].options.precision in ("float32", "bfloat16")


@pytest.mark.parametrize("name", ["lbfgs", "adam"])
def test_another_size_or_weight_traces_nothing_new(name: str) -> None:
    _run(optimizer=name)
    before = traces()
    _run(optimizer=name, size=97, style_weight=10, tv_weight=0, init="noise", steps=2)
    _run(PAINTING, [PHOTO, SCROLL], optimizer=name, style_blend_weights=(1, 2), content_layers={"block4_conv2": 3})
    assert traces() == before > 0


# Weights


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_the_largest_weights_do_no_harm(optimizer: str, precision: str) -> None:
    weights: dict[str, Any] = {"style_weight": 1e9, "content_weight": 1e6, "tv_weight": 1e6}
    records = _run(steps=8, optimizer=optimizer, precision=precision, **weights)
    assert all(np.isfinite(record.losses.total) for record in records)
    assert _j(PHOTO, records[-1].picture(), **weights) < _j(PHOTO, reference.resized(PHOTO, 43, 64), **weights)
    assert records[-1].picture().mean() > 50


@pytest.mark.parametrize("weights", [(1, 0, 0), (0, 1000, 0), (0, 1000, 5), (1, 0, 5)])
def test_parts_can_be_left_out(weights: tuple[float, float, float]) -> None:
    alpha, beta, gamma = weights
    records = _run(LARGE, size=256, steps=3, content_weight=alpha, style_weight=beta, tv_weight=gamma, init="noise")
    assert records[2].losses.total < records[0].losses.total
    assert records[-1].losses.total < records[0].losses.total


# The subject


def test_the_subject_keeps_more_of_the_photo_when_it_is_held_more_firmly() -> None:
    photo, painting = gallery_picture("photos/chelsea.jpg", 64, 96), gallery_picture("paintings/irises.jpg", 64, 80)
    inside = subject(photo)
    keeping = [Keeping(Network.of(PAPER, "float32", "zero"), as_tensor(photo), each) for each in (inside, 1 - inside)]
    gains = []
    for weight in (1.0, 20.0):
        config = _config(size=96, steps=30, style_weight=1000, subject_weight=weight, coarse_to_fine=False)
        *_, last = stylize(photo, [painting], config, OPTIONS, preview_seconds=None)
        gains.append([each.share(as_tensor(last.picture())) for each in keeping])
    assert gains[1][0] > gains[0][0] + 0.1
    assert gains[1][0] - gains[0][0] > gains[1][1] - gains[0][1]


def test_j_counts_the_subject_where_it_is_said_to_be() -> None:
    left = np.zeros(PHOTO.shape[:2], np.float32)
    left[:, :64] = 1
    config = PAPER.with_changes(size=128, subject_weight=20)
    changed = PHOTO.copy()
    changed[:, 96:] = 128
    found = [
        evaluate(PHOTO, [PAINTING], config, changed, subject_mask=PackedMask.of(mask)).content
        for mask in (left, 1 - left)
    ]
    assert found[1] > 5 * found[0], "the change is on the right"


def test_a_photo_without_a_subject_is_painted_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    config = _config(size=64, steps=2, style_weight=1000)
    plain, held = (
        list(stylize(grey, [PAINTING], config.with_changes(subject_weight=weight), OPTIONS, preview_seconds=None))[-1]
        for weight in (1, 9)
    )
    np.testing.assert_array_equal(plain.picture(), held.picture())


def test_j_of_a_saved_picture_counts_the_subject_as_the_run_does() -> None:
    photo, painting = gallery_picture("photos/chelsea.jpg", 64, 96), gallery_picture("paintings/irises.jpg", 64, 80)
    config = PAPER.with_changes(size=96, subject_weight=20)
    inside = np.repeat(subject(photo)[..., None] > 0.5, 3, axis=-1)
    changed = np.where(inside, 255 - photo, photo)
    found = [evaluate(photo, [painting], config.with_changes(subject_weight=each), changed) for each in (1, 20)]
    assert found[1].content > 5 * found[0].content
    assert found[1].style == pytest.approx(found[0].style)
