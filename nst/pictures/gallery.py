"""The gallery: the folder presets/ to Preset records.

A preset is two files that share a name, its id: a picture (.jpg or .png) and a record (.json), in
``presets/paintings`` or ``presets/photos``. The record is a JSON object with the text fields of `Preset` (all of
them, none empty), and, if they are wanted,

* ``collection``: who keeps the work, and where,
* ``about``: two or three sentences on it, in one's own words, and ``about_source``, the address that says so,
* ``settings``: an object of StyleTransferConfig fields that suit this picture,
* ``order``: a whole number; presets with one come first, smallest first, the others after them, newest first.

``movement`` is the movement or school of a painting, and of a photo what it shows (people, animals,
architecture, landscape, still life). An id is lower-case words joined by hyphens.
"""

import difflib
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nst.config import StyleTransferConfig, without_run
from nst.errors import ConfigError, PresetError
from nst.pictures.codec import Picture, Pixels, read_picture, read_thumbnail

Kind = Literal["painting", "photo"]


def _gallery_folder() -> Path:
    """Return the gallery within the installed package, else the one beside the package in a clone."""
    package = Path(__file__).parents[1]
    installed = package / "presets"
    return installed if installed.is_dir() else package.parent / "presets"


GALLERY_FOLDER = _gallery_folder()

#: Where in the gallery each kind lives.
KIND_FOLDERS: dict[Kind, str] = {"painting": "paintings", "photo": "photos"}

PICTURE_SUFFIXES = (".jpg", ".png")

#: Fields of a record that hold text, in the order in which records are written.
TEXT_FIELDS = (
    "title", "artist", "year", "movement", "medium", "description", "source", "licence", "sha256",
)  # fmt: skip
OPTIONAL_TEXT_FIELDS = ("collection", "about", "about_source")
OPTIONAL_FIELDS = (*OPTIONAL_TEXT_FIELDS, "settings", "order")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Preset:
    """A painting or a photo of the gallery, and what is known about it.

    Attributes:
        id: Name of its files, e.g. ``wheat-field-with-cypresses``.
        kind: ``"painting"`` or ``"photo"``.
        path: Its picture file.
        title: Title of the work, in English.
        artist: Painter or photographer.
        year: As the museum gives it, e.g. ``"ca. 1330–35"``; ``"undated"`` if unknown.
        movement: Of a painting its movement or school, of a photo what it shows.
        medium: e.g. ``"Oil on canvas"``.
        description: What there is to see, for those who cannot see it (the alt text).
        source: Owner, address and the package that the file was taken from.
        licence: Terms of the picture, e.g. ``"CC0 1.0"``.
        sha256: Checksum of the picture file, in hexadecimal digits.
        collection: Who keeps the work, e.g. ``"The Metropolitan Museum of Art, New York"``; empty if it is not told.
        about: Two or three sentences on the work, or none.
        about_source: Address of the page that they follow.
        settings: StyleTransferConfig fields that suit this picture; already validated.
        order: Place at the head of the gallery; None is after those that have one.
    """

    id: str
    kind: Kind
    path: Path
    title: str
    artist: str
    year: str
    movement: str
    medium: str
    description: str
    source: str
    licence: str
    sha256: str
    collection: str = ""
    about: str = ""
    about_source: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    order: int | None = None

    def read(self) -> Picture:
        """Return the decoded picture.

        Raises:
            PresetError: if the file is gone, or is not the one that the record describes.
            ImageError: if it is the right file, but no picture.
        """
        return read_picture(self._data(), _name(self.path))

    def thumbnail(self, side: int) -> Pixels:
        """Return the picture with a long side of `side` pixels, or its own if that is shorter; raises as `read`."""
        return read_thumbnail(self._data(), side, _name(self.path)).pixels

    def _data(self) -> bytes:
        """Return the picture file's bytes, which are those that the record describes."""
        name = _name(self.path)
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise PresetError(f"{name}: expected the picture of a preset, got no readable file; restore it.") from error
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise PresetError(
                f"{name}: expected sha256 {self.sha256} as its record says, got {found}; "
                "restore the picture, or correct the record if the picture is meant to have changed."
            )
        return data


@dataclass(frozen=True)
class Gallery:
    """The presets in the order in which they are shown."""

    paintings: tuple[Preset, ...]
    photos: tuple[Preset, ...]

    def find(self, name: str, kind: Kind) -> Preset:
        """Return the preset with the id `name`; case does not matter, and spaces count as hyphens.

        Raises:
            PresetError: naming presets with a similar id, if there is no such preset.
        """
        presets = {preset.id: preset for preset in (self.paintings if kind == "painting" else self.photos)}
        wanted = "-".join(name.lower().split())
        if wanted in presets:
            return presets[wanted]
        close = _close_matches(wanted, list(presets))
        hint = f"did you mean {' or '.join(close)}?" if close else "choose one that the gallery lists."
        raise PresetError(f"{name}: expected the name of a {kind} in the gallery, got an unknown one; {hint}")


