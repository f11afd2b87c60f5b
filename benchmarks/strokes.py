"""Strokes keep their size: ``python -m benchmarks.strokes`` writes a strip for looking at.

From left to right: the 512 px result; a 1536 px result, scaled down to 512 px; the same without coarse to fine. The
network's receptive field is 156 px wide, so without the smaller sizes first the strokes of a large picture come out a
third as large.
"""

import argparse
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from nst.pictures.codec import Pixels, resize
from nst.pictures.gallery import load_gallery

LOOKS = Path(__file__).parent / "looks"
GAP = 6


def main(argv: Sequence[str] | None = None) -> None:
    """Paint the three and write the strip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photo", default="raccoon")
    parser.add_argument("--painting", default="wheat-field-with-cypresses")
    parser.add_argument("--size", type=int, default=1536, help="of the large result")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--output", type=Path, default=LOOKS / "strokes.jpg")
    options = parser.parse_args(argv)
    pictures = [
        painted(options, size, coarse_to_fine)
        for size, coarse_to_fine in ((512, True), (options.size, True), (options.size, False))
    ]
    white = np.full((resize(pictures[0], 512).shape[0], GAP, 3), 255, np.uint8)
    small = [resize(each, 512) for each in pictures]
    strip = np.hstack([small[0], white, small[1], white, small[2]])
    Image.fromarray(strip).save(options.output, quality=88)


def painted(options: argparse.Namespace, size: int, coarse_to_fine: bool) -> Pixels:
    """Return the photo in the manner of the painting at one size, larger than its file if need be."""
    from nst.config import StyleTransferConfig
    from nst.engine.transfer import stylize

    gallery = load_gallery()
    photo, painting = gallery.find(options.photo, "photo"), gallery.find(options.painting, "painting")
    config = StyleTransferConfig(size=size, steps=options.steps, coarse_to_fine=coarse_to_fine, upscale=True)
    records = stylize(photo.read().pixels, [painting.read().pixels], config, preview_seconds=None)
    picture = deque(records, maxlen=1).pop().picture()
    print(f"{size} px, coarse to fine: {coarse_to_fine}", flush=True)
    return picture


if __name__ == "__main__":
    main()
