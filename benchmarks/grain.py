"""How much grain is painted? ``python -m benchmarks.grain`` writes benchmarks/grain.json.

Some photos are painted in three ways: as in the paper, by the statistics of the default alone, and by the default with
its last pass. What is measured of each picture is its finest detail (`benchmarks.blocks.octaves`, the one of one
pixel), over that of the painting at the size at which it is used: 1 is as fine as the painting, more is grain. Once
over the whole picture, and once where the photo is calm, since specks, ripples and lattices are seen in skies and
walls. The next octave, of two pixels, tells whether brushwork goes with the grain.
"""

import argparse
import json
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.blocks import octaves
from benchmarks.memory import this_computer
from benchmarks.pictures import write_png
from nst.config import PAPER, RunOptions, StyleTransferConfig
from nst.engine.transfer import stylize
from nst.pictures.codec import Pixels, resize, resize_to
from nst.pictures.gallery import load_gallery

OUTPUT = Path(__file__).with_suffix(".json")
PAIRS = (
    ("pagoda", "wheat-field-with-cypresses"),
    ("pagoda", "mada-primavesi"),
    ("raccoon", "circus-sideshow"),
    ("grace-hopper", "self-portrait-with-a-straw-hat"),
    ("serengeti", "harvesters"),
    ("abbey-arches", "view-of-toledo"),
    ("coffee", "maharana-inspects-a-stallion"),
    ("astronaut", "boating"),
)
#: The settings of each way to paint; the first one has the steps that it was used with.
WAYS = {
    "paper": PAPER.with_changes(steps=75),
    "statistics": StyleTransferConfig(method="statistics"),
    "default": StyleTransferConfig(),
}
#: Share of the photo that is calm.
CALM = 0.4

Record = dict[str, Any]


def calm(photo: Pixels) -> np.ndarray:
    """Return where a photo (height, width, 3) changes least, (height, width) bool."""
    grey = cv2.GaussianBlur(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 2)
    slope = cv2.GaussianBlur(np.hypot(*(cv2.Sobel(grey, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))), (0, 0), 3)
    return slope <= np.quantile(slope, CALM)


def compared(picture: Pixels, photo: Pixels, painting: Pixels) -> Record:
    """Return a picture's octaves over those of its painting, over the whole picture and where the photo is calm."""
    aim = octaves(painting)
    found = {"whole": octaves(picture), "calm": octaves(picture, calm(resize_to(photo, *picture.shape[:2])))}
    return {
        place: {name: round(own / of, 2) for name, own, of in zip(("finest", "next"), values, aim, strict=True)}
        for place, values in found.items()
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Paint the pairs in all ways and write the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grain", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--pictures", type=Path, help="folder that the pictures are kept in")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(argv)
    gallery, rows = load_gallery(), []
    for names in PAIRS[: options.pairs]:
        photo, painting = (
            gallery.find(names[0], "photo").read().pixels,
            gallery.find(names[1], "painting").read().pixels,
        )
        for way, settings in WAYS.items():
            config = settings.with_changes(size=options.size)
            records = stylize(photo, [painting], config, RunOptions(precision=options.precision), preview_seconds=None)
            picture = deque(records, maxlen=1).pop().picture()
            rows.append({"pair": names, "way": way, **compared(picture, photo, resize(painting, options.size))})
            print(json.dumps(rows[-1]), flush=True)
            if options.pictures:
                options.pictures.mkdir(parents=True, exist_ok=True)
                write_png(options.pictures / f"{'--'.join(names)}--{way}.png", picture)
    record = {"size": options.size, "pairs": rows, "medians": medians(rows), "machine": this_computer()}
    options.output.write_text(json.dumps(record, indent=1) + "\n")


def medians(rows: Sequence[Record]) -> Record:
    """Return the median of each figure by way and place."""
    return {
        way: {
            place: {
                name: round(float(np.median([row[place][name] for row in rows if row["way"] == way])), 2)
                for name in ("finest", "next")
            }
            for place in ("whole", "calm")
        }
        for way in dict.fromkeys(row["way"] for row in rows)
    }


if __name__ == "__main__":
    main()
