"""Which measure of "how much of the photo stays" agrees with the eye: ``python -m benchmarks.recognised``.

`python -m benchmarks.recognised sheets PICTURES SHEETS --seed N` makes numbered sheets for one viewer: each photo
beside a picture that was painted from it, in random order, without the painting. PICTURES are as `benchmarks.kept
--pictures` leaves them. A viewer says for each number, from 0 to 100, how much of the photo is still there at first
sight.

`python -m benchmarks.recognised count PICTURES SHEETS ...` reads each folder's `answer.txt`, with a line "number:
score" for each picture, measures the pictures, and writes benchmarks/recognised.json: each picture's scores and
measures, and the rank correlation (Spearman) of each measure with the mean score.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw

from benchmarks.drawn import drawn
from benchmarks.pictures import read_rgb
from benchmarks.quality import machine
from nst.config import StyleTransferConfig
from nst.engine.canvas import as_tensor
from nst.engine.run_plan import EDGE
from nst.engine.strength import SUBJECT_SHARE, centred, explained
from nst.engine.vgg import Network, feature_maps
from nst.errors import MaskError
from nst.masks.mask import Mask, resized
from nst.masks.subject import subject
from nst.pictures.codec import Pixels, fitted_shape, resize_to
from nst.pictures.gallery import load_gallery

OUTPUT = Path(__file__).with_suffix(".json")
#: Pictures on a sheet, in a row of it, and the longest side of one in pixels.
ON_SHEET, COLUMNS, SIDE = 10, 2, 380
#: Long sides at which the features are compared.
SIZES = (96, 128, 192, 256)

Record = dict[str, Any]


def concordance(one: tf.Tensor, other: tf.Tensor, part: Mask) -> float:
    """Return 2 <a, b> / (<a, a> + <b, b>) of feature maps (1, h, w, C) without their means: the measure until 0.2.

    It is the concordance of Lin 1989, "A concordance correlation coefficient to evaluate reproducibility", but for the
    means.
    """
    weights = tf.constant(resized(part, tuple(one.shape[1:3]))[..., None])
    one, other = (centred(tf.cast(each[0], tf.float32), weights) for each in (one, other))
    shared, *own = (tf.reduce_sum(weights * a * b) for a, b in ((one, other), (one, one), (other, other)))
    return float(tf.math.divide_no_nan(2 * shared, tf.add_n(own)))


MEASURES: dict[str, Callable[[tf.Tensor, tf.Tensor, Mask], float]] = {
    "explained": explained,
    "concordance": concordance,
}


def make_sheets(pictures: Path, sheets: Path, seed: int) -> None:
    """Write the sheets of one viewer and, for the count alone, the pictures' order."""
    photos = _photos()
    files = sorted(pictures.glob("*.png"))
    random.Random(seed).shuffle(files)
    sheets.mkdir(parents=True, exist_ok=True)
    cell = (2 * SIDE + 40, SIDE + 40)
    for begin in range(0, len(files), ON_SHEET):
        some = files[begin : begin + ON_SHEET]
        canvas = Image.new("RGB", (COLUMNS * cell[0], -(-len(some) // COLUMNS) * cell[1]), "white")
        draw = ImageDraw.Draw(canvas)
        for place, file in enumerate(some):
            left, top = place % COLUMNS * cell[0], place // COLUMNS * cell[1]
            picture = read_rgb(file)
            shape = fitted_shape(picture.shape[0], picture.shape[1], SIDE)
            draw.text((left + 4, top + 2), f"number {begin + place + 1}", fill="black", font_size=24)
            for column, each in enumerate((photos[_photo_of(file.stem)], picture)):
                canvas.paste(Image.fromarray(resize_to(each, *shape)), (left + 4 + column * (SIDE + 16), top + 34))
        canvas.save(sheets / f"sheet{begin // ON_SHEET + 1}.png")
    (sheets / "order.json").write_text(json.dumps([file.stem for file in files]))


def scores(sheets: Path) -> dict[str, int]:
    """Return one viewer's score of each picture by its name."""
    order = json.loads((sheets / "order.json").read_text())
    lines = re.findall(r"^\s*(\d+)\s*:\s*(\d+)", (sheets / "answer.txt").read_text(), re.MULTILINE)
    found = {order[int(number) - 1]: int(score) for number, score in lines}
    if found.keys() != set(order):
        raise SystemExit(f"{sheets}: expected a score for each of {len(order)} pictures, got {len(found)}.")
    return found


def measured(photo: Pixels, picture: Pixels) -> dict[str, float]:
    """Return all measures of a picture and its photo, uint8 RGB: of the whole, of the subject, and of both."""
    shape = (picture.shape[0], picture.shape[1])
    try:
        mask = subject(resize_to(photo, *shape))
    except MaskError:
        mask = np.ones(shape, np.float32)
    network = Network.of(StyleTransferConfig(method="statistics"), "float32", EDGE)
    found: dict[str, float] = {}
    for side in SIZES:
        small = fitted_shape(*shape, side)
        (one,), (other,) = (feature_maps(network, as_tensor(resize_to(each, *small)))[0] for each in (picture, photo))
        for name, measure in MEASURES.items():
            whole, part = (measure(one, other, each) for each in (np.ones(small, np.float32), resized(mask, small)))
            found[f"{name} at {side} px, whole"] = whole
            found[f"{name} at {side} px, subject"] = part
            found[f"{name} at {side} px, halves"] = (whole + part) / 2
            found[f"{name} at {side} px, as used"] = (1 - SUBJECT_SHARE) * whole + SUBJECT_SHARE * part
    return {name: round(value, 3) for name, value in found.items()}


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the rank correlation; equal values have the mean of their ranks."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: Sequence[float]) -> np.ndarray:
    in_order = np.sort(values)
    return (np.searchsorted(in_order, values, "left") + np.searchsorted(in_order, values, "right") - 1) / 2


def counted(rows: Sequence[Mapping[str, Any]]) -> Record:
    """Return how the viewers agree with each other, and each measure with the mean of their scores.

    Args:
        rows: With `scores`, one of each viewer, and `measures` by name.
    """
    by_viewer = np.array([row["scores"] for row in rows], float).T
    mean = by_viewer.mean(axis=0)
    agree = [spearman(one, other) for one, other in combinations(by_viewer, 2)]
    measures = {name: round(spearman([row["measures"][name] for row in rows], mean), 2) for name in rows[0]["measures"]}
    return {"viewers": {"least": round(min(agree), 2), "most": round(max(agree), 2)}, "measures": measures}


def main(argv: Sequence[str] | None = None) -> None:
    """Make the sheets or count the scores."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognised", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("sheets", help="make the sheets of one viewer")
    making.add_argument("pictures", type=Path)
    making.add_argument("sheets", type=Path)
    making.add_argument("--seed", type=int, default=0)
    counting = commands.add_parser("count", help="measure the pictures and count the scores")
    counting.add_argument("pictures", type=Path)
    counting.add_argument("sheets", type=Path, nargs="+")
    counting.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(argv)
    if options.command == "sheets":
        make_sheets(options.pictures, options.sheets, options.seed)
        return
    photos, given = _photos(), [scores(each) for each in options.sheets]
    rows = [
        {
            "picture": name,
            "scores": [each[name] for each in given],
            "measures": measured(photos[_photo_of(name)], read_rgb(options.pictures / f"{name}.png")),
        }
        for name in sorted(given[0])
    ]
    record = {"summary": counted(rows), "pictures": rows, "machine": machine()}
    options.output.write_text(json.dumps(record, indent=1) + "\n")


def _photo_of(name: str) -> str:
    """Return the name of the photo of a picture, which is [METHOD--]PHOTO--PAINTING."""
    return name.split("--")[-2]


def _photos() -> dict[str, Pixels]:
    return {**{preset.id: preset.read().pixels for preset in load_gallery().photos}, **drawn()}


if __name__ == "__main__":
    main()
