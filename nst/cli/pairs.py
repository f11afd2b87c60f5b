"""Which photos are painted in the manner of which paintings: by folders, by names, by a list."""

import csv
import hashlib
import os
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from nst.cli.request import found_picture
from nst.cli.wording import setting_of
from nst.config import StyleTransferConfig
from nst.errors import ConfigError, ImageError, StyleTransferError
from nst.pictures.codec import printable_name
from nst.pictures.gallery import Gallery, Preset

#: Names of files that a folder is searched for.
PICTURE_NAMES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
#: The word for all of the gallery.
WHOLE_GALLERY = "gallery"
LISTS = (".csv", ".toml")

#: The most bytes of a list, and the most pictures that one series paints.
MAX_LIST_BYTES, MAX_PICTURES = 10 * 2**20, 100_000
#: The most bytes that a picture's name takes in the name of a result; file systems take 255 in all.
MAX_NAME_BYTES = 100

Found = Preset | Path


@dataclass(frozen=True)
class Pair:
    """A photo and the paintings in whose manner it is painted.

    Attributes:
        content: The photo.
        styles: The paintings, one or more to be blended.
        settings: Of this picture alone, as the list has them.
        name: Of the result without its suffix; empty to make one from the pictures' names.
    """

    content: Found
    styles: tuple[Found, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


def pictures_of(word: str, kind: Literal["photo", "painting"], gallery: Gallery) -> list[Found]:
    """Return the pictures that a word names: those of a folder, all of the gallery's, or the one of a file or id.

    Raises:
        StyleTransferError: if there is none.
    """
    if os.path.isdir(word):
        return [*_in_folder(word)]
    if word == WHOLE_GALLERY:
        return [*(gallery.photos if kind == "photo" else gallery.paintings)]
    return [found_picture(word, kind, gallery)]


def _in_folder(name: str) -> list[Path]:
    """Return the picture files in a folder, by name, those in its folders left out."""
    try:
        files = [path for path in Path(name).iterdir() if path.suffix.lower() in PICTURE_NAMES]
    except OSError as error:
        raise ImageError(
            f"{printable_name(name)}: expected a folder that can be read, got {error.strerror}; choose another."
        ) from error
    found = sorted((path for path in files if path.name[0] != "." and path.is_file()), key=lambda path: path.name)
    if not found:
        raise ImageError(
            f"{printable_name(name)}: expected a folder with pictures ({', '.join(PICTURE_NAMES)}), got one without "
            "any; choose another."
        )
    return found


def each_with_each(contents: Sequence[Found], styles: Sequence[Found]) -> list[Pair]:
    """Return every photo with every painting, photo by photo."""
    return [Pair(content, (style,)) for content in contents for style in styles]


def by_name(contents: Sequence[Found], styles: Sequence[Found]) -> list[Pair]:
    """Return every photo with the painting of its name, ``a.jpg`` with ``a.png``; the others are left out.

    Raises:
        StyleTransferError: if two paintings have one name, or no photo has that of a painting.
    """
    named: dict[str, Found] = {}
    for style in styles:
        if _stem(style) in named:
            raise StyleTransferError(f"--pair name: expected one painting called {_stem(style)!r}, got several.")
        named[_stem(style)] = style
    pairs = [Pair(content, (named[_stem(content)],)) for content in contents if _stem(content) in named]
    if not pairs:
        raise StyleTransferError(
            f"--pair name: expected photos and paintings of one name, such as a.jpg and a.png, got {len(contents)} "
            f"photos and {len(styles)} paintings and none that have; rename them."
        )
    return pairs


def _stem(found: Found) -> str:
    return found.id if isinstance(found, Preset) else found.stem


# Lists


def read_list(path: Path, gallery: Gallery) -> tuple[list[Pair], dict[str, Any]]:
    """Return the pairs of a list and the settings that it has for all of them.

    A CSV file has a line for each picture, below a line with the columns' names: ``content``, ``style``, and if wanted
    ``name`` and settings. A TOML file has a table ``[[picture]]`` for each, with the same keys; ``style`` may be a list
    of paintings to be blended, and settings before the first table hold for all. Files are sought from the list's
    folder.

    Raises:
        StyleTransferError: naming the place, if the list is none.
    """
    text, name = _text(path), printable_name(str(path))
    common: dict[str, Any] = {}
    if path.suffix.lower() == ".csv":
        rows = _csv_rows(text, name)
    else:
        rows, common = _toml_rows(text, name)
    pairs = [_pair(row, f"{name} {place}", path.parent, gallery) for place, row in rows]
    if not pairs:
        raise StyleTransferError(f"{name}: expected at least one picture, got an empty list.")
    _check_settings(common, name)
    return pairs, common


def _text(path: Path) -> str:
    name = printable_name(str(path))
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_LIST_BYTES + 1)
    except OSError as error:
        raise StyleTransferError(f"{name}: expected a list that can be read, got {error.strerror}.") from error
    if len(data) > MAX_LIST_BYTES:
        raise StyleTransferError(f"{name}: expected a list of at most {MAX_LIST_BYTES // 2**20} MB, got more.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StyleTransferError(f"{name}: expected text in UTF-8, got other bytes; save it as UTF-8.") from error


def _csv_rows(text: str, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return each line's place and its cells that are not empty, by column."""
    reader = csv.DictReader(text.splitlines(), skipinitialspace=True, strict=True)
    rows = []
    try:
        for row in reader:
            place = f"line {reader.line_num}"
            if None in row:
                raise StyleTransferError(f"{name} {place}: expected {len(reader.fieldnames or ())} cells, got more.")
            cells = {key.strip(): cell.strip() for key, cell in row.items() if cell and cell.strip()}
            rows.append((place, cells))
    except csv.Error as error:
        raise StyleTransferError(f"{name} line {reader.line_num}: expected CSV, got {error}.") from error
    return rows


def _toml_rows(text: str, name: str) -> tuple[list[tuple[str, dict[str, Any]]], dict[str, Any]]:
    """Return each table's place and content, and what is before the first."""
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StyleTransferError(f"{name}: expected TOML, got something else ({error}).") from error
    tables = entries.pop("picture", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise StyleTransferError(f"{name}: expected a table [[picture]] for each picture, got something else.")
    common = {key.replace("-", "_"): value for key, value in entries.items()}
    return [(f"picture {number}", table) for number, table in enumerate(tables, start=1)], common


def _pair(row: dict[str, Any], place: str, folder: Path, gallery: Gallery) -> Pair:
    entries = {key.replace("-", "_"): value for key, value in row.items()}
    try:
        entries = {key: setting_of(key, value) for key, value in entries.items()}
    except ConfigError as error:
        raise StyleTransferError(f"{place}: {error}") from error
    content, style, name = (entries.pop(key, "") for key in ("content", "style", "name"))
    styles = style if isinstance(style, list) else [style]
    if not all(isinstance(word, str) and word for word in (content, *styles)) or not styles:
        raise StyleTransferError(f"{place}: expected a content and a style, files or gallery ids, got none.")
    if not isinstance(name, str) or name != Path(name).name or len(name.encode()) > 2 * MAX_NAME_BYTES:
        raise StyleTransferError(f"{place}: expected a name without folders for the result, got {name!r}.")
    _check_settings(entries, place)
    paintings = tuple(_listed(word, "painting", place, folder, gallery) for word in styles)
    return Pair(_listed(content, "photo", place, folder, gallery), paintings, entries, name.removesuffix(".png"))


def _listed(word: str, kind: Literal["photo", "painting"], place: str, folder: Path, gallery: Gallery) -> Found:
    """Return what a list calls a picture: a file in its folder, which need not be there, or one of the gallery."""
    path = folder / word
    if path.is_file() or path.suffix or path.name != word:
        return path
    try:
        return gallery.find(word, kind)
    except StyleTransferError as error:
        raise StyleTransferError(f"{place}: {error}") from error


def _check_settings(settings: Mapping[str, Any], place: str) -> None:
    try:
        StyleTransferConfig.from_dict(settings)
    except StyleTransferError as error:
        known = {spec.name for spec in fields(StyleTransferConfig)}
        unknown = [key for key in settings if key not in known]
        if unknown:
            raise StyleTransferError(
                f"{place}: expected content, style, name and settings (nst --help lists them), got {unknown[0]!r}."
            ) from error
        raise StyleTransferError(f"{place}: {error}") from error


# Names of the results


def result_names(pairs: Sequence[Pair]) -> list[str]:
    """Return the name of each result, without its suffix: ``PHOTO--PAINTING``, or as the list says; no two alike.

    Where two pictures have one name, as ``a.jpg`` and ``a.png``, their suffixes tell them apart.
    """
    contents = _labels([pair.content for pair in pairs])
    styles = _labels([style for pair in pairs for style in pair.styles])
    names = [
        pair.name or f"{contents[pair.content]}--{short_name('+'.join(styles[style] for style in pair.styles))}"
        for pair in pairs
    ]
    return [*_distinct(names)]


def _labels(pictures: Sequence[Found]) -> dict[Found, str]:
    """Return what each picture is called in the names of results."""
    pictures = list(dict.fromkeys(pictures))
    stems = Counter(_stem(each).casefold() for each in pictures)
    labels = [
        _with_suffix(each) if isinstance(each, Path) and stems[each.stem.casefold()] > 1 else _stem(each)
        for each in pictures
    ]
    return dict(zip(pictures, _distinct([short_name(label) for label in labels]), strict=True))


def _with_suffix(path: Path) -> str:
    return f"{path.stem}-{path.suffix[1:]}" if path.suffix else path.stem


def short_name(name: str) -> str:
    """Return a name that file systems take: a long one is cut off, and a checksum tells it from others."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    checksum = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name.encode()[: MAX_NAME_BYTES - 9].decode(errors='ignore')}-{checksum}"


def _distinct(names: Sequence[str]) -> Iterator[str]:
    """Yield the names, later ones that are taken with a number: some file systems do not tell capitals from others."""
    taken: set[str] = set()
    for name in names:
        distinct, number = name, 1
        while distinct.casefold() in taken:
            number += 1
            distinct = f"{name}-{number}"
        taken.add(distinct.casefold())
        yield distinct
