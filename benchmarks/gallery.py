"""Every painting of the gallery on some photos, for looking at: ``python -m benchmarks.gallery --output FOLDER``.

Writes each result, a strip of photo, painting and result, and for each photo one contact sheet with every painting
above what it makes of the photo.
"""

import argparse
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from nst.pictures.codec import Pixels, resize
from nst.pictures.gallery import Preset, load_gallery

CELL = 300
COLUMNS = 5
LABEL = 14
GAP = 6


def main(argv: Sequence[str] | None = None) -> None:
    """Paint and write the results and the sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", nargs="+", default=["pagoda", "grace-hopper"])
    parser.add_argument("--paintings", nargs="+", default=[], help="all of them when left out")
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(argv)
    gallery = load_gallery()
    paintings = [gallery.find(name, "painting") for name in options.paintings] or list(gallery.paintings)
    options.output.mkdir(parents=True, exist_ok=True)
    for name in options.photos:
        photo = gallery.find(name, "photo")
        results = []
        for painting in paintings:
            results.append(painted(photo, painting, options.size, options.steps))
            Image.fromarray(results[-1]).save(options.output / f"{photo.id}--{painting.id}.png")
            strip(photo, painting, results[-1]).save(options.output / f"{photo.id}--{painting.id}.jpg", quality=90)
            print(photo.id, painting.id, flush=True)
        sheet(paintings, results).save(options.output / f"{photo.id}.jpg", quality=88)


def painted(photo: Preset, painting: Preset, size: int, steps: int) -> Pixels:
    """Return `photo` in the manner of `painting`, with the painting's own settings."""
    from nst.config import StyleTransferConfig
    from nst.engine.transfer import stylize

    config = StyleTransferConfig(size=size, steps=steps).with_changes(**painting.settings)
    records = stylize(photo.read().pixels, [painting.read().pixels], config, preview_seconds=None)
    return deque(records, maxlen=1).pop().picture()


def strip(photo: Preset, painting: Preset, result: Pixels) -> Image.Image:
    """Return photo, painting and result side by side, all as high as the result."""
    height = result.shape[0]
    pictures = []
    for pixels in (photo.read().pixels, painting.read().pixels, result):
        image = Image.fromarray(pixels)
        pictures.append(image.resize((round(image.width * height / image.height), height), Image.Resampling.LANCZOS))
    canvas = Image.new("RGB", (sum(each.width + GAP for each in pictures) - GAP, height), "white")
    left = 0
    for each in pictures:
        canvas.paste(each, (left, 0))
        left += each.width + GAP
    return canvas


def sheet(paintings: Sequence[Preset], results: Sequence[Pixels]) -> Image.Image:
    """Return the contact sheet: `COLUMNS` pairs a row, each painting above its result."""
    rows = -(-len(paintings) // COLUMNS)
    height = 2 * CELL + LABEL
    canvas = Image.new("RGB", (COLUMNS * CELL, rows * height), "white")
    draw = ImageDraw.Draw(canvas)
    for index, (painting, result) in enumerate(zip(paintings, results, strict=True)):
        left, top = index % COLUMNS * CELL, index // COLUMNS * height
        draw.text((left + 2, top), painting.id, fill="black")
        canvas.paste(Image.fromarray(resize(painting.read().pixels, CELL - 4)), (left, top + LABEL))
        canvas.paste(Image.fromarray(resize(result, CELL - 4)), (left, top + LABEL + CELL))
    return canvas


if __name__ == "__main__":
    main()
