"""Twelve pictures that are in no gallery, drawn by a few lines each: posters, lines, textures, a screenshot, lights.

What visitors upload is not all paintings and photos. The same call gives the same pixels, so nothing has to be kept.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from nst.pictures.codec import Pixels

#: (height, width) of each picture in pixels.
HEIGHT, WIDTH = 320, 400
Colour = tuple[int, int, int]
Levels = NDArray[np.float64]


def drawn() -> dict[str, Pixels]:
    """Return the pictures by their names, each uint8 RGB (`HEIGHT`, `WIDTH`, 3)."""
    return {
        name: make(np.random.default_rng(number))
        for number, (name, make) in enumerate(zip(NAMES, _PICTURES, strict=True))
    }


def _stripes(random: np.random.Generator) -> Pixels:
    """Return a flat poster of slanted stripes."""
    down, across = _places()
    colours = np.array([(214, 40, 40), (247, 127, 0), (252, 191, 73), (234, 226, 183), (0, 48, 73)], np.uint8)
    return colours[((across + 0.6 * down) // 26).astype(int) % len(colours)]


def _shapes(random: np.random.Generator) -> Pixels:
    """Return a flat poster of a few large shapes."""
    image, draw = _sheet((240, 231, 214))
    draw.ellipse((40, 30, 220, 210), fill=(200, 45, 40))
    draw.rectangle((180, 120, 350, 290), fill=(30, 70, 140))
    draw.polygon(((60, 290), (200, 60), (330, 290)), fill=(240, 180, 40))
    draw.arc((230, 20, 380, 170), 90, 300, fill=(20, 20, 20), width=16)
    return np.asarray(image)


def _ink(random: np.random.Generator) -> Pixels:
    """Return a line drawing: houses and a tree in hatched ink on paper."""
    image, draw = _sheet((250, 248, 240))
    for left, top, right in ((30, 140, 130), (130, 100, 210), (210, 160, 290)):
        draw.rectangle((left, top, right, 290), outline=(25, 25, 30), width=2)
        draw.line((left, top, (left + right) // 2, top - 45, right, top), fill=(25, 25, 30), width=2)
        for offset in range(0, 290 - top, 7):
            draw.line((left, top + offset, left + 30, min(top + offset + 14, 290)), fill=(25, 25, 30))
    for _ in range(260):
        across, down = random.normal((340, 130), (24, 34))
        draw.arc((across, down, across + 12, down + 9), 180, 350, fill=(25, 25, 30))
    draw.line((340, 160, 338, 290), fill=(25, 25, 30), width=5)
    return np.asarray(image)


def _dots(random: np.random.Generator) -> Pixels:
    """Return a halftone print: dots of two inks that grow and shrink."""
    image, draw = _sheet((255, 244, 214))
    for down in range(0, HEIGHT + 8, 8):
        for across in range(0, WIDTH + 8, 8):
            radius = 4.4 * (0.5 + 0.5 * np.sin(across / 60) * np.cos(down / 45))
            ink = (225, 40, 90) if (across // 8 + down // 8) % 2 else (20, 110, 190)
            draw.ellipse((across - radius, down - radius, across + radius, down + radius), fill=ink)
    return np.asarray(image)


def _mosaic(random: np.random.Generator) -> Pixels:
    """Return glass tiles around random places, with dark joints."""
    places = random.uniform((0, 0), (HEIGHT, WIDTH), (220, 2))
    colours = random.uniform((20, 60, 90), (230, 210, 220), (220, 3))
    down, across = _places()
    distances = np.hypot(down[..., None] - places[:, 0], across[..., None] - places[:, 1])
    first, second = np.partition(distances, 1, -1)[..., :2].transpose(2, 0, 1)
    return _pixels(np.where((second - first)[..., None] > 2.5, colours[distances.argmin(-1)], (30, 26, 24)))


def _marble(random: np.random.Generator) -> Pixels:
    """Return marbled paper: bands bent by noise."""
    down, across = _places()
    bands = np.sin(across / 30 + 9 * _noise(random, 80) + down / 70)
    return _mixed(bands**3 * 0.5 + 0.5, (20, 60, 90), (236, 205, 160))


def _wood(random: np.random.Generator) -> Pixels:
    """Return planed wood: rings cut along their length."""
    down, across = _places()
    rings = np.hypot((across - 180) / 6, (down - 400) / 40 + 3 * _noise(random, 120))
    return _mixed(0.5 + 0.35 * np.sin(4 * rings) + 0.15 * _noise(random, 4), (90, 50, 25), (205, 150, 90))


def _wash(random: np.random.Generator) -> Pixels:
    """Return a pale wash of watercolours."""
    one, other = (np.clip(_noise(random, 90) * 1.6 + 0.5, 0, 1)[..., None] for _ in range(2))
    paper = 250 + 4 * _noise(random, 3)[..., None]
    return _pixels(paper - one * np.array((60, 25, 10)) - other * np.array((8, 35, 55)))


def _screenshot(random: np.random.Generator) -> Pixels:
    """Return a program's window with text, buttons and a chart."""
    image, draw = _sheet((246, 247, 249))
    draw.rectangle((0, 0, WIDTH, 26), fill=(45, 55, 72))
    draw.text((10, 4), "Quarterly report", fill="white", font=ImageFont.load_default(size=14))
    for row in range(13):
        words = "".join("x" * int(length) + " " for length in random.integers(2, 9, 6))
        draw.text((14, 40 + 16 * row), words[:32], fill=(40, 40, 48), font=ImageFont.load_default(size=11))
    for bar, height in enumerate(random.integers(30, 150, 6)):
        draw.rectangle((230 + 26 * bar, 220 - int(height), 248 + 26 * bar, 220), fill=(66, 133, 244))
    draw.rounded_rectangle((230, 260, 320, 290), 6, fill=(52, 168, 83))
    return np.asarray(image)


