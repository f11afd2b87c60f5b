"""The page's own pictures: painted by this engine with ``python -m benchmarks.explain``, kept beside this file."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "pictures"


@dataclass(frozen=True)
class Example:
    """What the pictures were painted from, by their ids in the gallery."""

    photo: str
    painting: str


EXAMPLE = Example("pagoda", "wheat-field-with-cypresses")

#: What the small pictures of the looks were painted from, cut to a square.
LOOKS_EXAMPLE = Example("astronaut", "wheat-field-with-cypresses")

#: Layers from which the photo is reconstructed: shallow, middle, deep.
RECONSTRUCTIONS = ("block1_conv2", "block3_conv2", "block4_conv2", "block5_conv2")
#: Layers that are added, one after the other, to what is asked of the painting.
TEXTURES = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")
#: beta for an alpha of 1.
STRENGTHS = (1, 10, 100, 1000)
#: Noise in the start, in percent.
STARTS = (0, 30, 60, 100)


@cache
def look_picture(name: str) -> bytes:
    """Return what a look makes of `LOOKS_EXAMPLE`, a small JPEG."""
    return picture(f"look-{name}")


def picture(name: str) -> bytes:
    """Return one of the pictures, a JPEG."""
    return (FOLDER / f"{name}.jpg").read_bytes()
