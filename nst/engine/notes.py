"""What a run tells its user besides numbers: sizes that are not those asked for, and what went wrong on the way."""

from nst.config import StyleTransferConfig
from nst.engine.optimizers.best import Best
from nst.plan.scales import Scale, Shape

BLOCKS = "A painting's file has visible JPEG blocks; they were smoothed, so that they are not painted."
SMALLER_TILES = "Memory ran out; the run goes on from the best picture so far, by smaller tiles."


def size_note(photo: Shape, styles: tuple[Shape, ...], scale: Scale, config: StyleTransferConfig) -> str:
    """Return what the user should know about sizes: nothing is upscaled without saying so.

    Args:
        photo: (height, width) of the photo's file.
        styles: (height, width) of each painting's file.
        scale: The final one.
        config: For the sizes that were asked for.
    """
    notes = []
    long_side, own = max(scale.shape), max(photo)
    if long_side < config.size:
        notes.append(f"The photo is only {own} px long, so the result is too; upscale allows {config.size} px.")
    elif long_side > own:
        notes.append(f"The photo is upscaled from {own} to {long_side} px.")
    wanted = round(long_side * config.style_scale)
    for style, shape in zip(styles, scale.style_shapes, strict=True):
        if max(shape) < wanted:
            notes.append(f"A painting is only {max(shape)} px long instead of {wanted} px: its strokes come out finer.")
        elif max(shape) > max(style):
            notes.append(f"A painting is upscaled from {max(style)} to {max(shape)} px.")
    return " ".join(notes)


def trouble_note(best: Best) -> str:
    """Return what the user should know of the latest evaluation; said once for failures in a row."""
    if int(best.failures) != 1:
        return ""
    return "J ran away; the run went back to the best picture so far and takes shorter steps."
