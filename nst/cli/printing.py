"""What the options say of the file beyond its name: a print's size and dots per inch, and the bits of a channel."""

import argparse
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.pictures.paper import Print
from nst.pictures.prints import FileFormat
from nst.plan.scales import Shape, final_shape

#: The longest side of a result in pixels.
MAX_SIZE = int(next(spec.metadata["high"] for spec in fields(StyleTransferConfig) if spec.name == "size"))

_SUFFIXES = {".png": ".png", ".tif": ".tif", ".tiff": ".tif", ".jpg": ".jpg", ".jpeg": ".jpg"}


@dataclass(frozen=True)
class Printing:
    """How the result is to be written.

    Attributes:
        paper: The print that is asked for, if one is.
        bits: A channel: 8 or 16.
        upscale: What was said of upscaling; None for nothing.
    """

    paper: Print | None
    bits: int
    upscale: bool | None

    @classmethod
    def of(cls, options: argparse.Namespace) -> Self:
        """Read the options.

        Raises:
            StyleTransferError: if the print is none, contradicts other options, or the file cannot have such bits.
        """
        paper = None if options.print is None else Print.parsed(options.print)
        for name in ("size", "crop") if paper is not None else ():
            if getattr(options, name) is not None:
                raise StyleTransferError(f"--print: expected no --{name} beside it, got both; the print says it.")
        bits = int(options.bits)
        if bits == 16 and Path(options.output or "").suffix.lower() in (".jpg", ".jpeg"):
            raise StyleTransferError(f"--bits 16: expected a file .png or .tif, got {options.output!r}; JPEG has 8.")
        return cls(paper, bits, options.upscale)

    def config(self, config: StyleTransferConfig, photo: Shape) -> StyleTransferConfig:
        """Return the settings for a photo of (height, width), with the size and the crop of the print if there is one.

        A photo with fewer pixels than the print is upscaled, unless that was forbidden.

        Raises:
            StyleTransferError: if the print has more pixels than a result can have.
        """
        if self.paper is None:
            return config
        settings = self.paper.settings(*photo)
        size = settings["size"]
        if size > MAX_SIZE:
            dpi = int(self.paper.dpi * MAX_SIZE / size)
            raise StyleTransferError(
                f"--print {self.paper.text}: expected at most {MAX_SIZE} px on the long side, got {size}; "
                f"take at most {dpi} dpi."
            )
        config = config.with_changes(**settings)
        is_small = max(final_shape(*photo, config.with_changes(upscale=False))) < size
        return config.with_changes(upscale=is_small if self.upscale is None else self.upscale)

    def sentence(self, config: StyleTransferConfig, photo: Shape) -> str:
        """Return what is painted for the print, e.g. ``A4@150dpi,crop: 1754x1240 px``."""
        height, width = final_shape(*photo, config)
        return "" if self.paper is None else f"{self.paper.text}: {width}x{height} px"

    def form(self, output: Path, config: StyleTransferConfig, photo: Shape) -> FileFormat | None:
        """Return how the result of a photo of (height, width) is written as `output`; None for plain files."""
        suffix = _SUFFIXES[output.suffix.lower()]
        if self.paper is None:
            return FileFormat(suffix, self.bits) if self.bits == 16 or suffix == ".tif" else None
        # A result that is smaller, since nothing is to be upscaled, has as many inches.
        return FileFormat(suffix, self.bits, self.paper.dpi * max(final_shape(*photo, config)) / config.size)


#: A file like its name, without a print.
PLAIN = Printing(None, 8, None)
