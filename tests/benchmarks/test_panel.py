"""The blind comparison: sheets that tell nothing, and votes that are counted for whom they were given."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.panel import QUESTIONS, count, make_sheets


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    for pair in ("one", "two"):
        folder = tmp_path / "pictures" / pair
        folder.mkdir(parents=True)
        for level, name in enumerate(("photo", "painting", "ours", "theirs")):
            Image.fromarray(np.full((30, 40, 3), 60 * level, np.uint8)).save(folder / f"{name}.png")
    make_sheets(tmp_path / "pictures", tmp_path / "sheets", ("ours", "theirs"), seed=3)
    return tmp_path / "sheets"


def test_each_two_results_are_shown_both_ways_round(sheets: Path) -> None:
    key = json.loads((sheets / "key.json").read_text())
    assert sorted((row["pair"], row["A"]) for row in key) == [
        (pair, name) for pair in ("one", "two") for name in ("ours", "theirs")
    ]
    assert sorted(each.name for each in sheets.glob("*.png")) == [f"{number:03d}.png" for number in range(4)]
    first = np.asarray(Image.open(sheets / "000.png"))
    left = {"ours": 120, "theirs": 180}[key[0]["A"]]
    assert first[-100, 100, 0] == left, "A is on the left, below the originals"


def test_votes_are_counted_for_whom_they_were_given(sheets: Path, tmp_path: Path) -> None:
    key = json.loads((sheets / "key.json").read_text())
    votes = {}
    for number, row in enumerate(key):
        ours = "A" if row["A"] == "ours" else "B"
        votes[f"{number:03d}"] = dict.fromkeys(QUESTIONS, ours if row["pair"] == "one" else "=")
    (tmp_path / "votes.json").write_text(json.dumps(votes))
    found = count(sheets, [tmp_path / "votes.json"])
    assert set(found) == {f"ours / theirs / {name}" for name in QUESTIONS}
    figures = found["ours / theirs / hang"]
    assert figures["pairs"] == {"one": 1, "two": 0.5}
    assert (figures["share"], figures["votes"]) == (0.75, 4)
    assert figures["low"] <= 0.75 <= figures["high"]
