"""What the command line asks for: which pictures, which masks, which settings; first by name, then decoded."""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Self

from nst import __version__
from nst.cli.console import Reporter
from nst.config import LOOKS, RUN_FIELDS, STEPS, RunOptions, StyleTransferConfig
from nst.errors import ConfigError, ImageError, StyleTransferError
from nst.masks.mask import Mask, check_proportions, read_mask
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.blank import Blank
from nst.pictures.codec import Picture, Pixels, printable_name, read_bytes, read_picture, read_recipe_text
from nst.pictures.gallery import Gallery, Preset
from nst.pictures.prints import Levels
from nst.recipes.blank import source_of
from nst.recipes.recipe import Recipe, Source
from nst.weights.files import WeightsFile, read_weights


@dataclass(frozen=True, eq=False)
class NamedMask:
    """A mask that is in no file of its own: float32 (height, width) in 0..1, and what the user knows it by."""

    name: str
    mask: Mask


@dataclass(frozen=True)
class RegionRequest:
    """A part of the photo with paintings of its own.

    Attributes:
        mask: File of the mask, or the mask itself; None for all that no other region covers.
        shares: Of each of the request's paintings.
        strength: Over the style weight.
    """

    mask: str | NamedMask | None
    shares: tuple[float, ...]
    strength: float


@dataclass(frozen=True)
class Request:
    """The pictures and masks of one run, by name.

    Attributes:
        content: The photo, or what is painted on without one.
        styles: The paintings of the whole photo, then those that only regions use.
        regions: Parts of the photo, later ones on top; empty if the paintings are for the whole photo.
        guides: Mask of each painting, or None for the whole painting; empty without any.
        subject_mask: Of the photo's subject, None to look for it.
    """

    content: Preset | Path | Blank
    styles: list[Preset | Path]
    regions: list[RegionRequest]
    guides: Sequence[str | NamedMask | None]
    subject_mask: str | None = None

    @classmethod
    def of(cls, options: argparse.Namespace, gallery: Gallery) -> Self:
        """Read what the command line says.

        Raises:
            StyleTransferError: if a region has no painting or a guide's painting is not used.
        """
        content = found_picture(options.pictures[0], "photo", gallery)
        background = [found_picture(name, "painting", gallery) for name in options.pictures[1:]]
        blends = [_region_blend(words, gallery) for words in options.region]
        styles = list(background)
        for blend in blends:
            styles += [style for style in blend if style not in styles]
        regions = _regions(options, blends, styles)
        if regions and background:
            regions.insert(0, _rest(options, len(background), len(styles)))
        return cls(content, styles, regions, guides_of(options, styles, gallery), options.subject_mask)

    def files(self) -> Iterator[Path]:
        """Yield every file that is asked for, masks too."""
        yield from (each for each in (self.content, *self.styles) if isinstance(each, Path))
        masks = (*(region.mask for region in self.regions), *self.guides, self.subject_mask)
        yield from (Path(mask) for mask in masks if isinstance(mask, str))


def _region_blend(words: list[str], gallery: Gallery) -> dict[Preset | Path, float]:
    """Return the weight of each painting of a region, given as its mask and then STYLE or STYLE:WEIGHT."""
    if len(words) < 2:
        raise StyleTransferError(
            f"--region {printable_name(words[0])}: expected a painting after the mask, got none; "
            "write --region MASK STYLE."
        )
    blend: dict[Preset | Path, float] = {}
    for word in words[1:]:
        name, weight = _name_and_weight(word)
        style = found_picture(name, "painting", gallery)
        blend[style] = blend.get(style, 0.0) + weight
    return blend


def _name_and_weight(word: str) -> tuple[str, float]:
    name, colon, weight = word.rpartition(":")
    if not colon:
        return word, 1.0
    try:
        return name, float(weight)
    except ValueError:  # a colon in a file's name
        return word, 1.0