def _lights(random: np.random.Generator) -> Pixels:
    """Return a street at night, out of focus: discs of light on black."""
    light = np.full((HEIGHT, WIDTH, 3), (8.0, 9.0, 16.0))
    down, across = _places()
    for _ in range(45):
        middle, radius = random.uniform((60, 0), (280, WIDTH)), random.uniform(6, 20)
        inside = np.hypot(down - middle[0], across - middle[1]) < radius
        light[inside] += random.uniform((60, 30, 5), (150, 110, 70))
    return _pixels(light + random.normal(0, 7, light.shape))


def _beach(random: np.random.Generator) -> Pixels:
    """Return a photo as of a simple telephone: a beach with a parasol, too bright, with noise."""
    down, _ = _places()
    sky = _mixed(down / 150, (120, 175, 235), (215, 232, 245)).astype(float)
    sea = _mixed(np.abs(_noise(random, 12)), (40, 120, 150), (110, 180, 190))
    sand = _mixed(0.5 + _noise(random, 5) / 2, (205, 180, 135), (235, 215, 175))
    levels = np.where(down[..., None] < 130, sky, np.where(down[..., None] < 190, sea, sand))
    image = Image.fromarray(_pixels(levels))
    draw = ImageDraw.Draw(image)
    draw.line((255, 130, 240, 270), fill=(120, 90, 60), width=4)
    for sector, colour in enumerate(((215, 50, 50), (250, 245, 235)) * 3):
        draw.pieslice((175, 85, 335, 205), 180 + 30 * sector, 210 + 30 * sector, fill=colour)
    return _pixels(np.asarray(image) * 1.08 + random.normal(0, 6, (HEIGHT, WIDTH, 3)))


def _owl(random: np.random.Generator) -> Pixels:
    """Return a child's picture of an owl, in flat colours with thick outlines."""
    image, draw = _sheet((150, 205, 230))
    draw.rectangle((0, 270, WIDTH, HEIGHT), fill=(120, 170, 90))
    draw.ellipse((110, 60, 290, 290), fill=(150, 105, 70), outline=(50, 35, 25), width=5)
    draw.ellipse((150, 150, 250, 280), fill=(225, 200, 160))
    for left in (130, 205):
        draw.ellipse((left, 90, left + 65, 155), fill="white", outline=(50, 35, 25), width=5)
        draw.ellipse((left + 22, 112, left + 42, 132), fill=(20, 20, 20))
    draw.polygon(((190, 145), (210, 145), (200, 172)), fill=(245, 165, 40))
    return np.asarray(image)


_PICTURES: tuple[Callable[[np.random.Generator], Pixels], ...] = (
    _stripes, _shapes, _ink, _dots, _mosaic, _marble, _wood, _wash, _screenshot, _lights, _beach, _owl,
)  # fmt: skip
#: Of the pictures.
NAMES = tuple(make.__name__.lstrip("_") for make in _PICTURES)


def _sheet(colour: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (WIDTH, HEIGHT), colour)
    return image, ImageDraw.Draw(image)


def _places() -> tuple[Levels, Levels]:
    """Return how far down and how far across each pixel is."""
    down, across = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    return down, across


def _noise(random: np.random.Generator, length: int) -> Levels:
    """Return smooth noise of about -1 to 1 whose waves are about so many pixels long."""
    small = random.uniform(-1, 1, (HEIGHT // length + 3, WIDTH // length + 3)).astype(np.float32)
    image = Image.fromarray(small).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float64)


def _mixed(share: Levels, one: Colour, other: Colour) -> Pixels:
    """Return `one` where the share is 0, `other` where it is 1."""
    share = np.clip(share, 0.0, 1.0)[..., None]
    return _pixels((1 - share) * np.array(one) + share * np.array(other))


def _pixels(levels: Levels) -> Pixels:
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)
