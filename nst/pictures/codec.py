"""Untrusted bytes to an RGB picture, and an RGB picture to a file with its recipe.

Everywhere else in this project a picture is a ``uint8`` array of shape (height, width, 3), RGB in sRGB, grey
levels 0 to 255. Arrays that come from here are read-only, so that they can be shared. Nothing here changes a
setting of Pillow's: those are process-wide, and one process serves many people.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageCms, ImageFile, PngImagePlugin

from nst.errors import ImageError

Pixels = npt.NDArray[np.uint8]
Decoded = TypeVar("Decoded")

#: A larger picture is refused before it is decoded; 50 megapixels are 150 MB of RGB.
MAX_PIXELS = 50_000_000

#: A larger file is not even read: 50 megapixels of uncompressed 16-bit RGBA fit.
MAX_FILE_BYTES = 512 * 2**20

#: Keyword of the PNG text chunk that carries the recipe, and the most bytes of UTF-8 it may hold.
RECIPE_KEYWORD = "nst-recipe"
MAX_RECIPE_BYTES = 192 * 2**10

_KEYWORD = RECIPE_KEYWORD.encode() + b"\0"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Of a little-endian file; the number and the type of the field for a description.
_TIFF_SIGNATURE = b"II*\0"
_DESCRIPTION, _ASCII = 270, 2
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")
#: Before the pixels; a file of nothing but empty chunks would have millions.
_MAX_CHUNKS = 1000

#: Pillow's names of the formats that are read. The others it knows include ones that start programs (EPS).
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

#: Those of them that exchange height and width.
_TURNED = tuple(ORIENTATIONS[number] for number in (5, 6, 7, 8))

#: Colour space in an ICC profile's header -> the Pillow mode of pixels that it describes.
_PROFILE_MODES = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: uint8 RGB, (height, width, 3), read-only.
        notes: Sentences for the user about what was left out, e.g. the later frames of an animation.
        levels: The same before it was rounded, float32 in 0..255, if the file has 16 bits a channel and they were asked
            for; else None.
    """

    pixels: Pixels
    notes: tuple[str, ...] = ()
    levels: npt.NDArray[np.float32] | None = None

    @property
    def finest(self) -> Pixels | npt.NDArray[np.float32]:
        """The picture as finely as it is there: its `levels`, or its `pixels`."""
        return self.pixels if self.levels is None else self.levels


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A picture in small.

    Attributes:
        pixels: uint8 RGB, (height, width, 3).
        shape: (height, width) of the whole picture.
        notes: Sentences for the user, as those of a `Picture`.
    """

    pixels: Pixels
    shape: tuple[int, int]
    notes: tuple[str, ...] = ()


def read_picture(data: bytes, name: str = "picture", *, deep: bool = False) -> Picture:
    """Decode a picture file into sRGB.

    EXIF orientation and colour profiles are applied, transparent parts are laid on white, 16-bit grey is
    scaled, and of an animation or a document the first frame or page is used.

    Args:
        data: The whole file; nothing about it is trusted.
        name: What the user calls it, for errors and notes.
        deep: Keep all levels of a PNG or TIFF with 16 bits a channel; it takes four times the memory.

    Raises:
        ImageError: if it is empty, not a picture, cut off, damaged, above `MAX_PIXELS` or of a kind whose
            grey levels have no agreed meaning (floating point).
    """
    return _read(data, printable_name(name), partial(_deeply_decoded, data) if deep else _decoded)


def read_thumbnail(data: bytes, side: int, name: str = "picture") -> Thumbnail:
    """Decode a picture file in small, a JPEG in a fraction of the time that the whole takes.

    Args:
        data: The whole file; nothing about it is trusted.
        side: Long side of the result in pixels; it is the picture's own if that is shorter.
        name: What the user calls it, for errors and notes.

    Returns:
        The picture, resampled by Pillow's LANCZOS from at least twice the size if there is as much.

    Raises:
        ImageError: as `read_picture`.
    """

    def decode(image: ImageFile.ImageFile, name: str) -> Thumbnail:
        _check_area(image, name)  # of the file: a draft is smaller
        width, height = image.size
        image.draft("RGB", (2 * side, 2 * side))
        picture = _decoded(image, name)
        shape = (width, height) if orientation(image) in _TURNED else (height, width)
        small = resize_to(picture.pixels, *fitted_shape(*shape, min(side, max(shape))))
        return Thumbnail(small, shape, picture.notes)

    return _read(data, printable_name(name), decode)


def read_shape(data: bytes, name: str = "picture") -> tuple[int, int]:
    """Return the (height, width) that `read_picture` would give, from the file's header alone.

    Args:
        data: The whole file; nothing about it is trusted.
        name: What the user calls it, for errors.

    Raises:
        ImageError: as `read_picture`, but for what only its pixels show.
    """

    def decode(image: ImageFile.ImageFile, name: str) -> tuple[int, int]:
        _check_area(image, name)
        width, height = image.size
        # Pillow decodes a whole PNG to look for an EXIF behind its pixels, where hardly any has one.
        is_plain = image.format == "PNG" and "exif" not in image.info
        is_turned = not is_plain and orientation(image) in _TURNED
        return (width, height) if is_turned else (height, width)

    return _read(data, printable_name(name), decode)


def read_coverage(data: bytes, name: str = "mask") -> npt.NDArray[np.float32]:
    """Decode a picture file as a mask: how much of each pixel belongs to it.

    Of a picture with transparent parts it is the opacity, whatever the colours; of any other the brightness, white
    being 1: a grey picture's level (8 or 16 bits), a coloured one's BT.601 luminance. Colour profiles are ignored.

    Args:
        data: The whole file; nothing about it is trusted.
        name: What the user calls it, for errors.

    Returns:
        float32 (height, width) in 0..1.

    Raises:
        ImageError: as `read_picture`.
    """
    return _read(data, printable_name(name), _coverage)


def read_picture_file(path: str | Path, *, deep: bool = False) -> Picture:
    """Read and decode the picture at `path`; see `read_picture` and `read_bytes`."""
    return read_picture(read_bytes(path), str(path), deep=deep)


def read_bytes(path: str | Path) -> bytes:
    """Return the bytes of the file at `path`, at most `MAX_FILE_BYTES`.

    Raises:
        ImageError: if there is no such file, it is too large, or it cannot be read.
    """
    name = printable_name(str(path))
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise ImageError(f"{name}: expected a picture file, got a path where there is none; check the name.") from error
    except IsADirectoryError as error:
        raise ImageError(f"{name}: expected a picture file, got a folder; name a file in it.") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or "no path can have this name"
        raise ImageError(f"{name}: expected a readable picture file, got an error ({reason}); check it.") from error
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(f"{name}: expected at most {MAX_FILE_BYTES // 2**20} MB, got more; scale the picture down.")
    return data


def printable_name(name: str) -> str:
    """Return a file's name fit for a one-line message, whatever its owner called it; at most 120 characters."""
    shown = "".join(char if char.isprintable() else "?" for char in name)
    return shown if len(shown) <= 120 else f"...{shown[-117:]}"


