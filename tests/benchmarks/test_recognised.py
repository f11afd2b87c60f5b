"""What the eye finds of a photo: sheets, scores and rank correlations."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import recognised
from benchmarks.pictures import write_png
from tests.support.reference import gallery_picture

pytestmark = pytest.mark.engine

PHOTO = gallery_picture("photos/astronaut.jpg", 128, 128)
OTHER = gallery_picture("paintings/irises.jpg", 128, 128)


def test_rank_correlation_by_hand() -> None:
    assert recognised.spearman([1, 2, 3], [10, 20, 1000]) == pytest.approx(1)
    assert recognised.spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    # Ranks 0, 1.5, 1.5, 3 and 0, 2, 1, 3: 4.5 / sqrt(4.5 * 5).
    assert recognised.spearman([1, 2, 2, 3], [1, 5, 4, 9]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)


def test_sheets_show_each_picture_once_and_scores_find_back_to_it(tmp_path: Path) -> None:
    pictures, sheets = tmp_path / "pictures", tmp_path / "sheets"
    pictures.mkdir()
    names = [f"combined--astronaut--{number}" for number in range(11)]
    for name in names:
        write_png(pictures / f"{name}.png", np.full((20, 20, 3), 90, np.uint8))
    recognised.main(["sheets", str(pictures), str(sheets), "--seed", "3"])
    assert sorted(file.name for file in sheets.glob("*.png")) == ["sheet1.png", "sheet2.png"]
    order = json.loads((sheets / "order.json").read_text())
    assert sorted(order) == sorted(names) != order
    lines = [f"{number}: {7 * number}" for number in range(1, 12)]
    (sheets / "answer.txt").write_text("Here they are.\n" + "\n".join(lines))
    assert recognised.scores(sheets) == {name: 7 * number for number, name in enumerate(order, start=1)}
    (sheets / "answer.txt").write_text("\n".join(lines[1:]))
    with pytest.raises(SystemExit, match="expected a score for each of 11 pictures, got 10"):
        recognised.scores(sheets)


def test_a_photo_is_explained_by_itself_and_not_by_another_picture() -> None:
    itself, other = recognised.measured(PHOTO, PHOTO), recognised.measured(PHOTO, OTHER)
    assert all(value == pytest.approx(1, abs=1e-3) for value in itself.values())
    assert all(other[name] < 0.3 for name in other if "as used" in name)


def test_measures_are_counted_by_how_they_follow_the_mean_of_the_scores() -> None:
    rows = [{"scores": [number, 2 * number], "measures": {"true": number / 9, "false": -number}} for number in range(5)]
    assert recognised.counted(rows) == {
        "viewers": {"least": 1.0, "most": 1.0}, "measures": {"true": 1.0, "false": -1.0}
    }  # fmt: skip
