"""Are JPEG's blocks painted? ``python -m benchmarks.blocks`` paints one photo by paintings whose files are coarse.

Each painting is scaled to the size at which it is used and spoiled there: coded as JPEG of a low quality, or rounded to
few grey levels. With it the photo is painted as with the clean painting, by the defaults: once with the spoiled pixels
as they are, and once as runs do it, with blocks smoothed (`nst.pictures.blocks`).

What is measured of paintings and results is `squareness`. First every painting of the gallery is spoiled by three
qualities and smoothed, without the network: are the blocks found, and is the picture nearer to the clean one? The
record, `blocks.json`, has all figures by size, and keeps those of other sizes and paintings; ``--pictures FOLDER``
keeps what was painted, for looking at and for going on.
"""

import argparse
import json
from collections import deque
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
from PIL import Image

from benchmarks.memory import this_computer
from nst.config import RunOptions, StyleTransferConfig
from nst.pictures.blocks import blockiness, deblocked
from nst.pictures.codec import Pixels, read_picture_file, resize
from nst.pictures.gallery import load_gallery

OUTPUT = Path(__file__).parent / "blocks.json"
PHOTO = "pagoda"
PAINTINGS = ("haystacks-autumn", "view-of-toledo", "kitano-tenjin-legends")
#: How a painting is spoiled: by a JPEG quality, or grey levels.
WAYS = {"quality 15": 15, "quality 30": 30, "16 levels": -16, "32 levels": -32}
#: Degrees from a direction within which a gradient counts for it, and the share of the pixels that are calm.
NEAR, CALM = 10, 0.6


