"""All levels of pictures with 16 bits a channel, which Pillow reduces to 8: PNG and TIFF, through OpenCV."""

from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from nst.pictures.codec import orientation
from nst.pictures.icc import MatrixProfile, to_srgb
from nst.pictures.prints import srgb_profile

#: What each turn of Pillow's does to rows and columns: whether they are exchanged first, then which are reversed.
_TURNS: dict[Image.Transpose, tuple[bool, bool, bool]] = {
    Image.Transpose.FLIP_LEFT_RIGHT: (False, False, True),
    Image.Transpose.FLIP_TOP_BOTTOM: (False, True, False),
    Image.Transpose.ROTATE_180: (False, True, True),
    Image.Transpose.TRANSPOSE: (True, False, False),
    Image.Transpose.TRANSVERSE: (True, True, True),
    Image.Transpose.ROTATE_90: (True, True, False),
    Image.Transpose.ROTATE_270: (True, False, True),
}


def deep_levels(data: bytes, image: ImageFile.ImageFile) -> npt.NDArray[np.float32] | None:
    """Return a picture's grey levels in sRGB, float32 (height, width, 3) in 0..255, upright, on white.

    None if it has 8 bits, or if only 8 bits can be converted to sRGB: profiles with tables, grey with a profile.

    Args:
        data: The whole file.
        image: Its header, read by Pillow, which has checked the size.
    """
    if image.format not in ("PNG", "TIFF") or not _has_16_bits(image):
        return None
    import cv2

    levels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if levels is None or levels.dtype != np.uint16 or levels.shape[:2] != (image.height, image.width):
        return None
    channels = 1 if levels.ndim == 2 else levels.shape[2]
    profile = _profile(image.info.get("icc_profile"))
    if channels not in (1, 3, 4) or (channels == 1 and image.info.get("icc_profile")) or profile is None:
        return None
    if image.has_transparency_data != (channels == 4):
        return None
    colours = (
        levels.reshape(*levels.shape[:2], channels)[..., 2::-1] if channels > 1 else levels[..., None].repeat(3, 2)
    )
    srgb = colours.astype(np.float32) / np.float32(257)
    if profile != _srgb():
        srgb = to_srgb(srgb, profile, _srgb())
    if channels == 4:
        alpha = levels[..., 3:].astype(np.float32) / np.float32(65535)
        srgb = srgb * alpha + 255 * (1 - alpha)
    return np.ascontiguousarray(np.clip(_turned(srgb, orientation(image)), 0, 255))


def _has_16_bits(image: ImageFile.ImageFile) -> bool:
    """Return whether Pillow is about to read 16 bits a channel: it names them in the raw mode of what it decodes."""
    for _, _, _, arguments in image.tile:
        raw = arguments[0] if isinstance(arguments, tuple) else arguments
        return isinstance(raw, str) and ";16" in raw
    return False


def _profile(data: bytes | None) -> MatrixProfile | None:
    """Return the profile of a picture, that of sRGB if it has none; None if it is not of the simple kind."""
    return _srgb() if not data else MatrixProfile.parsed(data)


@cache
def _srgb() -> MatrixProfile:
    profile = MatrixProfile.parsed(srgb_profile())
    assert profile is not None
    return profile


def _turned(levels: npt.NDArray[np.float32], method: Image.Transpose | None) -> npt.NDArray[np.float32]:
    if method is None:
        return levels
    exchanged, rows, columns = _TURNS[method]
    levels = levels.swapaxes(0, 1) if exchanged else levels
    return levels[:: -1 if rows else 1, :: -1 if columns else 1]
