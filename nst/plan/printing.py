"""What a print asks of a run: the pixels that its sheet takes, and the dots per inch of what comes out."""

from dataclasses import fields

from nst.config import StyleTransferConfig
from nst.errors import ConfigError
from nst.pictures.paper import Print
from nst.plan.scales import Shape, final_shape

#: The longest side of a result in pixels.
MAX_SIZE = int(next(spec.metadata["high"] for spec in fields(StyleTransferConfig) if spec.name == "size"))


def for_print(
    paper: Print, config: StyleTransferConfig, photo: Shape, upscale: bool | None = None
) -> StyleTransferConfig:
    """Return the settings with the size and the crop by which a photo is painted for a print.

    Args:
        paper: The print.
        config: All other settings.
        photo: (height, width) of the photo's file.
        upscale: Whether a result may be larger than the photo; None for where the sheet takes more pixels than it has.

    Raises:
        ConfigError: if the print has more pixels than a result can have.
    """
    settings = paper.settings(*photo)
    size = settings["size"]
    if size > MAX_SIZE:
        dpi = int(paper.dpi * MAX_SIZE / size)
        raise ConfigError(
            f"print {paper.text}: expected at most {MAX_SIZE} px on the long side, got {size}; take at most {dpi} dpi."
        )
    config = config.with_changes(**settings)
    is_small = max(final_shape(*photo, config.with_changes(upscale=False))) < size
    return config.with_changes(upscale=is_small if upscale is None else upscale)


def dots_per_inch(paper: Print, config: StyleTransferConfig, photo: Shape) -> float:
    """Return those of the result that settings of `for_print` make of a photo of (height, width).

    A result that is smaller than asked for, since nothing is to be upscaled, has as many inches.
    """
    return paper.dpi * max(final_shape(*photo, config)) / config.size