def main(argv: Sequence[str] | None = None) -> None:
    """Paint all and add to the record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--painting", nargs="*", default=PAINTINGS, help="of the gallery, or files")
    parser.add_argument("--way", nargs="*", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args(argv)
    record = json.loads(options.output.read_text("utf-8")) if options.output.is_file() else {}
    record |= {"machine": this_computer(), "precision": options.precision, "photo": PHOTO}
    record["steps"] = StyleTransferConfig().steps
    figures = record.setdefault("sizes", {}).setdefault(str(options.size), {})
    figures["gallery"] = smoothed_gallery(options.size)
    figures["gallery, files of quality 15 reduced"] = reduced_gallery(options.size)
    for name in options.painting:
        clean = resize(read(name), options.size)
        rows = figures.setdefault(Path(name).stem, {})
        rows["clean"] = measured(clean, options, name, "clean")
        for way in options.way:
            spoiled = spoilt(clean, WAYS[way])
            rows[way] = measured(spoiled, options, name, way)
            smooth = deblocked(spoiled, options.size)
            if smooth is not spoiled:
                rows[f"{way}, smoothed"] = measured(smooth, options, name, f"{way}, smoothed")
        options.output.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def smoothed_gallery(size: int) -> dict[str, Any]:
    """Return what smoothing does to the whole gallery at a size, for each JPEG quality."""
    paintings = [resize(preset.read().pixels, size) for preset in load_gallery().paintings]
    figures: dict[str, Any] = {"clean, touched": sum(deblocked(each, size) is not each for each in paintings)}
    for quality in (15, 30, 50):
        spoiled = [spoilt(each, quality) for each in paintings]
        smooth = [deblocked(each, size) for each in spoiled]
        touched = [index for index, each in enumerate(smooth) if each is not spoiled[index]]
        gains = [
            decibels(smooth[index], paintings[index]) - decibels(spoiled[index], paintings[index]) for index in touched
        ]
        figures[f"quality {quality}"] = {
            "paintings": len(paintings), "touched": len(touched),
            "blockiness": round(float(np.median([blockiness(spoiled[index]) for index in touched])), 2),
            "smoothed": round(float(np.median([blockiness(smooth[index]) for index in touched])), 2),
            "decibels": [round(float(share), 2) for share in np.quantile(gains, (0, 0.5, 1))],
        }  # fmt: skip
    return figures


def reduced_gallery(size: int) -> dict[str, float]:
    """Return how square the gallery is at a size where its files are coarse and larger, over the clean pictures.

    Medians of `squareness` over that of the clean one, by how many times the file, of JPEG quality 15, is as long.
    """
    pictures = [preset.read().pixels for preset in load_gallery().paintings]
    shares: dict[str, float] = {}
    for times in (1, 1.5, 2, 3):
        own = [resize(each, round(times * size)) for each in pictures if max(each.shape) >= times * size]
        if not own:
            continue
        found = [squareness(resize(spoilt(each, 15), size)) / squareness(resize(each, size)) for each in own]
        shares[f"{times} times"] = round(float(np.median(found)), 3)
    return shares


def decibels(one: Pixels, other: Pixels) -> float:
    """Return how near two pictures are to each other: their peak signal-to-noise ratio."""
    return float(cv2.PSNR(one, other))


def read(name: str) -> Pixels:
    """Return a painting of the gallery, or of a file."""
    return (
        read_picture_file(name).pixels if Path(name).is_file() else load_gallery().find(name, "painting").read().pixels
    )


def spoilt(pixels: Pixels, way: int) -> Pixels:
    """Return a picture coded as JPEG of a quality, or rounded to so many grey levels if `way` is below 0."""
    if way < 0:
        steps = -way - 1
        return np.round(np.round(pixels / 255 * steps) / steps * 255).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=way)
    return np.asarray(Image.open(file))


def measured(painting: Pixels, options: argparse.Namespace, name: str, way: str) -> dict[str, float]:
    """Return the figures of a painting as it is, and of the photo painted by it."""
    picture = kept(painting, options, f"{Path(name).stem}, {way}")
    print(name, way, f"{squareness(painting):.2f} {squareness(picture):.2f}", flush=True)
    return {
        "blockiness": round(blockiness(painting), 3), "squareness": round(squareness(painting), 3),
        "result_blockiness": round(blockiness(picture), 3), "result_squareness": round(squareness(picture), 3),
        "result_finest": round(finest(picture), 2),
    }  # fmt: skip


def kept(painting: Pixels, options: argparse.Namespace, title: str) -> Pixels:
    """Return the photo painted by a painting; where an earlier run has kept it in the folder of pictures, that."""
    if options.pictures is None:
        return painted(painting, options)
    options.pictures.mkdir(parents=True, exist_ok=True)
    result = options.pictures / f"{title}, result.png"
    if not result.is_file():
        Image.fromarray(painting).save(options.pictures / f"{title}, painting.png")
        Image.fromarray(painted(painting, options)).save(result)
    return read_picture_file(result).pixels


def painted(painting: Pixels, options: argparse.Namespace) -> Pixels:
    """Return the photo in the manner of a painting, whose pixels are taken as they are."""
    from nst.engine.transfer import stylize

    photo = load_gallery().find(PHOTO, "photo").read().pixels
    with patch("nst.engine.transfer.deblocked", lambda pixels, long_side: pixels):
        config, how = StyleTransferConfig(size=options.size), RunOptions(precision=options.precision)
        records = stylize(photo, [painting], config, how, preview_seconds=None)
        return deque(records, maxlen=1).pop().picture()


def squareness(pixels: Pixels) -> float:
    """Return how much of the gradient in the calm parts of a picture goes along rows and columns, over diagonally.

    Squares that are painted have sides of both directions, wherever they lie; a grid in step with the pixels need not
    come of them, which is what `blockiness` would tell.
    """
    grey = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 0.7)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    lengths, angles = np.hypot(across, down), np.degrees(np.arctan2(down, across)) % 90
    calm = lengths * (lengths < np.quantile(lengths, CALM))
    along = (angles < NEAR) | (angles > 90 - NEAR)
    return float(calm[along].sum() / calm[abs(angles - 45) < NEAR].sum())


def finest(pixels: Pixels) -> float:
    """Return the root mean square of a picture's finest detail, in grey levels: what a blur of 1 px takes away."""
    return octaves(pixels)[0]


def octaves(pixels: Pixels, where: np.ndarray | None = None) -> tuple[float, float]:
    """Return the root mean square of a picture's two finest octaves, in grey levels.

    Args:
        pixels: uint8 RGB (height, width, 3).
        where: (height, width) bool, the places that count; None for all.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    once, twice = (cv2.GaussianBlur(grey, (0, 0), sigma) for sigma in (1, 2))
    chosen = slice(None) if where is None else where
    fine, coarser = (float(np.sqrt(np.square(band[chosen]).mean())) for band in (grey - once, once - twice))
    return fine, coarser


if __name__ == "__main__":
    main()