def load_gallery(folder: Path = GALLERY_FOLDER) -> Gallery:
    """Read every record of the gallery; pictures are only read when `Preset.read` asks for them.

    Args:
        folder: Holds ``paintings`` and ``photos``; one that is missing counts as empty.

    Raises:
        PresetError: naming the first file that is wrong, and what is wrong with it.
    """
    if not folder.is_dir():
        raise PresetError(
            f"{folder.name}: expected the gallery's folder in or beside the package nst, got none; "
            "install the project anew, or run it from a complete clone."
        )
    return Gallery(_load_kind(folder, "painting"), _load_kind(folder, "photo"))


def attribution_table(gallery: Gallery) -> str:
    """Return who made each picture, where it is from and its licence, as Markdown; presets/README.md holds it."""
    lines = ["| preset | title | by | year | medium | shows or school | licence | source |", "|---" * 8 + "|"]
    for preset in gallery.photos + gallery.paintings:
        cells = (
            preset.title,
            preset.artist,
            preset.year,
            preset.medium,
            preset.movement,
            preset.licence,
            preset.source,
        )
        lines.append(f"| `{preset.id}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _load_kind(folder: Path, kind: Kind) -> tuple[Preset, ...]:
    home = folder / KIND_FOLDERS[kind]
    records = sorted(home.glob("*.json"))
    described = {record.stem for record in records}
    for picture in sorted(home.glob("*")):
        if picture.suffix in PICTURE_SUFFIXES and picture.stem not in described:
            raise PresetError(
                f"{_name(picture)}: expected a record {picture.stem}.json beside the picture, got none; write one."
            )
    return tuple(sorted((_load_preset(record, kind) for record in records), key=_rank))


def _load_preset(record: Path, kind: Kind) -> Preset:
    name = _name(record)
    if not _ID.fullmatch(record.stem):
        raise PresetError(f"{name}: expected a file name of lower-case words joined by hyphens; rename both files.")
    values = _read_record(record)
    pictures = [path for suffix in PICTURE_SUFFIXES if (path := record.with_suffix(suffix)).is_file()]
    if len(pictures) != 1:
        raise PresetError(
            f"{name}: expected one picture beside it, {record.stem}.jpg or {record.stem}.png, got {len(pictures)}."
        )
    return Preset(id=record.stem, kind=kind, path=pictures[0], **values)


def _read_record(record: Path) -> dict[str, Any]:
    """Return the fields of a record, validated."""
    name = _name(record)
    try:
        values = json.loads(record.read_text(encoding="utf-8"))
    except OSError as error:
        raise PresetError(f"{name}: expected a readable record, got an error ({error.strerror}); check it.") from error
    except json.JSONDecodeError as error:
        raise PresetError(f"{name}: expected JSON, got {error.msg} in line {error.lineno}; correct it.") from error
    except UnicodeDecodeError as error:
        raise PresetError(f"{name}: expected text in UTF-8, got other bytes; save it as UTF-8.") from error
    if not isinstance(values, dict):
        raise PresetError(f"{name}: expected a JSON object with the fields of a preset, got another kind of value.")
    for key in values:
        if key not in TEXT_FIELDS + OPTIONAL_FIELDS:
            raise PresetError(f"{name}: expected the fields {', '.join(TEXT_FIELDS + OPTIONAL_FIELDS)}, got {key!r}.")
    for key in TEXT_FIELDS:
        if key not in values:
            raise PresetError(f"{name}: expected the field {key}, got a record without it; add it.")
    for key in (each for each in values if each not in ("settings", "order")):
        if not isinstance(values[key], str) or not values[key].strip():
            raise PresetError(f"{name}: expected some text in the field {key}, got {values[key]!r}.")
    if ("about" in values) != values.get("about_source", "").startswith("https://"):
        raise PresetError(
            f"{name}: expected the fields about and about_source, its address with https, both or none; correct them."
        )
    order = values.get("order")
    if order is not None and type(order) is not int:  # not isinstance: True is no place in a gallery
        raise PresetError(f"{name}: expected a whole number in the field order, got {order!r}.")
    values["settings"] = _settings(name, values.get("settings", {}))
    return values


def _settings(name: str, settings: Any) -> dict[str, Any]:
    if not isinstance(settings, dict):
        raise PresetError(f"{name}: expected an object of settings in the field settings, got {settings!r}.")
    settings, _ = without_run(settings)  # precision or memory, which a preset could once suggest
    try:
        StyleTransferConfig.from_dict(settings)
    except ConfigError as error:
        raise PresetError(f"{name}: in its settings, {error}") from error
    return settings


def _rank(preset: Preset) -> tuple[bool, int, int, str]:
    """Sort key: those with an order first, then from the newest to the oldest, the undated last."""
    year = re.search(r"\d{3,4}", preset.year)
    return preset.order is None, preset.order or 0, -int(year.group()) if year else 0, preset.id


def _close_matches(wanted: str, ids: list[str]) -> list[str]:
    """Return up to three ids: those that contain what is wanted before those that are spelt like it."""
    containing = [preset_id for preset_id in ids if wanted and wanted in preset_id]
    return list(dict.fromkeys(containing + difflib.get_close_matches(wanted, ids)))[:3]


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


if __name__ == "__main__":
    print(attribution_table(load_gallery()), end="")