def _regions(
    options: argparse.Namespace, blends: list[dict[Preset | Path, float]], styles: list[Preset | Path]
) -> list[RegionRequest]:
    """Return the regions with the shares that their blends give to `styles`."""
    strengths = _strengths(options.region_strength, len(blends))
    regions = []
    for (mask, *_), blend, strength in zip(options.region, blends, strengths, strict=True):
        # A painting may be among the styles twice; the region's is the first.
        shares = [blend.get(style, 0.0) if styles.index(style) == index else 0.0 for index, style in enumerate(styles)]
        regions.append(RegionRequest(mask, tuple(shares), strength))
    return regions


def _rest(options: argparse.Namespace, background: int, styles: int) -> RegionRequest:
    """Return the region below the others: all of the photo, in the manner of the first `background` paintings."""
    shares = StyleTransferConfig(style_blend_weights=options.style_blend_weights or ()).blend(background)
    return RegionRequest(None, shares + (0.0,) * (styles - background), 1.0)


def guides_of(options: argparse.Namespace, styles: list[Preset | Path], gallery: Gallery) -> list[str | None]:
    """Return the mask file of each painting, None where the whole is used; empty if no guide is given."""
    if not options.style_guide:
        return []
    guides: list[str | None] = [None] * len(styles)
    for name, mask in options.style_guide:
        style = found_picture(name, "painting", gallery)
        if style not in styles:
            raise StyleTransferError(f"--style-guide: expected a painting that is used, got {name!r}; check the name.")
        index = styles.index(style)
        if guides[index] is not None:
            raise StyleTransferError(f"--style-guide: expected one part of each painting, got two of {name!r}.")
        guides[index] = mask
    return guides


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


def found_picture(name: str, kind: Literal["photo", "painting"], gallery: Gallery) -> Preset | Path:
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
    asked = settings_asked(options)
    if options.init_picture is not None:
        asked.setdefault("init", "picture")
    if options.region:
        asked.pop("style_blend_weights", None)  # each region has its own blend
    return config_over(asked, first_style)


def settings_asked(
    options: argparse.Namespace, kind: type[StyleTransferConfig] = StyleTransferConfig
) -> dict[str, Any]:
    """Return the settings of a kind that the options name, a named quality and a look among them."""
    asked = _given(options, [spec.name for spec in fields(kind)])
    if options.quality is not None:
        asked.setdefault("steps", STEPS[options.quality])
    if "style_weight" in asked and "photo_kept" in asked:
        raise StyleTransferError(
            "--photo-kept: expected no --style-weight beside it, got both; the one is found for the other."
        )
    look = next((look.settings for look in LOOKS if look.name == options.look), {})
    return {
        **{name: value for name, value in look.items() if not (name == "photo_kept" and "style_weight" in asked)},
        **asked,
    }


def config_over(
    asked: Mapping[str, Any], first_style: Preset | Path, own: Mapping[str, Any] | None = None
) -> StyleTransferConfig:
    """Return the settings of a picture, as `settings_over`, over the defaults."""
    return StyleTransferConfig.from_dict(settings_over(asked, first_style, own))


