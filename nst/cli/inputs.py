"""The pictures and masks that the command line names, decoded, with what the recipe says of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from nst import __version__
from nst.cli.console import Reporter
from nst.cli.request import Asked
from nst.config import StyleTransferConfig
from nst.masks.mask import read_mask
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.codec import Picture, Pixels, read_bytes, read_picture
from nst.pictures.gallery import Preset
from nst.recipes.recipe import Recipe, Source


@dataclass(frozen=True)
class Input:
    """A picture with what the recipe says of it."""

    source: Source
    picture: Picture

    @classmethod
    def read(cls, found: Preset | Path) -> Self:
        """Decode a picture of the gallery or a file."""
        if isinstance(found, Preset):
            return cls(Source(found.id, found.sha256), found.read())
        data = read_bytes(found)
        return cls(Source.of(found.name, data), read_picture(data, str(found)))

    @property
    def pixels(self) -> Pixels:
        """uint8 RGB (height, width, 3)."""
        return self.picture.pixels


@dataclass(frozen=True)
class Inputs:
    """The photo, the paintings and the picture to start from or to evaluate, decoded."""

    content: Input
    styles: tuple[Input, ...]
    initial: Input | None
    regions: tuple[Region, ...]
    style_guides: tuple[PackedMask | None, ...]

    @classmethod
    def read(cls, asked: Asked, initial: str | None, reporter: Reporter) -> Self:
        """Read the pictures and masks and pass on what the user should know about them."""
        first = None if initial is None else Input.read(Path(initial))
        content, styles = Input.read(asked.content), tuple(Input.read(style) for style in asked.styles)
        shape, *shapes = ((each.pixels.shape[0], each.pixels.shape[1]) for each in (content, *styles))
        regions = tuple(
            Region(name or "for the rest", _mask(name, shape), shares, strength)
            for name, shares, strength in asked.regions
        )
        guides = tuple(
            None if name is None else _mask(name, own) for name, own in zip(asked.guides, shapes, strict=False)
        )
        inputs = cls(content, styles, first, regions, guides)
        for each in (inputs.content, *inputs.styles, inputs.initial):
            for note in () if each is None else each.picture.notes:
                reporter.say(note)
        return inputs

    @property
    def style_pixels(self) -> list[Pixels]:
        """The paintings, uint8 RGB (height, width, 3) each."""
        return [style.pixels for style in self.styles]

    @property
    def masks(self) -> dict[str, Any]:
        """The engine's arguments for regions and parts of paintings."""
        return {"regions": self.regions, "style_guides": self.style_guides}

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
        )


def _mask(name: str, shape: tuple[int, int]) -> PackedMask:
    """Return the mask in a file, or all of a picture of (height, width) for ""."""
    if not name:
        return PackedMask.everything()
    return PackedMask.of(read_mask(read_bytes(name), shape, name))
