"""What a user relies on: any ordinary picture comes in as it looks, anything else is refused in one sentence."""

import struct
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, ImageFile, PngImagePlugin

from nst.errors import ImageError
from nst.pictures.codec import (
    MAX_PIXELS,
    MAX_RECIPE_BYTES,
    RECIPE_KEYWORD,
    Pixels,
    encode_jpeg,
    encode_png,
    fitted_shape,
    read_picture,
    read_picture_file,
    read_recipe_text,
    read_shape,
    read_thumbnail,
    resize,
    resize_to,
)
from tests.support.files import colourful, noisy, png, saved


def icc_profile(space: bytes, pcs: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A version 2 ICC profile (ICC.1:2001-04, section 6) with the given tags."""
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        padded = tag + b"\0" * (-len(tag) % 4)
        table += name + struct.pack(">II", offset + len(body), len(tag))
        body += padded
    head = struct.pack(">I4sI4s4s4s", 0, b"lcms", 0x02100000, b"mntr", space, pcs)
    head += struct.pack(">6H4s", 2020, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 28
    head += struct.pack(">iii", 63190, 65536, 54061)  # the D50 illuminant
    head = head.ljust(128, b"\0")
    profile = head + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(profile)) + profile[4:]


def xyz_tag(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


WIDE_PRIMARIES = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def wide_gamut_profile() -> bytes:
    """Adobe RGB (1998) as a matrix and a gamma of 2.2, adapted to D50."""
    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    tags = {b"wtpt": xyz_tag((0.9642, 1.0, 0.8249))}
    for name, primary in zip((b"r", b"g", b"b"), WIDE_PRIMARIES, strict=True):
        tags[name + b"XYZ"], tags[name + b"TRC"] = xyz_tag(primary), gamma
    return icc_profile(b"RGB ", b"XYZ ", tags)


def grey_ink_profile() -> bytes:
    """A CMYK profile whose cyan ink prints as L* = 50, neutral: nobody mistakes it for the naive conversion."""
    ramp = bytes(range(256))
    corners = np.ndindex(2, 2, 2, 2)  # no ink or full ink of each of C, M, Y, K
    table = b"".join(bytes((0 if k else 128 if c else 255, 128, 128)) for c, _, _, k in corners)
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    lut += ramp * 4 + table + ramp * 3
    return icc_profile(b"CMYK", b"Lab ", {b"wtpt": xyz_tag((0.9642, 1.0, 0.8249)), b"A2B0": lut})


# Ordinary pictures


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP"])
def test_lossless_formats_come_in_exactly(kind: str) -> None:
    picture = read_picture(saved(Image.fromarray(colourful()), kind, lossless=True))
    np.testing.assert_array_equal(picture.pixels, colourful())
    assert picture.pixels.dtype == np.uint8
    assert picture.notes == ()


@pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
def test_lossy_formats_come_in_nearly(kind: str) -> None:
    picture = read_picture(saved(Image.fromarray(colourful(96, 128)), kind, quality=95))
    assert picture.pixels.shape == (96, 128, 3)
    assert np.abs(picture.pixels.astype(int) - colourful(96, 128)).mean() < 2


def test_a_single_pixel_is_a_picture() -> None:
    assert read_picture(saved(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG")).pixels.tolist() == [[[1, 2, 3]]]


def test_pixels_cannot_be_changed_by_accident() -> None:
    pixels = read_picture(saved(Image.fromarray(colourful()), "PNG")).pixels
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0, 0] = 1


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey_pictures_get_three_equal_channels(mode: str) -> None:
    grey = Image.fromarray(colourful()).convert("L").convert(mode)
    picture = read_picture(saved(grey, "PNG"))
    np.testing.assert_array_equal(picture.pixels, np.asarray(grey.convert("L"))[..., None].repeat(3, axis=2))
    assert picture.notes == ()


def test_sixteen_bit_grey_keeps_its_levels() -> None:
    ramp = (np.arange(256, dtype=np.uint16) * 257).reshape(1, 256)
    for kind in ("PNG", "TIFF"):
        pixels = read_picture(saved(Image.fromarray(ramp), kind)).pixels
        assert pixels[0, :, 0].tolist() == list(range(256)), kind


def test_big_endian_sixteen_bit_tiff_keeps_its_levels() -> None:
    ramp = Image.frombytes("I;16B", (256, 1), (np.arange(256) * 257).astype(">u2").tobytes())
    assert read_picture(saved(ramp, "TIFF")).pixels[0, :, 1].tolist() == list(range(256))


def test_sixteen_bit_colour_is_reduced_to_eight() -> None:
    row = b"\0" + struct.pack(">6H", 0, 128 * 257, 65535, 257, 2 * 257, 3 * 257)
    assert read_picture(png(2, 1, 16, 2, row)).pixels.tolist() == [[[0, 128, 255], [1, 2, 3]]]


def test_palette_pictures_get_their_colours() -> None:
    palette = Image.fromarray(colourful()).quantize(16)
    pixels = read_picture(saved(palette, "PNG")).pixels
    np.testing.assert_array_equal(pixels, np.asarray(palette.convert("RGB")))


def test_cmyk_without_a_profile_has_its_inks_subtracted() -> None:
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    red, green, blue = read_picture(saved(cyan, "JPEG")).pixels[8, 8].tolist()
    assert red < 10
    assert min(green, blue) > 245


def test_cmyk_with_a_profile_follows_it() -> None:
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    data = saved(cyan, "JPEG", icc_profile=grey_ink_profile())
    np.testing.assert_allclose(read_picture(data).pixels, 120, atol=3)  # L* = 50 is sRGB 119


def test_lab_tiff_is_converted() -> None:
    rgb = Image.fromarray(colourful())
    lab = ImageCms.profileToProfile(
        rgb, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    difference = read_picture(saved(lab, "TIFF")).pixels.astype(int) - colourful()
    assert np.abs(difference).mean() < 3


# Colour profiles


def test_a_wide_gamut_profile_is_converted_to_srgb() -> None:
    colour = (150, 100, 110)
    data = saved(Image.new("RGB", (8, 8), colour), "PNG", icc_profile=wide_gamut_profile())
    # By hand: gamma 2.2 and the primaries to XYZ (D50), then sRGB's own matrix (D50) and transfer curve.
    xyz = np.array(WIDE_PRIMARIES).T @ (np.array(colour) / 255) ** 2.2
    srgb = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
    linear = np.linalg.solve(srgb, xyz)
    expected = 255 * (1.055 * linear ** (1 / 2.4) - 0.055)
    assert expected[0] - colour[0] > 8  # the conversion is not a formality
    np.testing.assert_allclose(read_picture(data).pixels[4, 4], expected, atol=2)


def test_a_profile_applies_beneath_transparency_too() -> None:
    profile = wide_gamut_profile()
    opaque = saved(Image.new("RGB", (8, 8), (150, 100, 110)), "PNG", icc_profile=profile)
    clear = saved(Image.new("RGBA", (8, 8), (150, 100, 110, 255)), "PNG", icc_profile=profile)
    np.testing.assert_array_equal(read_picture(clear).pixels, read_picture(opaque).pixels)


@pytest.mark.parametrize(
    "profile",
    [b"not a profile", wide_gamut_profile()[:200], grey_ink_profile(), b"\0" * 128],
    ids=["text", "cut off", "of other channels", "zeros"],
)
def test_an_unusable_profile_is_ignored(profile: bytes) -> None:
    data = saved(Image.fromarray(colourful()), "PNG", icc_profile=profile)
    np.testing.assert_array_equal(read_picture(data).pixels, colourful())


# Transparency


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGBA", (4, 4), (255, 0, 0, 0)),
        Image.new("LA", (4, 4), (0, 0)),
    ],
    ids=["RGBA", "LA"],
)
def test_colour_hidden_under_alpha_stays_hidden(image: Image.Image) -> None:
    picture = read_picture(saved(image, "PNG"), "logo.png")
    assert picture.pixels.min() == 255
    assert picture.notes == ("logo.png: its transparent parts are laid on white.",)


def test_half_transparent_black_is_mid_grey() -> None:
    pixels = read_picture(saved(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG")).pixels
    np.testing.assert_allclose(pixels, 127, atol=1)


def test_a_transparent_palette_entry_is_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    for data in (saved(image, "PNG", transparency=0), saved(image, "GIF", transparency=0)):
        assert read_picture(data).pixels.tolist() == [[[255, 255, 255], [0, 0, 255]]]


def test_opaque_alpha_changes_nothing_and_says_nothing() -> None:
    picture = read_picture(saved(Image.fromarray(colourful()).convert("RGBA"), "PNG"))
    np.testing.assert_array_equal(picture.pixels, colourful())
    assert picture.notes == ()


# Orientation


def as_stored(upright: Pixels, orientation: int) -> Pixels:
    """The rows a camera writes for a scene that looks like `upright` (EXIF 2.32, 4.6.4, tag Orientation)."""
    stored: dict[int, Callable[[Pixels], Pixels]] = {
        1: lambda scene: scene,
        2: lambda scene: scene[:, ::-1],
        3: lambda scene: scene[::-1, ::-1],
        4: lambda scene: scene[::-1],
        5: lambda scene: scene.swapaxes(0, 1),
        6: lambda scene: np.rot90(scene, 1),
        7: lambda scene: np.rot90(scene, 2).swapaxes(0, 1),
        8: lambda scene: np.rot90(scene, -1),
    }
    return np.ascontiguousarray(stored[orientation](upright))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(Image.fromarray(as_stored(colourful(), orientation)), kind, exif=exif, lossless=True)
    np.testing.assert_array_equal(read_picture(data).pixels, colourful())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_of_photos_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = colourful(96, 128)
    data = saved(Image.fromarray(as_stored(upright, orientation)), "JPEG", exif=exif, quality=95)
    pixels = read_picture(data).pixels
    assert pixels.shape == upright.shape
    assert np.abs(pixels.astype(int) - upright).mean() < 4


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("exif", [b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0nonsense", b"Exif\0\0"])
def test_a_broken_exif_is_ignored(exif: bytes) -> None:
    data = saved(Image.fromarray(colourful()), "JPEG", exif=exif)
    assert read_picture(data).pixels.shape == (24, 32, 3)


# Several frames


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_of_an_animation_is_used(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, lossless=True)
    picture = read_picture(data, "dance")
    assert (picture.pixels == (255, 0, 0)).all()
    assert picture.notes == ("dance: it is animated; the first frame is used.",)


def test_the_first_page_of_a_document_is_used() -> None:
    pages = [Image.new("RGB", (8, 8), colour) for colour in ((255, 0, 0), (0, 255, 0))]
    picture = read_picture(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]), "scan.tif")
    assert (picture.pixels == (255, 0, 0)).all()
    assert picture.notes == ("scan.tif: it has several pages; the first is used.",)


# What is refused


def refusal(data: bytes, name: str = "picture.png") -> str:
    """The sentence with which `data` is refused."""
    with pytest.raises(ImageError) as caught:
        read_picture(data, name)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "picture.png: expected a picture, got an empty file; choose another."


@pytest.mark.parametrize(
    "data",
    [
        b"I am a text file whose name ends in .png",
        b"\0",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        saved(Image.new("RGB", (8, 8)), "PCX"),
        saved(Image.new("RGB", (16, 16)), "ICO"),
        saved(Image.new("RGB", (8, 8)), "EPS"),
        saved(Image.new("RGB", (8, 8)), "PPM"),
    ],
    ids=["text", "null", "PDF", "SVG", "PCX", "ICO", "EPS", "PPM"],
)
def test_other_formats_are_refused_with_the_list_of_accepted_ones(data: bytes) -> None:
    assert refusal(data) == (
        "picture.png: expected a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF picture, got something else; "
        "convert it to one of these."
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
@pytest.mark.parametrize("kept", [0.02, 0.3, 0.7, 0.95])
def test_cut_off_files_are_refused_not_half_read(kind: str, kept: float) -> None:
    whole = saved(noisy(), kind)
    sentence = refusal(whole[: max(16, int(kept * len(whole)))])
    assert "damaged or cut-off" in sentence
    assert kind in sentence


@pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow says to the log about TIFF tags
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_damaged_bytes_never_raise_anything_but_an_image_error(kind: str) -> None:
    random = np.random.default_rng(1)
    whole = np.frombuffer(saved(noisy(24, 24), kind), np.uint8)
    for _ in range(60):
        damaged = whole.copy()
        places = random.integers(0, min(len(whole), random.choice([40, 400, len(whole)])), 4)
        damaged[places] = random.integers(0, 256, 4)
        with suppress(ImageError):
            assert read_picture(damaged.tobytes()).pixels.ndim == 3


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (30_000, 30_000), (MAX_PIXELS // 1000 + 1, 1000)])
def test_huge_pictures_are_refused_before_decoding(width: int, height: int) -> None:
    # The rows are missing: whoever tried to decode it would call it damaged. 100 megapixels is where
    # Pillow itself would warn, 900 where it would refuse in words of its own.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sentence = refusal(png(width, height, 8, 2, b""))
    assert sentence.startswith("picture.png: expected at most 50 megapixels, got ")
    assert f"({width}x{height})" in sentence


@pytest.mark.slow
def test_fifty_megapixels_are_not_too_many() -> None:
    picture = read_picture(saved(Image.new("1", (MAX_PIXELS // 5000, 5000)), "PNG"))
    assert picture.pixels.shape == (5000, MAX_PIXELS // 5000, 3)


@pytest.mark.parametrize(("mode", "found"), [("F", "floating-point"), ("I", "signed or 32-bit")])
def test_numbers_without_an_agreed_meaning_are_refused(mode: str, found: str) -> None:
    sentence = refusal(saved(Image.new("L", (8, 8), 100).convert(mode), "TIFF"))
    assert sentence == f"picture.png: expected 8 or 16 bits a channel, got {found} numbers; save it as an 8-bit PNG."


def test_a_strange_name_stays_on_one_line() -> None:
    sentence = refusal(b"", "a\nb\x1b[31m" + "c" * 1000)
    assert len(sentence) < 250
    assert "\x1b" not in sentence


def test_reading_leaves_pillows_settings_alone() -> None:
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters)
    read_picture(saved(noisy(), "PNG"))
    refusal(saved(noisy(), "PNG")[:500])
    refusal(png(10_000, 10_000, 8, 2, b""))
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters))


# Files


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "péinture.png"
    path.write_bytes(saved(Image.fromarray(colourful()), "PNG"))
    np.testing.assert_array_equal(read_picture_file(path).pixels, colourful())


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="got a path where there is none"):
        read_picture_file(tmp_path / "none.png")
    with pytest.raises(ImageError, match="got a folder"):
        read_picture_file(tmp_path)
    with pytest.raises(ImageError, match="readable picture file"):
        read_picture_file("a\0b.png")


# Sizes


@pytest.mark.parametrize(
    ("height", "width", "long_side", "expected"),
    [
        (427, 640, 512, (342, 512)),
        (640, 427, 512, (512, 342)),
        (100, 100, 64, (64, 64)),
        (1, 5000, 64, (1, 64)),
        (3, 2, 9, (9, 6)),
    ],
)
def test_the_long_side_is_exact_and_the_short_side_rounded(
    height: int, width: int, long_side: int, expected: tuple[int, int]
) -> None:
    assert fitted_shape(height, width, long_side) == expected


def test_resizing_is_lanczos_on_eight_bits() -> None:
    pixels = np.asarray(noisy(40, 60))
    expected = Image.fromarray(pixels).resize((30, 20), Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(resize(pixels, 30), np.asarray(expected))
    assert resize_to(pixels, 7, 5).shape == (7, 5, 3)
    np.testing.assert_array_equal(resize(pixels, 60), pixels)


# Saving


def test_png_keeps_pixels_and_recipe() -> None:
    recipe = '{"painting": "Großes Meer, 波"}\n'
    data = encode_png(colourful(), recipe)
    np.testing.assert_array_equal(read_picture(data).pixels, colourful())
    assert read_recipe_text(data) == recipe
    assert type(read_recipe_text(data)) is str


def test_the_same_picture_and_recipe_are_the_same_file() -> None:
    assert encode_png(colourful(), "{}") == encode_png(colourful(), "{}")


def test_files_without_a_recipe_have_none() -> None:
    jpeg = encode_jpeg(colourful())
    assert read_picture(jpeg).pixels.shape == (24, 32, 3)
    for data in (encode_png(colourful()), jpeg, b"", b"text", encode_png(colourful(), "{}")[:40]):
        assert read_recipe_text(data) is None


def test_a_recipe_is_read_although_the_pixels_are_cut_off() -> None:
    data = encode_png(np.asarray(noisy()), '{"size": 64}')
    assert read_recipe_text(data[: len(data) // 2]) == '{"size": 64}'


def test_an_oversized_recipe_is_not_read() -> None:
    largest = "x" * MAX_RECIPE_BYTES
    assert read_recipe_text(encode_png(colourful(), largest)) == largest
    assert read_recipe_text(encode_png(colourful(), largest + "x")) is None
    info = PngImagePlugin.PngInfo()
    info.add_text(RECIPE_KEYWORD, "x" * 2**22, zip=True)
    assert read_recipe_text(saved(Image.new("L", (8, 8)), "PNG", pnginfo=info)) is None


# Thumbnails


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_thumbnail_is_the_picture_in_small(kind: str) -> None:
    data = saved(Image.fromarray(colourful(640, 1280)), kind, **({"quality": 95} if kind == "JPEG" else {}))
    small = read_thumbnail(data, 100).pixels
    assert small.shape == (50, 100, 3)
    whole = resize(read_picture(data).pixels, 100)
    np.testing.assert_allclose(small.astype(int), whole.astype(int), atol=8)


def test_a_thumbnail_is_never_larger_than_the_picture() -> None:
    assert read_thumbnail(encode_png(colourful(30, 40)), 100).pixels.shape == (30, 40, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_thumbnail_knows_the_shape_of_the_whole_and_what_there_is_to_say(kind: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    small = read_thumbnail(saved(Image.fromarray(colourful(601, 1283)), kind, exif=exif), 100)
    assert small.shape == (1283, 601)
    assert small.pixels.shape == (100, 47, 3)
    animated = saved(noisy(), "GIF", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    assert read_thumbnail(animated, 20).notes == read_picture(animated).notes != ()


def test_a_thumbnail_of_too_large_a_jpeg_is_refused_although_its_draft_is_small() -> None:
    data = bytearray(saved(Image.fromarray(colourful(64, 64)), "JPEG"))
    at = data.index(b"\xff\xc0") + 5  # height and width in the frame's header
    data[at : at + 4] = (60_000).to_bytes(2, "big") * 2
    with pytest.raises(ImageError, match="megapixels"):
        read_thumbnail(bytes(data), 100)


def test_a_thumbnail_of_a_damaged_file_is_refused() -> None:
    with pytest.raises(ImageError, match="expected a JPEG"):
        read_thumbnail(b"nothing", 100)


def test_the_shape_of_a_picture_is_known_without_its_pixels() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    for kind, options in (("JPEG", {"exif": exif}), ("PNG", {}), ("PNG", {"exif": exif}), ("WEBP", {"exif": exif})):
        data = saved(Image.fromarray(colourful(24, 32)), kind, **options)
        assert read_shape(data) == read_picture(data).pixels.shape[:2]
    cut = saved(noisy(), "PNG")[:2000]
    assert read_shape(cut) == (64, 64)
    with pytest.raises(ImageError, match="expected a JPEG, PNG"):
        read_shape(b"no picture")
