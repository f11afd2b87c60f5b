"""What a user relies on: a film is painted frame after frame, goes on where it stopped, and belongs together.

An engine without a network stands in for the real one, but in the last tests.
"""

import json
import os
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.clips import CLIPS
from benchmarks.video import flicker
from nst.config import FilmConfig, RunOptions, StyleTransferConfig
from nst.engine import transfer as engine
from nst.errors import FilmError
from nst.masks.temporal import TemporalTarget
from nst.pictures.codec import encode_png, read_picture_file, read_recipe_text, resize
from nst.pictures.gallery import load_gallery
from nst.recipes.recipe import Recipe
from nst.video.transfer import FilmProgress, stylize_film
from nst.weights.files import WeightsFile, WeightsSource
from tests.support.fake_engine import Record
from tests.support.films import SHAPE, flat, heard, moving, read, write
from tests.support.killed import Fault, Killed

pytestmark = pytest.mark.engine

PAINTING = flat(7)
CONFIG = FilmConfig(size=64, steps=10)
#: The options of the run are given, so that nothing has to be measured.
RUN = RunOptions(precision="float32", memory=4000)


class Engine:
    """Paints each frame in one grey level, the number of frames that it has painted; keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[StyleTransferConfig, Any, TemporalTarget | None]] = []
        self.interrupt_at: int | None = None

    def __call__(
        self, content, styles, config, options=None, *, initial=None, temporal=None, interrupted=None, **_
    ) -> Iterator[Any]:
        self.asked.append((config, initial, temporal))
        level = len(self.asked)
        shape = content.shape

        class Painted(Record):
            def picture(self) -> np.ndarray:
                return np.full(shape, self.level, np.uint8)

        if config.photo_kept:
            config = config.with_changes(photo_kept=0.0, style_weight=77.0)
        for step in (1, 2):
            yield Painted(step, 2, level, config=config)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Engine:
    fake = Engine()
    monkeypatch.setattr(engine, "stylize", fake)
    return fake


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three frames of one scene, then two of another, with sound."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return write(path, [*moving(3, step=1), *moving(2, step=1, seed=5)], sound="aac")


def paint(clip: Path, output: Path, config: FilmConfig = CONFIG, **more: Any) -> list[FilmProgress]:
    return list(stylize_film(clip, [PAINTING], output, config, RUN, **more))


def levels(output: Path) -> list[int]:
    return [round(float(frame.mean())) for frame in read(output)[0]]


def test_every_frame_is_painted_in_order_and_the_film_written(fake: Engine, clip: Path, tmp_path: Path) -> None:
    records = paint(clip, tmp_path / "out.mp4")
    assert levels(tmp_path / "out.mp4") == pytest.approx([1, 2, 3, 4, 5], abs=1)
    assert [(each.frame, each.done) for each in records if each.picture is not None] == [
        (number, number) for number in (1, 2, 3, 4, 5)
    ]
    assert [each.record.step for each in records if each.record is not None] == [1, 2] * 5
    assert records[-1].output == tmp_path / "out.mp4"
    assert all(each.frames == 5 for each in records)
    assert heard(tmp_path / "out.mp4")[0] == "aac"
    assert [each.name for each in tmp_path.iterdir()] == ["out.mp4"]


def test_a_frame_starts_from_the_one_before_it_and_is_held_to_it_but_not_across_a_cut(
    fake: Engine, clip: Path, tmp_path: Path
) -> None:
    paint(clip, tmp_path / "out.mp4")
    first = StyleTransferConfig(size=64, steps=10)
    found = first.with_changes(style_weight=77.0)
    following = found.with_changes(init="picture", steps=2, temporal_weight=CONFIG.temporal_weight)
    assert [config for config, _, _ in fake.asked] == [first, following, following, found, following]
    assert [temporal is None for _, _, temporal in fake.asked] == [True, False, False, True, False]
    for level, (_, initial, temporal) in enumerate(fake.asked):
        if temporal is not None:
            assert (initial[temporal.weights > 0] == level).all()  # all of the frame before is of this level
            assert temporal.picture is initial
            assert temporal.weights.mean() > 0.8


@pytest.mark.parametrize(("asked", "steps"), [({}, 2), ({"frame_steps": 7}, 7), ({"steps": 3}, 1)])
def test_steps_of_a_frame_that_follows_are_a_fifth_unless_given(asked: dict[str, int], steps: int) -> None:
    config = CONFIG.with_changes(**asked)
    assert config.next_frame(config.first_frame()).steps == steps
    assert config.first_frame().steps == config.steps


def test_an_interrupted_film_goes_on_with_the_next_frame(fake: Engine, clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    for record in stylize_film(clip, [PAINTING], output, CONFIG, RUN):
        if record.frame == 3 and record.record is not None:  # in the middle of the third
            break
    assert not output.exists()
    assert sorted(each.name for each in (tmp_path / "out.mp4.frames").glob("*.png")) == ["000000.png", "000001.png"]
    records = paint(clip, output)
    assert records[0].done == 2, "it is said before the work"
    assert next(each.done for each in records if each.record is not None) == 2
    # The third call was for the frame that was lost.
    assert levels(output) == pytest.approx([1, 2, 4, 5, 6], abs=1)
    _, initial, temporal = fake.asked[3]
    assert (initial[temporal.weights > 0] == 2).all()  # started from the second frame as it was saved


def test_a_frame_that_was_interrupted_is_not_taken_for_painted(
    fake: Engine, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(*arguments: Any, **options: Any) -> Iterator[Any]:
        """The third frame is left after the first of its two evaluations."""
        records = fake(*arguments, **options)
        yield next(records)
        if len(fake.asked) < 3:
            yield next(records)

    monkeypatch.setattr(engine, "stylize", half)
    records = paint(clip, tmp_path / "out.mp4", interrupted=lambda: len(fake.asked) == 3)
    assert (records[-1].done, records[-1].output) == (2, None)
    assert len(list((tmp_path / "out.mp4.frames").glob("*.png"))) == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_write_costs_at_most_the_frame_in_work(
    fake: Engine, tmp_path: Path, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    source = tmp_path / "clip"
    source.mkdir()
    for number, frame in enumerate(moving(3, step=1)):
        (source / f"{number}.png").write_bytes(encode_png(frame))
    for calls in range(1000):
        output = tmp_path / f"{calls}.mp4"
        fake.asked.clear()
        with monkeypatch.context() as patch:
            fault = Fault(patch, calls, after=after)
            try:
                paint(source, output)
            except Killed:
                assert fault.struck
        if output.exists():
            # The film is whole, whatever of its folder is left.
            assert len(read(output)[0]) == 3
            if not fault.struck:
                break
            continue
        begun = len(fake.asked)
        paint(source, output)
        assert len(fake.asked) <= max(begun, 3) + 1, f"killed at change {calls} of the disk"
        assert len(read(output)[0]) == 3
        assert not (tmp_path / f"{calls}.mp4.frames").exists()
    assert calls > 12, "the disk was written to less often than this test is worth"


def test_frames_of_other_settings_are_not_mixed(fake: Engine, clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    next(stylize_film(clip, [PAINTING], output, CONFIG, RUN))
    with pytest.raises(FilmError, match=r"expected frames of the same film with the same settings .*\(tv_weight\)"):
        paint(clip, output, CONFIG.with_changes(tv_weight=9))
    with pytest.raises(FilmError, match="expected frames of the same film"):
        list(stylize_film(clip, [flat(8)], output, CONFIG, RUN))


def test_frames_of_other_weights_are_not_mixed(
    fake: Engine, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.mp4"
    next(stylize_film(clip, [PAINTING], output, CONFIG, RUN))
    other = WeightsFile("mine.npz", WeightsSource("npz", "0" * 64, normalised=False))
    monkeypatch.setattr(WeightsFile, "of", lambda _: other)
    with pytest.raises(FilmError, match="expected frames of the same film with the same settings"):
        paint(clip, output)


def test_a_film_is_cut_to_a_format_around_its_middle(fake: Engine, clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    paint(clip, output, CONFIG.with_changes(crop=0.5))  # of 64 x 48 px
    assert read(output)[0][0].shape == (48, 24, 3)
    assert {config.crop for config, *_ in fake.asked} == {0.0}  # not cut again
    assert levels(output) == pytest.approx([1, 2, 3, 4, 5], abs=1)


def test_a_folder_of_something_else_is_left_alone(fake: Engine, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "out.mp4.frames").mkdir()
    (tmp_path / "out.mp4.frames" / "mine.txt").write_text("keep me")
    with pytest.raises(FilmError, match=r"expected a folder .* with frames of this film, or none"):
        paint(clip, tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4.frames" / "mine.txt").read_text() == "keep me"


def test_a_damaged_frame_is_painted_anew(fake: Engine, clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    paint(clip, output, keep_frames=True)
    frame = tmp_path / "out.mp4.frames" / "000001.png"
    frame.write_bytes(frame.read_bytes()[:100])
    paint(clip, output)
    assert levels(output) == pytest.approx([1, 6, 3, 4, 5], abs=1)


def test_each_frame_has_its_recipe_and_the_film_all_of_it(fake: Engine, clip: Path, tmp_path: Path) -> None:
    import av

    output = tmp_path / "out.mp4"
    paint(clip, output, keep_frames=True)
    files = sorted((tmp_path / "out.mp4.frames").glob("*.png"))
    recipes = [Recipe.from_json(read_recipe_text(file.read_bytes())) for file in files]
    assert [each.content.name for each in recipes] == [f"clip.mp4 frame {number}" for number in (1, 2, 3, 4, 5)]
    assert [None if each.initial is None else each.initial.name for each in recipes] == [
        None, "000000.png", "000001.png", None, "000003.png",
    ]  # fmt: skip
    with av.open(str(output)) as container:
        made = json.loads(container.metadata["comment"])
    assert FilmConfig.from_dict(made["config"]) == CONFIG
    assert made["film"]["name"] == "clip.mp4"


def test_the_style_weight_that_the_first_frame_finds_is_that_of_all_and_of_those_that_come_later(
    fake: Engine, clip: Path, tmp_path: Path
) -> None:
    config = CONFIG.with_changes(photo_kept=0.5)
    for record in stylize_film(clip, [PAINTING], tmp_path / "out.mp4", config, RUN):
        if record.done == 2:
            break
    paint(clip, tmp_path / "out.mp4", config)
    assert [(each.photo_kept, each.style_weight) for each, _, _ in fake.asked] == [(0.5, 1000.0), *[(0.0, 77.0)] * 4]


def test_the_time_left_is_told_before_the_first_frame_and_after_each(fake: Engine, clip: Path, tmp_path: Path) -> None:
    records = paint(clip, tmp_path / "out.mp4")
    assert records[0].eta > 0
    left = [each.eta for each in records if each.picture is not None]
    assert all(seconds is not None and seconds >= 0 for seconds in left)
    assert left[-1] == 0


def test_a_film_that_would_not_fit_on_the_disk_is_refused(
    fake: Engine, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 40_000})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(FilmError, match=r"-o: expected 0.0 GB of room for 5 frames of 64x48 px"):
        paint(clip, tmp_path / "out.mp4")
    assert not fake.asked


def test_a_film_cannot_start_from_a_picture(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(FilmError, match="init: expected content, noise or blend for a film's first frame"):
        stylize_film(clip, [PAINTING], tmp_path / "out.mp4", CONFIG.with_changes(init="picture"))


# The real engine


@pytest.mark.slow
def test_a_film_flickers_less_than_its_frames_by_themselves(tmp_path: Path) -> None:
    source, config = tmp_path / "clip", FilmConfig(size=64, steps=10)
    source.mkdir()
    painting = resize(load_gallery().find("irises", "painting").read().pixels, 64)
    frames = list(CLIPS["camera"](3, 64))
    for number, frame in enumerate(frames):
        (source / f"{number}.png").write_bytes(encode_png(frame))
    list(stylize_film(source, [painting], tmp_path / "out.mp4", config, RUN, keep_frames=True))
    painted = [read_picture_file(file).pixels for file in sorted((tmp_path / "out.mp4.frames").glob("*.png"))]
    alone = []
    for frame in frames:
        *_, last = engine.stylize(frame, [painting], config.first_frame(), RUN, preview_seconds=None)
        alone.append(last.picture())
    np.testing.assert_array_equal(painted[0], alone[0])
    assert flicker(frames, painted)["squares"] < 0.5 * flicker(frames, alone)["squares"]
    assert all(not np.array_equal(*pair) for pair in pairwise(painted))


def test_a_frame_is_held_to_its_target_where_that_is_trusted(tmp_path: Path) -> None:
    frame = moving(1)[0]
    weights = np.zeros(SHAPE, np.float32)
    weights[:, :32] = 1
    target = TemporalTarget(255 - (255 - frame) // 8 * 7, weights)  # a little brighter
    config = StyleTransferConfig(size=64, steps=8, init="picture", temporal_weight=1e5)
    *_, last = engine.stylize(frame, [PAINTING], config, RUN, initial=frame, temporal=target, preview_seconds=None)
    error = np.abs(last.picture().astype(int) - target.picture)
    assert error[:, :24].mean() < 0.5 * error[:, 40:].mean()
    assert 0 < last.losses.temporal < 2e-3