def fitted_shape(height: int, width: int, long_side: int) -> tuple[int, int]:
    """Return the (height, width) whose long side is `long_side`, in the same proportion up to rounding."""
    scale = long_side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def has_proportions_of(height: int, width: int, shape: tuple[int, int]) -> bool:
    """Return whether a picture of (height, width) lies on one of that `shape` without being squashed."""
    expected = fitted_shape(*shape, max(height, width))
    # A pixel's leeway: other programs round the short side in other ways.
    return max(abs(expected[0] - height), abs(expected[1] - width)) <= 1


def resize(pixels: Pixels, long_side: int) -> Pixels:
    """Resample so that the long side is `long_side` pixels: Pillow's LANCZOS on the 8-bit RGB picture."""
    height, width = pixels.shape[:2]
    return resize_to(pixels, *fitted_shape(height, width, long_side))


def resize_to(pixels: npt.NDArray[Any], height: int, width: int) -> npt.NDArray[Any]:
    """Resample to (height, width), as `resize` does; a shape of another proportion squashes the picture.

    Grey levels that are not rounded, float32 in 0..255, are resampled likewise and stay so.
    """
    if pixels.dtype != np.uint8:
        channels = (Image.fromarray(np.ascontiguousarray(pixels[..., at])) for at in range(3))
        sizes = ((width, height), Image.Resampling.LANCZOS)
        return np.clip(np.stack([np.asarray(each.resize(*sizes)) for each in channels], axis=-1), 0, 255)
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def encode_png(pixels: Pixels, recipe: str | None = None) -> bytes:
    """Return a PNG file, with `recipe` as the text of its `RECIPE_KEYWORD` chunk if there is one."""
    info = PngImagePlugin.PngInfo()
    if recipe is not None:
        info.add_itxt(RECIPE_KEYWORD, recipe)
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


