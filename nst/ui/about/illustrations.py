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
#: Places of `EXAMPLE` whose neighbours in its painting are shown, (down, across) as shares of the photo's sides: at the
#: top of the roof, in the sky, at the eaves and in the bushes.
PLACES = ((0.16, 0.31), (0.2, 0.72), (0.62, 0.12), (0.88, 0.7))


@dataclass(frozen=True)
class Painted(Example):
    """A picture that was painted with a look, at its defaults but for the size."""

    look: str = "balanced"

    @property
    def name(self) -> str:
        """The name of its file."""
        return "-".join([self.photo, "after", self.painting, *([] if self.look == "balanced" else [self.look])])


#: The long side in pixels of the pictures of the wall and of the guide.
PAINTED_SIDE = 320
#: Those that visitors see who have chosen nothing yet.
WALL = (
    Painted("raccoon", "irises"),
    Painted("coffee", "still-life-with-apples"),
    Painted("pagoda", "haystacks-autumn", "bold"),
    Painted("chelsea", "self-portrait-with-a-straw-hat"),
    Painted("serengeti", "harvesters"),
    Painted("dahlia", "ia-orana-maria"),
    Painted("astronaut", "boating"),
    Painted("camera-operator", "by-the-seashore"),
    Painted("abbey-arches", "jalais-hill"),
)
#: Of the guide: a pair that comes out badly, and beside it what works instead.
GUIDE = (
    (Painted("grace-hopper", "madame-roulin-and-her-baby"), Painted("grace-hopper", "card-players")),
    (Painted("raccoon", "jalais-hill"), Painted("raccoon", "irises")),
)


@cache
def look_picture(name: str) -> bytes:
    """Return what a look makes of `LOOKS_EXAMPLE`, a small JPEG."""
    return picture(f"look-{name}")


@cache
def picture(name: str) -> bytes:
    """Return one of the pictures, a JPEG."""
    return (FOLDER / f"{name}.jpg").read_bytes()
