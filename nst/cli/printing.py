"""What the options say of the file beyond its name: a print's size and dots per inch, and the bits of a channel."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.pictures.paper import Print
from nst.pictures.prints import FileFormat
from nst.plan.printing import dots_per_inch, for_print
from nst.plan.scales import Shape, final_shape

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
        return for_print(self.paper, config, photo, self.upscale)

    def sentence(self, config: StyleTransferConfig, photo: Shape) -> str:
        """Return what is painted, e.g. ``512x342 px`` or ``A4@150dpi,crop: 1754x1240 px``."""
        height, width = final_shape(*photo, config)
        paper = "" if self.paper is None else f"{self.paper.text}: "
        return f"{paper}{width}x{height} px"

    def form(self, output: Path, config: StyleTransferConfig, photo: Shape) -> FileFormat | None:
        """Return how the result of a photo of (height, width) is written as `output`; None for plain files."""
        suffix = _SUFFIXES[output.suffix.lower()]
        if self.paper is None:
            return FileFormat(suffix, self.bits) if self.bits == 16 or suffix == ".tif" else None
        return FileFormat(suffix, self.bits, dots_per_inch(self.paper, config, photo))


#: A file like its name, without a print.
PLAIN = Printing(None, 8, None)
