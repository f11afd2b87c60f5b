"""How true `photo_kept` is: which pairs are painted, how a record goes on, and how shares are counted."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import kept
from benchmarks.drawn import NAMES, drawn
from nst.config import StyleTransferConfig
from nst.pictures.gallery import load_gallery
from tests.support.reference import gallery_picture

pytestmark = pytest.mark.engine


def test_drawn_pictures_are_twelve_different_ones_and_the_same_each_time() -> None:
    pictures, again = drawn(), drawn()
    assert len(pictures) == 12
    for name, pixels in pictures.items():
        assert pixels.dtype == np.uint8
        assert pixels.std() > 10, name
        np.testing.assert_array_equal(pixels, again[name])
    assert len({pixels.tobytes() for pixels in pictures.values()}) == 12


def test_every_painting_meets_every_photo_and_every_drawn_picture_is_painting_and_photo() -> None:
    pairs = [pair for method, pair in kept.wanted(("combined",), kept.PHOTOS) if method == "combined"]
    paintings = [preset.id for preset in load_gallery().paintings]
    gallery = {(pair.photo, pair.painting) for pair in pairs if pair.group == "gallery"}
    assert gallery == {(photo, painting) for photo in kept.PHOTOS for painting in paintings}
    assert sorted(pair.painting for pair in pairs if pair.group == "drawn painting") == sorted(NAMES)
    assert sorted(pair.photo for pair in pairs if pair.group == "drawn photo") == sorted(NAMES)
    assert len(pairs) == len(set(pairs)) == 3 * len(paintings) + 24


def test_a_record_goes_on_where_it_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def measured(photo, painting, config, precision):
        calls.append(config.method)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return photo, {"asked": 0.6, "style_weight": 900.0, "small": {"kept": 0.65}, "full": {"kept": 0.75}}

    monkeypatch.setattr(kept, "measured", measured)
    output = tmp_path / "kept.json"
    words = ["--output", str(output), "--groups", "drawn painting", "--precision", "float32", "--steps", "40"]
    with pytest.raises(KeyboardInterrupt):
        kept.main(words)
    assert len(json.loads(output.read_text())["pairs"]) == 4
    kept.main(words)
    assert len(calls) == 5 + 20
    record = json.loads(output.read_text())
    assert len({(row["method"], row["painting"]) for row in record["pairs"]}) == 24
    assert record["summary"]["neighbours"]["drawn painting"]["small"]["kept"]["pairs"] == 12
    with pytest.raises(SystemExit, match=r"expected a record made with .*'steps': 25.*, got one with .*'steps': 40"):
        kept.main([*words[:-1], "25"])


def test_shares_at_the_edge_of_the_band_are_within_it() -> None:
    found = kept.distribution([(0.49, 0.6), (0.5, 0.6), (0.6, 0.6), (0.7, 0.6), (0.701, 0.6), (0.85, 0.75)])
    assert found == {
        "pairs": 6, "min": 0.49, "10%": 0.495, "median": 0.65, "90%": 0.775, "max": 0.85, "within": 0.667
    }  # fmt: skip


def test_photos_without_a_subject_do_not_count_among_the_subjects() -> None:
    row = {"method": "combined", "group": "gallery", "asked": 0.6}
    with_subject = {"kept": 0.6, "subject": 0.8}
    rows = [
        {**row, "small": with_subject, "full": with_subject},
        {**row, "small": {"kept": 0.4}, "full": {"kept": 0.5}},
    ]
    found = kept.summary(rows)["combined"]["gallery"]
    assert found["small"]["kept"]["median"] == 0.5
    assert (found["small"]["subject"]["pairs"], found["small"]["subject"]["median"]) == (1, 0.8)
    assert found["full"]["kept"]["within"] == 1.0


def test_a_photo_keeps_all_of_itself_at_both_sizes_and_another_picture_next_to_nothing() -> None:
    photo, painting = gallery_picture("photos/astronaut.jpg", 160, 160), drawn()["mosaic"]
    config = StyleTransferConfig(size=160)
    found = kept.shares(photo, painting, photo, config, "float32", before=painting[:160, :160])
    assert found.keys() == set(kept.SIZES)
    for each in found.values():
        assert each["kept"] == each["subject"] == 1.0
        assert abs(each["before"]) < 0.2


def test_a_contact_sheet_has_a_row_for_each_eight_pictures() -> None:
    sheet = kept.sheet([("0.60 irises", np.full((20, 40, 3), 200, np.uint8))] * 9)
    assert sheet.size == (kept.COLUMNS * kept.CELL, 2 * (kept.CELL + kept.LABEL))
