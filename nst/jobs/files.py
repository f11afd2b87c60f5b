"""A job's last picture as the two files that its visitor gets."""

from nst.pictures.codec import Pixels, encode_jpeg, encode_png
from nst.pictures.prints import FileFormat, encoded
from nst.recipes.recipe import Recipe


def result_files(picture: Pixels, recipe: Recipe, dpi: float | None) -> tuple[bytes, bytes]:
    """Return a picture as a PNG with its recipe inside, and as a JPEG.

    Args:
        picture: uint8 RGB (height, width, 3).
        recipe: What made it.
        dpi: Dots per inch if it was painted for a print; then both files have them, and the profile of sRGB.
    """
    if dpi is None:
        return encode_png(picture, recipe.to_json()), encode_jpeg(picture)
    png, jpeg = (encoded(picture, FileFormat(suffix, dpi=dpi), recipe.to_json()) for suffix in (".png", ".jpg"))
    return png, jpeg