def encode_jpeg(pixels: Pixels, quality: int = 92) -> bytes:
    """Return a JPEG file; `quality` is Pillow's, 1 to 95."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def read_recipe_text(data: bytes) -> str | None:
    """Return the recipe text inside a PNG or TIFF of this project, without decoding the picture.

    The text is as untrusted as the file. Of a PNG only the chunks before the pixels are looked at, of a TIFF its
    fields, and no library sees them. None if the file is neither, is damaged there, or carries no recipe of at most
    `MAX_RECIPE_BYTES`.
    """
    if data.startswith(_TIFF_SIGNATURE):
        return _tiff_description(data)
    if not data.startswith(PNG_SIGNATURE):
        return None
    offset = len(PNG_SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        length, kind = int.from_bytes(data[offset : offset + 4]), data[offset + 4 : offset + 8]
        body = memoryview(data)[offset + 8 : offset + 8 + length]
        check = data[offset + 8 + length : offset + 12 + length]
        if kind in (b"IDAT", b"IEND") or len(check) < 4:
            return None
        if kind in _TEXT_CHUNKS and length <= 2 * MAX_RECIPE_BYTES and body[: len(_KEYWORD)] == _KEYWORD:
            whole = zlib.crc32(body, zlib.crc32(kind)) == int.from_bytes(check)
            return _text(kind, bytes(body[len(_KEYWORD) :])) if whole else None
        offset += 12 + length
    return None


def _tiff_description(data: bytes) -> str | None:
    """Return the description in a little-endian TIFF's first directory (TIFF 6.0, section 2) if it may be a recipe."""
    start = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[start : start + 2], "little")
    for number in range(min(count, _MAX_CHUNKS)):
        entry = data[start + 2 + 12 * number :][:12]
        tag, kind, length, place = struct.unpack("<HHII", entry) if len(entry) == 12 else (0, 0, 0, 0)
        if (tag, kind) == (_DESCRIPTION, _ASCII):
            text = data[place : place + length].removesuffix(b"\0")
            if len(text) != length - 1 or len(text) > MAX_RECIPE_BYTES or not text.startswith(b'{"recipe"'):
                return None
            try:
                return text.decode()
            except UnicodeDecodeError:
                return None
    return None


def _text(kind: bytes, body: bytes) -> str | None:
    """Return the text of a PNG text chunk after its keyword (PNG specification, 11.3.3), if it is not too long."""
    compressed = kind == b"zTXt"
    if kind == b"iTXt":
        compressed = body[:1] == b"\1"
        _, _, body = body[2:].partition(b"\0")  # the language
        _, _, body = body.partition(b"\0")  # the keyword in that language
    elif compressed:
        body = body[1:]
    if compressed:
        try:
            body = zlib.decompressobj().decompress(body, MAX_RECIPE_BYTES + 1)
        except zlib.error:
            return None
    if len(body) > MAX_RECIPE_BYTES:
        return None
    try:
        return body.decode("utf-8" if kind == b"iTXt" else "latin-1")
    except UnicodeDecodeError:
        return None


def _read(data: bytes, name: str, decode: Callable[[ImageFile.ImageFile, str], Decoded]) -> Decoded:
    """Open `data` and return what `decode` makes of it; whatever goes wrong becomes one sentence."""
    if not data:
        raise ImageError(f"{name}: expected a picture, got an empty file; choose another.")
    kind = _format(data)
    if kind is None:
        raise ImageError(
            f"{name}: expected a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF picture, got something else; "
            "convert it to one of these."
        )
    try:
        return decode(_opened(data, kind), name)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(
            f"{name}: expected a picture that can be decoded in the memory there is, got a larger one; scale it down."
        ) from error
    except Exception as error:  # Pillow's decoders raise nearly everything on damaged bytes, each in its own way.
        raise ImageError(
            f"{name}: expected a whole picture, got a damaged or cut-off {kind} file; save or download it again."
        ) from error


def _format(data: bytes) -> str | None:
    Image.init()  # registers the formats, once
    for kind in FORMATS:
        _, accepts = Image.OPEN[kind]
        if accepts is not None and accepts(data[:16]) is True:
            return kind
    return None


def _opened(data: bytes, kind: str) -> ImageFile.ImageFile:
    """Read the header with the one decoder of `kind`.

    Not Image.open: its own check of the size warns, or refuses, at limits that are process-wide.
    """
    opener, _ = Image.OPEN[kind]
    return opener(BytesIO(data), "")


def _check_area(image: ImageFile.ImageFile, name: str) -> None:
    width, height = image.size
    if width * height < 1:
        raise ValueError("a picture without pixels")
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{name}: expected at most {MAX_PIXELS / 1e6:g} megapixels, got {width * height / 1e6:.0f} "
            f"({width}x{height}); scale the picture down first."
        )


