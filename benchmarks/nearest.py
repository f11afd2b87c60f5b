"""The pictures that explain nearest neighbours: marked places of a photo, and the most similar ones of a painting.

`benchmarks.explain` writes them. The places are found as the engine finds them, by the centred cosine of hypercolumns.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nst.config import StyleTransferConfig
from nst.engine.canvas import as_tensor
from nst.engine.device import resolve_precision
from nst.engine.neighbours.paintings import seen_by_tiles
from nst.engine.neighbours.search import directions, nearest
from nst.engine.run_plan import EDGE
from nst.engine.vgg import Network
from nst.layers import stride_of
from nst.pictures.codec import Pixels, resize
from nst.plan.neighbours import COLUMNS_GRID
from nst.plan.scales import cropped
from nst.plan.tiling import WHOLE
from nst.progress import UNINTERRUPTED

#: Width over height of all the pictures, and their long side in pixels.
PROPORTIONS, SIDE = 1.5, 384
#: Side of a marked square in pixels, about what the middle layers see at once, and of the enlarged ones.
SQUARE, ENLARGED = 44, 88
#: Of the marks: one for each place, in this order.
COLOURS = ("#ffd400", "#ff4b4b", "#35d06a", "#46b4ff")

#: Middle of a square: down, across, in pixels.
Point = tuple[int, int]


def neighbour_pictures(photo: Pixels, painting: Pixels, places: Sequence[tuple[float, float]]) -> dict[str, Pixels]:
    """Return the pictures by their files' names: the marked photo, the marked painting, and the squares side by side.

    Args:
        photo, painting: uint8 RGB (height, width, 3) of any size; cut to `PROPORTIONS`.
        places: Of the photo, (down, across) as shares of its sides.
    """
    photo, painting = (resize(cropped(each, PROPORTIONS), SIDE) for each in (photo, painting))
    asked = [(round(down * photo.shape[0]), round(across * photo.shape[1])) for down, across in places]
    found = most_similar(photo, painting, asked)
    return {
        "neighbours-photo": _marked(photo, asked),
        "neighbours-painting": _marked(painting, found),
        "neighbours-squares": _pairs(photo, painting, asked, found),
    }


def most_similar(photo: Pixels, painting: Pixels, places: Sequence[Point]) -> list[Point]:
    """Return the place of the painting that is the neighbour of each of the photo's places."""
    config = StyleTransferConfig(method="neighbours")
    network, step = (
        Network.of(config, resolve_precision("float32"), EDGE).of_pass(by_layer=False),
        stride_of(COLUMNS_GRID),
    )
    seen = []
    for pixels in (photo, painting):
        ((_, (features,)),) = seen_by_tiles(network, as_tensor(pixels), WHOLE, UNINTERRUPTED)
        rows = features.numpy().reshape(-1, features.shape[-1])
        seen.append((directions(rows, rows.mean(0)), features.shape[1]))
    (queries, across), (candidates, width) = seen
    asked = [down // step * across + right // step for down, right in places]
    numbers, _ = nearest(queries.numpy()[asked], candidates)
    return [(int(number) // width * step + step // 2, int(number) % width * step + step // 2) for number in numbers]


def _marked(picture: Pixels, places: Sequence[Point]) -> Pixels:
    """Return a picture with numbered squares."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for number, (place, colour) in enumerate(zip(places, COLOURS, strict=True), start=1):
        left, top = _corner(picture, place)
        draw.rectangle((left - 2, top - 2, left + SQUARE + 1, top + SQUARE + 1), outline="black", width=5)
        draw.rectangle((left - 1, top - 1, left + SQUARE, top + SQUARE), outline=colour, width=3)
        _number(draw, (left + 5, top + 1), number)
    return np.asarray(image)


def _pairs(photo: Pixels, painting: Pixels, asked: Sequence[Point], found: Sequence[Point]) -> Pixels:
    """Return the squares of the photo in a row, and below each its neighbour in the painting."""
    sheet = Image.new("RGB", (SIDE, round(SIDE / PROPORTIONS)), "#777777")
    draw = ImageDraw.Draw(sheet)
    gap = (SIDE - len(asked) * ENLARGED) // (len(asked) + 1)
    above = (sheet.height - 2 * ENLARGED) // 3
    for column, (places, colour) in enumerate(zip(zip(asked, found, strict=True), COLOURS, strict=True)):
        for row, (picture, place) in enumerate(zip((photo, painting), places, strict=True)):
            left, top = _corner(picture, place)
            part = Image.fromarray(picture[top : top + SQUARE, left : left + SQUARE])
            at = (gap + column * (ENLARGED + gap), above + row * (ENLARGED + above))
            sheet.paste(part.resize((ENLARGED, ENLARGED), Image.Resampling.BICUBIC), at)
            draw.rectangle((at[0] - 2, at[1] - 2, at[0] + ENLARGED + 1, at[1] + ENLARGED + 1), outline=colour, width=3)
            if row == 0:
                _number(draw, (at[0] + 6, at[1] + 2), column + 1)
    return np.asarray(sheet)


def _corner(picture: Pixels, place: Point) -> Point:
    """Return (left, top) of the square around a place, moved to lie in the picture."""
    top, left = (
        min(max(each - SQUARE // 2, 0), side - SQUARE) for each, side in zip(place, picture.shape, strict=False)
    )
    return left, top


def _number(draw: ImageDraw.ImageDraw, at: Point, number: int) -> None:
    font = ImageFont.load_default(size=22)
    draw.text(at, str(number), fill="white", font=font, stroke_width=2, stroke_fill="black")
