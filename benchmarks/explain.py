"""The page's own pictures, painted by this engine: ``python -m benchmarks.explain``.

Writes the finished example of the first sight, the small pictures of the looks, of the wall and of the guide and the
pictures of "How it works" into nst/ui/about/pictures, each at the settings that its panel names. About fifteen minutes
on two cores.
"""

import argparse
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.nearest import neighbour_pictures
from nst.config import LOOKS, PAPER, RunOptions, StyleTransferConfig
from nst.layers import LAYERS
from nst.pictures.codec import Pixels, encode_jpeg, resize
from nst.pictures.gallery import load_gallery
from nst.ui.about.illustrations import (
    EXAMPLE,
    FOLDER,
    GUIDE,
    LOOKS_EXAMPLE,
    PAINTED_SIDE,
    PLACES,
    RECONSTRUCTIONS,
    STARTS,
    STRENGTHS,
    TEXTURES,
    WALL,
    Example,
)

SIDE = 256
#: Of the looks: as they are painted, and as small as they are shown.
LOOK_SIDE, SMALL_SIDE = 256, 168


def main(argv: Sequence[str] | None = None) -> None:
    """Paint and write the pictures whose names begin with one of those given; without any, all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[""])
    wanted = tuple(parser.parse_args(argv).names)
    FOLDER.mkdir(exist_ok=True)
    for name, config in pictures().items():
        if name.startswith(wanted):
            result = painted(EXAMPLE, config)
            quality = 82 if name == "example" else 78
            (FOLDER / f"{name}.jpg").write_bytes(encode_jpeg(result, quality))
            print(name, result.shape, flush=True)
    for look in LOOKS:
        name = f"look-{look.name}"
        if name.startswith(wanted):
            config = StyleTransferConfig.from_dict(look.settings).with_changes(size=LOOK_SIDE, crop=1.0)
            small = resize(painted(LOOKS_EXAMPLE, config), SMALL_SIDE)
            (FOLDER / f"{name}.jpg").write_bytes(encode_jpeg(small, 74))
            print(name, small.shape, flush=True)
    for each in dict.fromkeys((*WALL, *(each for pair in GUIDE for each in pair))):
        if each.name.startswith(wanted):
            settings = next(look.settings for look in LOOKS if look.name == each.look)
            result = painted(each, StyleTransferConfig.from_dict(settings).with_changes(size=PAINTED_SIDE))
            (FOLDER / f"{each.name}.jpg").write_bytes(encode_jpeg(result, 76))
            print(each.name, result.shape, flush=True)
    if "photo".startswith(wanted):
        write_sources(EXAMPLE, FOLDER)
    for name, marked in neighbour_pictures(*sources(EXAMPLE), PLACES).items():
        if name.startswith(wanted):
            (FOLDER / f"{name}.jpg").write_bytes(encode_jpeg(marked, 80))
            print(name, marked.shape, flush=True)


def pictures() -> dict[str, StyleTransferConfig]:
    """Return the settings of each picture by its file's name: the paper's, but for two of the page's own."""
    found: dict[str, dict[str, Any]] = {}
    for layer in RECONSTRUCTIONS:
        # A start from noise at the final size, so that nothing of the photo is there but what the layer keeps.
        found[f"content-{layer}"] = {
            "content_layers": [layer], "style_weight": 0, "init": "noise",
            "coarse_to_fine": False, "steps": 300,
        }  # fmt: skip
    for layer in TEXTURES:
        shallower = [each for each in LAYERS[: LAYERS.index(layer) + 1] if each in TEXTURES]
        found[f"style-{layer}"] = {"style_layers": shallower, "content_weight": 0, "init": "noise", "steps": 150}
    found |= {f"strength-{beta}": {"style_weight": beta} for beta in STRENGTHS}
    found |= {f"start-{percent}": {"init": "blend", "noise_ratio": percent / 100} for percent in STARTS}
    shown = {name: PAPER.with_changes(size=SIDE, **settings) for name, settings in found.items()}
    neighbours = StyleTransferConfig(method="neighbours", size=SIDE)
    return {"example": StyleTransferConfig(size=768), "neighbours-result": neighbours, **shown}


def painted(example: Example, config: StyleTransferConfig) -> Pixels:
    """Return the example's photo and painting, painted with these settings."""
    from nst.engine.transfer import stylize

    photo, painting = sources(example)
    # A layer's features alone show the rounding of bfloat16.
    options = RunOptions(precision="auto" if config.style_weight else "float32")
    records = stylize(photo, [painting], config, options, preview_seconds=None)
    return deque(records, maxlen=1).pop().picture()


def sources(example: Example) -> tuple[Pixels, Pixels]:
    """Return an example's photo and painting."""
    gallery = load_gallery()
    presets = (gallery.find(example.photo, "photo"), gallery.find(example.painting, "painting"))
    photo, painting = (preset.read().pixels for preset in presets)
    return photo, painting


def write_sources(example: Example, folder: Path) -> None:
    """Write the photo and the painting at the size of the others."""
    for name, pixels in zip(("photo", "painting"), sources(example), strict=True):
        (folder / f"{name}.jpg").write_bytes(encode_jpeg(resize(pixels, SIDE), 80))


if __name__ == "__main__":
    main()
