"""What the command line asks for, before anything is decoded: which pictures, which masks, which settings."""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, Self

from nst.config import StyleTransferConfig
from nst.errors import ImageError, StyleTransferError
from nst.pictures.codec import printable_name
from nst.pictures.gallery import Gallery, Preset
from nst.quality import STEPS


@dataclass(frozen=True)
class Asked:
    """The pictures and masks of one run.

    Attributes:
        content: The photo.
        styles: Every painting that is used anywhere, once.
        regions: (mask file, share of each painting, strength); the file "" for the whole photo.
        guides: Mask file of each painting, or None; empty without any.
    """

    content: Preset | Path
    styles: list[Preset | Path]
    regions: list[tuple[str, tuple[float, ...], float]]
    guides: list[str | None]

    @classmethod
    def of(cls, options: argparse.Namespace, gallery: Gallery) -> Self:
        """Read what the command line says.

        Raises:
            StyleTransferError: if a region has no painting or a guide's painting is not used.
        """
        content = _found(options.pictures[0], "photo", gallery)
        styles = [_found(name, "painting", gallery) for name in options.pictures[1:]]
        background = len(styles)
        blends = [_region_blend(words, styles, gallery) for words in options.region]
        strengths = _strengths(options.region_strength, len(blends))
        regions = [
            (words[0], tuple(blend.get(index, 0.0) for index in range(len(styles))), strength)
            for words, blend, strength in zip(options.region, blends, strengths, strict=True)
        ]
        if regions and background:
            asked = StyleTransferConfig(style_blend_weights=options.style_blend_weights or ()).blend(background)
            regions.insert(0, ("", asked + (0.0,) * (len(styles) - background), 1.0))
        guides: list[str | None] = [None] * len(styles) if options.style_guide else []
        for name, mask in options.style_guide:
            found = _found(name, "painting", gallery)
            if found not in styles:
                raise StyleTransferError(
                    f"--style-guide: expected a painting that is used, got {name!r}; check the name."
                )
            if guides[styles.index(found)] is not None:
                raise StyleTransferError(f"--style-guide: expected one part of each painting, got two of {name!r}.")
            guides[styles.index(found)] = mask
        return cls(content, styles, regions, guides)

    def files(self) -> Iterator[Path]:
        """Yield every file that is asked for, masks too."""
        yield from (each for each in (self.content, *self.styles) if isinstance(each, Path))
        masks = (*(mask for mask, _, _ in self.regions), *self.guides)
        yield from (Path(mask) for mask in masks if mask)


def _region_blend(words: list[str], styles: list[Preset | Path], gallery: Gallery) -> dict[int, float]:
    """Return the weight of each painting in a region by its index in `styles`, to which new ones are added."""
    if len(words) < 2:
        raise StyleTransferError(
            f"--region {printable_name(words[0])}: expected a painting after the mask, got none; "
            "write --region MASK STYLE."
        )
    blend: dict[int, float] = {}
    for word in words[1:]:
        name, colon, weight = word.rpartition(":")
        try:
            named, share = (name, float(weight)) if colon else (word, 1.0)
        except ValueError:  # a colon in a file's name
            named, share = word, 1.0
        found = _found(named, "painting", gallery)
        if found not in styles:
            styles.append(found)
        blend[styles.index(found)] = blend.get(styles.index(found), 0.0) + share
    return blend


def _strengths(text: str | None, regions: int) -> list[float]:
    if text is None:
        return [1.0] * regions
    try:
        strengths = [float(word) for word in text.split(",")]
    except ValueError:
        strengths = []
    if len(strengths) != regions:
        raise StyleTransferError(
            f"--region-strength: expected one number for each of the {regions} regions, such as 1,0.5, got {text!r}."
        )
    return strengths


def _found(name: str, kind: Literal["photo", "painting"], gallery: Gallery) -> Preset | Path:
    """Return the file `name` if there is one or if it looks like a file's name, else the record of that id."""
    path = Path(name)
    # os.path, unlike pathlib, takes a name that is too long, or a folder that is closed to us, for no file.
    if os.path.isfile(name):
        return path
    if path.name == name and not path.suffix:
        return gallery.find(name, kind)
    if os.path.exists(name):
        return path
    # Said here and not on reading it, so that a slip of the finger need not wait for TensorFlow.
    raise ImageError(
        f"{printable_name(name)}: expected a picture file or a gallery id, got a path where there is none; "
        "check the name."
    )


def config_of(options: argparse.Namespace, first_style: Preset | Path) -> StyleTransferConfig:
    """Return the settings: what was asked for, over what the first painting suggests, over the defaults."""
    suggested = dict(first_style.settings) if isinstance(first_style, Preset) else {}
    names = [spec.name for spec in fields(StyleTransferConfig)]
    asked = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.quality is not None:
        asked.setdefault("steps", STEPS[options.quality])
    if options.init_picture is not None:
        asked.setdefault("init", "picture")
    if options.region:
        asked.pop("style_blend_weights", None)  # each region has its own blend
    return StyleTransferConfig.from_dict({**suggested, **asked})
