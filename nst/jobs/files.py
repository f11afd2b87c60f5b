"""A job's last picture as the two files that its visitor gets."""

import numpy as np

from nst.pictures.codec import encode_jpeg, encode_png
from nst.pictures.prints import FileFormat, Levels, encoded, quantised
from nst.recipes.recipe import Recipe


def result_files(picture: Levels, recipe: Recipe, dpi: float | None) -> tuple[bytes, bytes]:
    """Return a picture as a PNG with its recipe inside, and as a JPEG.

    Args:
        picture: uint8 RGB (height, width, 3); or grey levels in 0..255 that are not rounded, of which the PNG has 16
            bits a channel.
        recipe: What made it.
        dpi: Dots per inch if it was painted for a print; then both files have them, and the profile of sRGB.
    """
    text, bits = recipe.to_json(), 8 if picture.dtype == np.uint8 else 16
    whole = quantised(picture)
    if dpi is None:
        png = encode_png(whole, text) if bits == 8 else encoded(picture, FileFormat(".png", bits), text)
        return png, encode_jpeg(whole)
    return encoded(picture, FileFormat(".png", bits, dpi), text), encoded(whole, FileFormat(".jpg", dpi=dpi), text)