def _deeply_decoded(data: bytes, image: ImageFile.ImageFile, name: str) -> Picture:
    """Return the picture with all of its levels, if it has 16 bits and colours that can be kept."""
    from nst.pictures.deep import deep_levels

    _check_area(image, name)
    levels = deep_levels(data, image)
    if levels is None:
        return _decoded(image, name)
    pixels = np.rint(levels).astype(np.uint8)
    pixels.flags.writeable = levels.flags.writeable = False
    return Picture(pixels, _frame_notes(image, name), levels)


def _decoded(image: ImageFile.ImageFile, name: str) -> Picture:
    _check_area(image, name)
    notes = _frame_notes(image, name)
    image.load()
    upright = _upright(image)
    colour, alpha = _split_alpha(_eight_bit(upright, name))
    rgb = _srgb(colour, image.info.get("icc_profile"))
    if alpha is not None and alpha.getextrema() != (255, 255):
        rgb = Image.composite(rgb, Image.new("RGB", rgb.size, "white"), alpha)
        notes += (f"{name}: its transparent parts are laid on white.",)
    return Picture(np.asarray(rgb), notes)


def _coverage(image: ImageFile.ImageFile, name: str) -> npt.NDArray[np.float32]:
    _check_area(image, name)
    image.load()
    upright = _upright(image)
    if upright.mode.startswith("I;16") and not upright.has_transparency_data:
        return np.asarray(upright).astype(np.float32) / np.float32(65535)
    colour, alpha = _split_alpha(_eight_bit(upright, name))
    if alpha is None or alpha.getextrema() == (255, 255):
        alpha = (colour.convert("RGB") if colour.mode == "CMYK" else colour).convert("L")
    return np.asarray(alpha).astype(np.float32) / np.float32(255)


def _frame_notes(image: ImageFile.ImageFile, name: str) -> tuple[str, ...]:
    # An MPO is a photo with, usually, its own thumbnail as a second frame: nothing is lost, nothing is said.
    # The frames are not counted, which in a hostile file can take minutes.
    if image.format == "MPO" or not getattr(image, "is_animated", False):
        return ()
    if image.format == "TIFF":
        return (f"{name}: it has several pages; the first is used.",)
    return (f"{name}: it is animated; the first frame is used.",)


def _upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation. Pillow's exif_transpose also rewrites the EXIF, and fails on a broken one."""
    method = orientation(image)
    return image if method is None else image.transpose(method)


def orientation(image: Image.Image) -> Image.Transpose | None:
    """Return how a picture has to be turned to stand upright, as its EXIF says."""
    try:
        number = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # see read_picture; a broken EXIF says nothing about the pixels
        return None
    return ORIENTATIONS.get(number) if isinstance(number, int) else None


def _eight_bit(image: Image.Image, name: str) -> Image.Image:
    """Return `image` with 8 bits a channel; 16-bit colour Pillow has already reduced."""
    if image.mode in ("I", "F"):
        found = "floating-point" if image.mode == "F" else "signed or 32-bit"
        raise ImageError(f"{name}: expected 8 or 16 bits a channel, got {found} numbers; save it as an 8-bit PNG.")
    if not image.mode.startswith("I;16"):
        return image
    # Pillow's own conversion clips at 255. 65535 / 257 = 255, in integers and rounded.
    levels = np.asarray(image).astype(np.uint32)
    return Image.fromarray(((levels + 128) // 257).astype(np.uint8))


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return the colours in mode L, RGB, CMYK or LAB, and the opacity (mode L) if there is any."""
    if image.has_transparency_data:
        grey = image.mode in ("1", "L", "LA", "La")
        rgba = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
        return rgba.getchannel("R") if grey else rgba.convert("RGB"), rgba.getchannel("A")
    if image.mode == "1":
        return image.convert("L"), None
    return image if image.mode in ("L", "CMYK", "LAB") else image.convert("RGB"), None


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return `image` (mode L, RGB, CMYK or LAB) as RGB, by its ICC profile if that is usable."""
    source: ImageCms.ImageCmsProfile | BytesIO | None = None
    if image.mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    elif profile:
        described = _PROFILE_MODES.get(profile[16:20])
        if described == "RGB" and image.mode == "L":
            image = image.convert("RGB")
        source = BytesIO(profile) if described == image.mode else None
    if source is not None:
        try:
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except ImageCms.PyCMSError:  # a broken profile: the colours are still near without it
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")
