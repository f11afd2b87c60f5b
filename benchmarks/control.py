"""Strips of pictures for each control, for looking at: ``python -m benchmarks.control`` writes benchmarks/looks/*.jpg.

Regions, the photo's colours, style scale, scale mixing, blending and doodles, each picture with its label above it; and
the README's first picture, which has none: `python -m benchmarks.control pagoda --size 512`.
"""

import argparse
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from nst.cli.main import main as main_of_nst
from nst.config.quality import STEPS
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.masks.subject import subject
from nst.pictures.codec import Pixels, encode_jpeg, read_picture_file, resize, resize_to
from nst.pictures.gallery import load_gallery

LOOKS = Path(__file__).parent / "looks"
MAPS = Path(__file__).parents[1] / "docs" / "doodle"
LABEL, GAP = 16, 6

Strip = list[tuple[str, Pixels]]


def main(argv: Sequence[str] | None = None) -> None:
    """Paint and write the strips that are asked for."""
    strips: dict[str, Callable[[int, int], Strip]] = {
        "regions": regions,
        "colours": colours,
        "scales": scales,
        "mixing": mixing,
        "blending": blending,
        "doodle": doodle,
        "pagoda": pagoda,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strips", nargs="*", metavar="STRIP", help=f"of {', '.join(strips)}; all when left out")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=STEPS["standard"])
    parser.add_argument("--output", type=Path, default=LOOKS)
    options = parser.parse_args(argv)
    for name in options.strips or strips:
        sheet = joined(strips[name](options.size, options.steps))
        (options.output / f"{name}.jpg").write_bytes(encode_jpeg(sheet, 82))
        print(name, flush=True)


def regions(size: int, steps: int) -> Strip:
    """A subject and its background with a painting each; and the subject left as the photo."""
    photo, flowers, fields = photo_of("dahlia"), painting_of("irises"), painting_of("wheat-field-with-cypresses")
    mask = subject(photo)
    inner, outer = PackedMask.of(mask), PackedMask.of(1 - mask)
    both = (Region("subject", inner, (1, 0)), Region("background", outer, (0, 1)))
    run = {"size": size, "steps": steps}
    return [
        ("photo", resize(photo, size)),
        ("mask: subject", resize(np.repeat((mask * 255).astype(np.uint8)[..., None], 3, -1), size)),
        ("one painting", painted(photo, [fields], run)),
        ("a painting each", painted(photo, [flowers, fields], run, both)),
        ("each, inside", painted(photo, [flowers, fields], {**run, "guidance": "inside"}, both)),
        ("subject as the photo", painted(photo, [flowers, fields], run, both[1:])),
    ]


def colours(size: int, steps: int) -> Strip:
    """The painting's colours, and the photo's in three ways."""
    photo, painting = photo_of("pagoda"), painting_of("wheat-field-with-cypresses")
    methods = ("none", "luminance", "monge-kantorovich", "histogram")
    runs = [{"size": size, "steps": steps, "colour": method} for method in methods]
    results = [(f"colour {run['colour']}", painted(photo, [painting], run)) for run in runs]
    return [("photo", resize(photo, size)), *results]


def scales(size: int, steps: int) -> Strip:
    """One painting at three sizes of its strokes."""
    photo, painting = photo_of("pagoda"), painting_of("wheat-field-with-cypresses")
    strip = [("photo", resize(photo, size))]
    for scale in (0.5, 1.0, 2.0):
        run = {"size": size, "steps": steps, "style_scale": scale}
        strip.append((f"style scale {scale:g}", painted(photo, [painting], run)))
    return strip


def mixing(size: int, steps: int) -> Strip:
    """The fine strokes of one painting with the forms of another."""
    photo, fine, coarse = photo_of("pagoda"), painting_of("circus-sideshow"), painting_of("wheat-field-with-cypresses")
    run = {"size": size, "steps": steps}
    return [
        ("photo", resize(photo, size)),
        ("A: circus-sideshow", painted(photo, [fine], run)),
        ("B: wheat-field", painted(photo, [coarse], run)),
        ("blocks 1-2 A, 3-5 B", painted(photo, [fine, coarse], {**run, "style_blocks": ["1-2", "3-5"]})),
        ("blocks 1-2 B, 3-5 A", painted(photo, [fine, coarse], {**run, "style_blocks": ["3-5", "1-2"]})),
    ]


def blending(size: int, steps: int) -> Strip:
    """From one painting to another."""
    photo, one, other = photo_of("pagoda"), painting_of("circus-sideshow"), painting_of("wheat-field-with-cypresses")
    strip = [("photo", resize(photo, size))]
    for share in (1.0, 0.7, 0.3, 0.0):
        run = {"size": size, "steps": steps, "style_blend_weights": [share, 1 - share]}
        strip.append((f"{share:g} A + {1 - share:g} B", painted(photo, [one, other], run)))
    return strip


def doodle(size: int, steps: int) -> Strip:
    """A picture after a drawn map, by the command that paints it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.png"
        words = ["wheat-field-with-cypresses", *(str(MAPS / name) for name in ("wheat-field.png", "hill.png"))]
        if main_of_nst(["doodle", *words, "-o", str(out), "--size", str(size), "--steps", str(steps)]) != 0:
            raise RuntimeError("the doodle was not painted")
        result = read_picture_file(out).pixels
    drawn = [read_picture_file(MAPS / name).pixels for name in ("wheat-field.png", "hill.png")]
    return [
        ("painting", resize(painting_of("wheat-field-with-cypresses"), size)),
        ("its map", resize(drawn[0], size)),
        ("a drawn map", resize(drawn[1], size)),
        ("doodle", result),
    ]


def pagoda(size: int, steps: int) -> Strip:
    """A photo, a painting, and what the defaults make of them."""
    photo, painting = photo_of("pagoda"), painting_of("wheat-field-with-cypresses")
    result = painted(photo, [painting], {"size": size, "steps": steps})
    height = result.shape[0]
    shown = (resize_to(each, height, round(height * each.shape[1] / each.shape[0])) for each in (photo, painting))
    return [("", each) for each in (*shown, result)]


def photo_of(name: str) -> Pixels:
    """Return a photo of the gallery."""
    return load_gallery().find(name, "photo").read().pixels


def painting_of(name: str) -> Pixels:
    """Return a painting of the gallery."""
    return load_gallery().find(name, "painting").read().pixels


def painted(photo: Pixels, styles: list[Pixels], settings: dict[str, Any], regions: Sequence[Region] = ()) -> Pixels:
    """Return the result of a run with these settings, all others at their defaults."""
    from nst.config import StyleTransferConfig
    from nst.engine.transfer import stylize

    config = StyleTransferConfig.from_dict(settings)
    records = stylize(photo, styles, config, regions=regions, preview_seconds=None)
    return deque(records, maxlen=1).pop().picture()


def joined(strip: Strip) -> Pixels:
    """Return the pictures side by side, each below its label, if they have any."""
    width = sum(pixels.shape[1] + GAP for _, pixels in strip) - GAP
    above = LABEL if any(label for label, _ in strip) else 0
    canvas = Image.new("RGB", (width, above + max(pixels.shape[0] for _, pixels in strip)), "white")
    draw, left = ImageDraw.Draw(canvas), 0
    for label, pixels in strip:
        draw.text((left + 2, 2), label, fill="black")
        canvas.paste(Image.fromarray(pixels), (left, above))
        left += pixels.shape[1] + GAP
    return np.asarray(canvas)


if __name__ == "__main__":
    main()