def settings_over(
    asked: Mapping[str, Any], first_style: Preset | Path, own: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the settings `asked`, over a picture's `own`, over what its first painting suggests.

    Whoever names a style weight wants no other to be found.
    """
    settings = dict(first_style.settings) if isinstance(first_style, Preset) else {}
    for layer in (own or {}, asked):
        if "style_weight" in layer:
            settings["photo_kept"] = 0.0
        settings.update(layer)
    return settings


def run_of(options: argparse.Namespace) -> RunOptions:
    """Return the options of the run: what was asked for, over the defaults.

    Raises:
        ConfigError, WeightsError: if they are wrong; said here, so that wrong weights need not wait for TensorFlow.
    """
    run = RunOptions.from_dict(_given(options, RUN_FIELDS))
    weights = WeightsFile.of(run)
    if weights is not None:
        read_weights(weights)
    return run


def _given(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(options, name) for name in names if getattr(options, name) is not None}


@dataclass(frozen=True)
class Input:
    """A picture with the recipe inside, if it is a result and has one."""

    source: Source
    picture: Picture
    recipe: Recipe | None = None

    @classmethod
    def read(cls, found: Preset | Path | Blank) -> Self:
        """Decode a picture of the gallery or a file, or make a blank one."""
        if isinstance(found, Blank):
            return cls(source_of(found), Picture(found.pixels))
        if isinstance(found, Preset):
            return cls(Source(found.id, found.sha256), found.read())
        data = read_bytes(found)
        return cls(Source.of(found.name, data), read_picture(data, str(found), deep=True), _recipe(data))

    @property
    def pixels(self) -> Pixels:
        """uint8 RGB (height, width, 3)."""
        return self.picture.pixels

    @property
    def finest(self) -> Pixels | Levels:
        """The same, not rounded where the file has 16 bits."""
        return self.picture.finest

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""
        return (self.pixels.shape[0], self.pixels.shape[1])


def _recipe(data: bytes) -> Recipe | None:
    """Return the recipe inside a picture file; None if there is none that can be read."""
    text = read_recipe_text(data)
    if text is None:
        return None
    try:
        return Recipe.from_json(text)
    except ConfigError:
        return None


@dataclass(frozen=True)
class Inputs:
    """The photo, the paintings and the picture to start from or to evaluate, decoded."""

    content: Input
    styles: tuple[Input, ...]
    initial: Input | None
    regions: tuple[Region, ...]
    style_guides: tuple[PackedMask | None, ...]
    subject_mask: PackedMask | None = None

    @classmethod
    def read(cls, asked: Request, initial: str | None, reporter: Reporter) -> Self:
        """Read the pictures and masks and pass on what the user should know about them.

        Args:
            asked: The photo, the paintings and the masks.
            initial: File of the picture to start from or to evaluate, if there is one.
            reporter: Says what was odd about a file.
        """
        first = [] if initial is None else [Input.read(Path(initial))]
        content, styles = Input.read(asked.content), tuple(Input.read(style) for style in asked.styles)
        for each in (content, *styles, *first):
            for note in each.picture.notes:
                reporter.say(note)
        regions = tuple(_region(region, content.shape) for region in asked.regions)
        guides: list[PackedMask | None] = []
        for style, name in zip(styles, asked.guides, strict=False):  # there may be no guides at all
            guides.append(None if name is None else _mask(name, style.shape))
        subject = None if asked.subject_mask is None else _mask(asked.subject_mask, content.shape)
        return cls(content, styles, first[0] if first else None, regions, tuple(guides), subject)

    @property
    def style_pixels(self) -> list[Pixels]:
        """The paintings, uint8 RGB (height, width, 3) each."""
        return [style.pixels for style in self.styles]

    @property
    def masks(self) -> dict[str, Any]:
        """The engine's arguments for regions, parts of paintings and the subject."""
        return {"regions": self.regions, "style_guides": self.style_guides, "subject_mask": self.subject_mask}

    def recipe(self, config: StyleTransferConfig) -> Recipe:
        """Return the recipe of what `config` makes of these pictures."""
        sources = tuple(style.source for style in self.styles)
        initial = None if self.initial is None else self.initial.source
        return Recipe(
            self.content.source,
            sources,
            config,
            __version__,
            initial,
            regions=self.regions,
            style_guides=self.style_guides,
            subject_mask=self.subject_mask,
        )


def _region(asked: RegionRequest, shape: tuple[int, int]) -> Region:
    """Return a region of a photo of (height, width), its mask decoded."""
    if asked.mask is None:
        return Region("for the rest", PackedMask.everything(), asked.shares, asked.strength)
    name = asked.mask.name if isinstance(asked.mask, NamedMask) else asked.mask
    return Region(name, _mask(asked.mask, shape), asked.shares, asked.strength)


def _mask(asked: str | NamedMask, shape: tuple[int, int]) -> PackedMask:
    """Return the mask, or the one in a file, for a picture of (height, width)."""
    if isinstance(asked, NamedMask):
        check_proportions(asked.mask, shape, asked.name)
        return PackedMask.of(asked.mask)
    return PackedMask.of(read_mask(read_bytes(asked), shape, asked))
