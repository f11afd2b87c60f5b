"""Thousands of damaged files through the decoders and the recipe reader: ``python -m benchmarks.fuzz``.

Whole files of every accepted format are damaged at random (bytes changed, cut, doubled, moved, lengths made huge) and
decoded, as a picture, in small and as a mask, in a process with bounded memory. Half of the PNGs get right checksums
again, and half of the recipes stay JSON with wrong values in it; else nearly all would be refused at the first look.
What counts as a failure: a process that dies, an exception other than the sentence for the visitor, a file that takes
more than `SECONDS` of the processor or twice as long by the clock. Running out of the bounded memory is a sentence too.
"""

import argparse
import json
import multiprocessing
import multiprocessing.connection
import resource
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from nst import __version__
from nst.config import StyleTransferConfig
from nst.errors import ConfigError, ImageError
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.codec import FORMATS, RECIPE_KEYWORD, read_coverage, read_picture, read_recipe_text, read_thumbnail
from nst.recipes.recipe import Recipe, Source

#: The longest that one file may take, and the memory in which it is decoded.
SECONDS = 5.0
MEGABYTES = 1200

_TOKENS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\xff\xff", b"\xff\xff", b"\x80", b"\x01")

_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 0.5, 1, 2**31, 10**30, 1e308, float("nan"), float("inf")),
    *("", "x", "block1_conv1", "content", "\ud800", "x" * 10**5, "A" * 8192, "eJwDAAAAAAE="),
    *([], {}, [[]], [0], [1e308] * 40, ["1-5"] * 40, {"block1_conv1": 1}, {"height": 512, "width": 512, "data": ""}),
)


