"""Blind comparisons: sheets for viewers who do not know which picture is whose, and the count of their votes.

`python -m benchmarks.panel sheets PICTURES SHEETS --of ours today` makes sheets for any two contenders and each photo
and painting: the two originals above, two results below, as A and B. There are two of each, the other way round, in
random order; `key.json` says whose is whose, and no viewer sees it. PICTURES has a folder for each photo and painting,
with `photo.png`, `painting.png` and a PNG of each contender.

`python -m benchmarks.panel count SHEETS VOTES.json ...` reads the votes, one file a viewer: for each sheet's number and
question "A", "B" or "=". It prints the share of the votes for the first contender, half of the ties among them, with a
95 % interval from resampling the pairs of pictures.
"""

import argparse
import json
import random
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.pictures import fitted, read_rgb

QUESTIONS = ("photo", "painting", "clean", "hang")
#: Long side of a picture on a sheet, in pixels; margins between them.
SIDE, GAP = 640, 24
RESAMPLES = 2000


def make_sheets(pictures: Path, sheets: Path, contenders: Sequence[str], seed: int) -> None:
    """Write the sheets, in random order, and their key."""
    chance = random.Random(seed)
    rows = [
        {"pair": folder.name, "A": one, "B": other}
        for folder in sorted(each for each in pictures.iterdir() if each.is_dir())
        for pair in combinations(contenders, 2)
        for one, other in (pair, pair[::-1])
        if all((folder / f"{name}.png").exists() for name in pair)
    ]
    chance.shuffle(rows)
    sheets.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(rows):
        folder = pictures / row["pair"]
        names = ("photo", "painting", row["A"], row["B"])
        sheet([read_rgb(folder / f"{name}.png") for name in names]).save(sheets / f"{number:03d}.png")
    (sheets / "key.json").write_text(json.dumps(rows, indent=1))


def sheet(pictures: Sequence[np.ndarray]) -> Image.Image:
    """Return photo and painting in small above, and results A and B below."""
    sides = (SIDE // 2, SIDE // 2, SIDE, SIDE)
    images = [Image.fromarray(fitted(*each, upscale=True)) for each in zip(pictures, sides, strict=True)]
    heights = [max(each.height for each in images[row : row + 2]) for row in (0, 2)]
    canvas = Image.new("RGB", (2 * SIDE + 3 * GAP, sum(heights) + 4 * GAP), "white")
    draw = ImageDraw.Draw(canvas)
    for index, (label, picture) in enumerate(zip(("photo", "painting", "A", "B"), images, strict=True)):
        left = GAP + index % 2 * (SIDE + GAP)
        top = GAP if index < 2 else heights[0] + 3 * GAP
        draw.text((left, top - GAP // 2 - 4), label, fill="black")
        canvas.paste(picture, (left, top + GAP // 4))
    return canvas


def count(sheets: Path, votes: Iterable[Path]) -> dict[str, Any]:
    """Return for each two contenders and question the share of votes for the first one, and what is sure of it."""
    key = json.loads((sheets / "key.json").read_text())
    scores: dict[tuple[str, str, str], dict[str, list[float]]] = {}
    for file in votes:
        for number, answers in json.loads(file.read_text()).items():
            row = key[int(number)]
            one, other = sorted((row["A"], row["B"]))
            for question in QUESTIONS:
                chosen = {"A": row["A"], "B": row["B"]}.get(answers.get(question))
                score = 0.5 if chosen is None else float(chosen == one)
                scores.setdefault((one, other, question), {}).setdefault(row["pair"], []).append(score)
    return {" / ".join(names): _summary(by_pair) for names, by_pair in sorted(scores.items())}


def _summary(by_pair: dict[str, list[float]]) -> dict[str, Any]:
    means = np.array([np.mean(each) for each in by_pair.values()])
    chance = np.random.default_rng(0)
    drawn = [chance.choice(means, len(means)).mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    figures = {"share": float(means.mean()), "low": float(low), "high": float(high)}
    return {
        **{name: round(value, 3) for name, value in figures.items()},
        "votes": sum(map(len, by_pair.values())),
        "pairs": {pair: round(float(np.mean(each)), 3) for pair, each in sorted(by_pair.items())},
    }


def main() -> None:
    """Make the sheets or count the votes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.panel", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("sheets", help="make the sheets")
    making.add_argument("pictures", type=Path)
    making.add_argument("sheets", type=Path)
    making.add_argument("--of", nargs="+", required=True, metavar="CONTENDER")
    making.add_argument("--seed", type=int, default=0)
    counting = commands.add_parser("count", help="count the votes")
    counting.add_argument("sheets", type=Path)
    counting.add_argument("votes", type=Path, nargs="+")
    options = parser.parse_args()
    if options.command == "sheets":
        make_sheets(options.pictures, options.sheets, options.of, options.seed)
    else:
        print(json.dumps(count(options.sheets, options.votes), indent=1))


if __name__ == "__main__":
    main()
