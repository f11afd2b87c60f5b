"""Valid recipes drawn at random, as anyone may make them: settings at and between all of their bounds."""

import random
from dataclasses import Field, fields
from typing import Any

import numpy as np

from nst.config import StyleTransferConfig
from nst.errors import ConfigError
from nst.layers import LAYERS
from nst.masks.packed import PackedMask
from nst.masks.regions import MAX_STRENGTH, Region
from nst.pictures.gallery import Gallery
from nst.plan.guidance import check_blocks
from nst.recipes.recipe import MAX_STYLES, Recipe, Source

NAMES = ("sky", "![x](http://127.0.0.1:1/x.png) [click](http://evil.example)", "<b>&amp;", "a" * 120, "木", ":red[*$x$")
SHAPE = (96, 128)


def draw_recipe(chance: random.Random, gallery: Gallery, most_styles: int = MAX_STYLES) -> Recipe:
    """Return a recipe of the gallery's pictures, or of pictures that nobody here has."""
    count = min(chance.choice((1, 1, 2, 3, 4, 5, most_styles)), most_styles)
    paintings = chance.sample(gallery.paintings, count) if count <= len(gallery.paintings) else []
    styles = [Source(each.id, each.sha256) for each in paintings]
    styles += [Source.of(chance.choice(NAMES), bytes([at])) for at in range(count - len(paintings))]
    photo = chance.choice(gallery.photos)
    content = Source(photo.id, photo.sha256) if chance.random() < 0.8 else Source.of(chance.choice(NAMES), b"photo")
    # In the photo's proportions, as the recipe of a picture that was painted has them.
    height, width, _ = photo.read().pixels.shape
    shape = (round(128 * height / width), 128)
    regions = _regions(chance, count, shape) if chance.random() < 0.5 else ()
    guides = _guides(chance, count) if chance.random() < 0.5 else ()
    while True:
        config = _config(chance, count)
        try:
            check_blocks(config, regions)
            return Recipe(content, tuple(styles), config, "1.0", regions=regions, style_guides=guides)
        except ConfigError:
            continue  # a combination that no job takes: another


def _config(chance: random.Random, styles: int) -> StyleTransferConfig:
    while True:
        settings = {spec.name: _value(chance, spec) for spec in fields(StyleTransferConfig) if chance.random() < 0.6}
        settings["style_blend_weights"] = _percents(chance, styles) if chance.random() < 0.5 else ()
        settings["style_blocks"] = tuple(chance.choice(("1-5", "1", "2-5", "3-4")) for _ in range(styles))
        if styles == 1 or chance.random() < 0.5:
            settings["style_blocks"] = ()
        settings["tileable"] = False  # computed whole: at most sizes drawn here it is refused for its memory
        try:
            return StyleTransferConfig(**settings)
        except ConfigError:
            continue  # alpha and beta both 0


def _value(chance: random.Random, spec: Field[Any]) -> Any:
    meta = spec.metadata
    if "choices" in meta:
        return chance.choice(meta["choices"])
    if "layers" in meta:
        return {layer: chance.choice((1.0, 0.25, 1e6)) for layer in chance.sample(LAYERS, chance.randint(1, 4))}
    if "low" not in meta:
        return chance.random() < 0.5
    low, high = meta["low"], meta["high"]
    whole = isinstance(spec.default, int)
    between = chance.randint(int(low), int(high)) if whole else round(chance.uniform(low, high), 3)
    return chance.choice((low, high, between))


def _percents(chance: random.Random, styles: int) -> tuple[int, ...]:
    """Return whole percents, whose sum is 100."""
    cuts = sorted(chance.randint(0, 100) for _ in range(styles - 1))
    return tuple(high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True))


def _regions(chance: random.Random, styles: int, shape: tuple[int, int]) -> tuple[Region, ...]:
    """Return regions beside each other, some on top of one for the rest."""
    count = chance.randint(1, 6)
    regions = [
        Region(
            f"{at} {chance.choice(NAMES)}",
            PackedMask.of(_column(shape, at, count)),
            tuple(map(float, _percents(chance, styles))),
            chance.choice((1.0, 0.05, 3.3, MAX_STRENGTH, 0.0)) if at else 2.0,
        )
        for at in range(count)
    ]
    if chance.random() < 0.5:
        regions.insert(0, Region("The rest", PackedMask.everything(), tuple(map(float, _percents(chance, styles)))))
        del regions[-1:]
    return tuple(regions)


def _guides(chance: random.Random, styles: int) -> tuple[PackedMask | None, ...]:
    used = set(chance.sample(range(styles), min(styles, chance.randint(1, 4))))
    return tuple(PackedMask.of(_column(SHAPE, at % 5, 5)) if at in used else None for at in range(styles))


def _column(shape: tuple[int, int], at: int, count: int) -> Any:
    mask = np.zeros(shape, np.float32)
    mask[:, at * shape[1] // count : (at + 1) * shape[1] // count] = 1
    return mask