@dataclass
class Report:
    """What became of the files."""

    files: int = 0
    outcomes: dict[str, int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0
    peak_megabytes: float = 0.0


def seeds() -> dict[str, list[bytes]]:
    """Return small whole files of every format, in the variants that take different ways through the decoders."""
    noise = np.random.default_rng(0).integers(0, 256, (24, 32, 4), dtype=np.uint8)
    rgba = Image.fromarray(noise)
    rgb, grey, palette = rgba.convert("RGB"), rgba.convert("L"), rgba.convert("RGB").quantize(16)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a picture"
    film = {"save_all": True, "append_images": [rgb.rotate(90 * turn) for turn in range(1, 4)]}
    text = PngImagePlugin.PngInfo()
    text.add_itxt(RECIPE_KEYWORD, recipe())
    text.add_text("Comment", "x" * 500, zip=True)
    sixteen = Image.fromarray(noise[..., 0].astype(np.uint16) * 257)
    files = {kind: [saved(rgb, kind)] for kind in FORMATS}
    files["JPEG"] += [saved(rgb, "JPEG", icc_profile=profile, exif=exif, progressive=True)]
    files["JPEG"] += [saved(rgb.convert("CMYK"), "JPEG"), saved(grey, "JPEG", restart_marker_blocks=1)]
    files["PNG"] += [saved(rgba, "PNG", icc_profile=profile, exif=exif, pnginfo=text), saved(sixteen, "PNG")]
    files["PNG"] += [saved(palette, "PNG", transparency=1), saved(rgb, "PNG", **film)]
    files["WEBP"] += [saved(rgba, "WEBP", lossless=True, exif=exif, icc_profile=profile), saved(rgb, "WEBP", **film)]
    files["GIF"] += [saved(palette, "GIF", transparency=1), saved(rgb, "GIF", **film)]
    files["BMP"] += [saved(palette, "BMP"), saved(rgba, "BMP"), saved(grey.convert("1"), "BMP")]
    for compression in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits"):
        files["TIFF"].append(saved(rgb, "TIFF", compression=compression, icc_profile=profile, exif=exif))
    files["TIFF"] += [saved(sixteen, "TIFF"), saved(grey.convert("1"), "TIFF", compression="group4")]
    files["TIFF"] += [saved(rgb.convert("CMYK"), "TIFF"), saved(rgb, "TIFF", **film)]
    files["AVIF"] += [saved(rgba, "AVIF", exif=exif, icc_profile=profile), saved(rgb, "AVIF", **film)]
    return files


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return an image as a file."""
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def recipe() -> str:
    """Return a whole recipe, with a region and a part of a painting."""
    photo, painting = Source.of("photo", b"photo"), Source.of("painting", b"painting")
    mask = PackedMask.of(np.tile(np.linspace(0, 1, 32, dtype=np.float32), (24, 1)))
    parts: dict[str, Any] = {"regions": (Region("sky", mask, (1.0, 2.0)),), "style_guides": (None, mask)}
    return Recipe(photo, (painting, painting), StyleTransferConfig(), __version__, **parts).to_json()


def damaged(whole: bytes, random: np.random.Generator) -> bytes:
    """Return a file that differs from a whole one in one to eight ways; most of them near its beginning."""
    data = bytearray(whole)
    for _ in range(int(random.integers(1, 9))):
        reach = min(len(data), int(random.choice([32, 128, 1024, max(1, len(data))])))
        at = int(random.integers(0, max(1, reach)))
        length = int(random.integers(1, 65))
        match int(random.integers(0, 7)):
            case 0 | 1:
                data[at : at + 1] = bytes([int(random.integers(0, 256))])
            case 2:
                data[at : at + 1] = bytes([data[at] ^ (1 << int(random.integers(0, 8)))]) if data else b""
            case 3:
                token = _TOKENS[int(random.integers(0, len(_TOKENS)))]
                data[at : at + len(token)] = token
            case 4:
                del data[at : at + length]
            case 5:
                data[at:at] = data[at : at + length] * int(random.integers(1, 20))
            case _:
                if random.random() < 0.2:
                    del data[max(16, at) :]
    return bytes(data)


def summed(data: bytes) -> bytes:
    """Return a damaged PNG with the right checksum after each chunk, as far as chunks can be made out."""
    fixed, offset = bytearray(data), 8
    while offset + 12 <= len(fixed):
        end = offset + 8 + int.from_bytes(fixed[offset : offset + 4])
        if end + 4 > len(fixed):
            break
        fixed[end : end + 4] = zlib.crc32(fixed[offset + 4 : end]).to_bytes(4)
        offset = end + 4
    return bytes(fixed)


def changed(text: bytes, random: np.random.Generator) -> bytes:
    """Return JSON in which one to three values are others, of any kind."""
    entries = json.loads(text)
    for _ in range(int(random.integers(1, 4))):
        place: Any = entries
        while True:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = keys[int(random.integers(0, len(keys)))]
            if not isinstance(place[key], (dict, list)) or not place[key] or random.random() < 0.2:
                break
            place = place[key]
        place[key] = deepcopy(_VALUES[int(random.integers(0, len(_VALUES)))])
    return json.dumps(entries).encode()


def attempt(kind: str, data: bytes) -> str:
    """Decode a file as a picture and as a mask, or read a recipe; return what came of it in a word.

    Anything but a sentence for the visitor raises.
    """
    if kind == "recipe":
        return _outcome(lambda: Recipe.from_json(data.decode("utf-8", "replace")))
    text = read_recipe_text(data)
    if text is not None:
        _outcome(lambda: Recipe.from_json(text))
    outcome = _outcome(lambda: _check_picture(data))
    mask = _outcome(lambda: _check_mask(data))
    # Colour profiles are not looked at in a mask, so a few files are one and not the other.
    return outcome if outcome == mask else f"{outcome}, as a mask {mask}"


def _outcome(read: Callable[[], object]) -> str:
    try:
        read()
    except (ImageError, ConfigError) as error:
        sentence = str(error)
        assert "\n" not in sentence, sentence
        assert len(sentence) < 1000, sentence
        return "refused"
    return "read"


def _check_picture(data: bytes) -> None:
    picture = read_picture(data)
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.shape[2] == 3
    small = read_thumbnail(data, 64)
    assert (small.shape, small.notes) == (picture.pixels.shape[:2], picture.notes)
    assert max(small.pixels.shape[:2]) <= 64


def _check_mask(data: bytes) -> None:
    mask = read_coverage(data)
    assert mask.dtype == np.float32
    assert np.all((mask >= 0) & (mask <= 1))


def _serve(pipe: multiprocessing.connection.Connection) -> None:
    """Be the process that decodes: answer each file with a word, the seconds it took and the peak of memory."""
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 2**20, MEGABYTES * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    attempt("PNG", b"")
    pipe.send("ready")
    while True:
        kind, data = pipe.recv()
        start = time.process_time()
        try:
            outcome = attempt(kind, data)
        except BaseException as error:
            outcome = f"failure: {type(error).__name__}: {error}"
        seconds = time.process_time() - start
        pipe.send((outcome, seconds, _peak_megabytes()))


def _peak_megabytes() -> float:
    """Return the most memory that this process has had; not ru_maxrss, which begins with the parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


class Subject:
    """The process under test, started again whenever it dies."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()
        other.close()
        self._pipe.recv()  # the start of Python is not the first file's fault

    def decode(self, kind: str, data: bytes) -> tuple[str, float, float]:
        """Return what became of one file, its seconds, and the process's peak of memory in megabytes."""
        try:
            self._pipe.send((kind, data))
            if not self._pipe.poll(2 * SECONDS):
                raise TimeoutError
            answer: tuple[str, float, float] = self._pipe.recv()
        except (EOFError, OSError) as error:
            self.close()
            exitcode = self._process.exitcode
            self._start()
            late = isinstance(error, TimeoutError)
            return ("failure: hangs" if late else f"failure: the process died ({exitcode})"), 0.0, 0.0
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def cases(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield `count` damaged files of each format, and as many recipes, always the same for a seed."""
    wholes = {**seeds(), "recipe": [recipe().encode()]}
    for place, (kind, files) in enumerate(wholes.items()):
        random = np.random.default_rng([seed, place])
        for index in range(count):
            whole, half = files[index % len(files)], random.random() < 0.5
            if kind == "recipe" and half:
                yield kind, changed(whole, random)
            else:
                data = damaged(whole, random)
                yield kind, summed(data) if kind == "PNG" and half else data


def fuzz(count: int, seed: int, keep: Path | None = None) -> dict[str, Report]:
    """Decode the cases and return a report for each format; files that failed are kept in a folder if there is one."""
    reports: dict[str, Report] = {}
    subject = Subject()
    for kind, data in cases(count, seed):
        report = reports.setdefault(kind, Report())
        outcome, seconds, peak = subject.decode(kind, data)
        if seconds > SECONDS:
            outcome = f"failure: took {seconds:.1f} s"
        report.files += 1
        report.outcomes[outcome.partition(":")[0]] += 1
        report.slowest_seconds = max(report.slowest_seconds, round(seconds, 3))
        report.peak_megabytes = max(report.peak_megabytes, round(peak))
        if outcome.startswith("failure"):
            report.failures.append(f"case {report.files - 1}: {outcome[:200]}")
            if keep is not None:
                keep.mkdir(exist_ok=True)
                (keep / f"{kind}-{report.files - 1}").write_bytes(data)
    subject.close()
    return reports


def main() -> None:
    """Run it at full length and write ``benchmarks/fuzz.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="damaged files of each format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the files that failed")
    options = parser.parse_args()
    start = time.perf_counter()
    reports = fuzz(options.count, options.seed, options.keep)
    record = {
        "count": options.count,
        "seed": options.seed,
        "limit_seconds": SECONDS,
        "limit_megabytes": MEGABYTES,
        "seconds": round(time.perf_counter() - start),
        "formats": {kind: vars(report) for kind, report in reports.items()},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
