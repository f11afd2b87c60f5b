"""How a picture was made, as one line of JSON inside its PNG: pictures by checksum, settings, version.

A recipe read back is untrusted data. It holds no pictures, only the checksums by which to know them again.
"""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Self

from nst.config import RunOptions, StyleTransferConfig, bounded, without_run
from nst.errors import ConfigError, MaskError
from nst.masks.packed import PackedMask
from nst.masks.regions import Region, check_counts
from nst.pictures.codec import MAX_RECIPE_BYTES, printable_name
from nst.recipes.provenance import MAX_EVALUATIONS, Provenance

#: Version of the JSON's layout; to be raised when an older reader would misunderstand a newer recipe.
RECIPE_FORMAT = 1
#: That of recipes with regions or parts of paintings, which a reader of format 1 would overlook.
REGIONS_FORMAT = 2

#: That of recipes that say where the photo's subject is, which a reader of format 2 would overlook.
SUBJECT_FORMAT = 3

#: The most paintings in one recipe; with it every recipe fits into `MAX_RECIPE_BYTES`.
MAX_STYLES = 32

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Source:
    """One input picture.

    Attributes:
        name: Gallery id or file name; made printable and at most 120 characters long.
        sha256: Checksum of the picture file's bytes, 64 lower-case hexadecimal digits.

    Raises:
        ConfigError: if the checksum is none or the name is empty.
    """

    name: str
    sha256: str

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise _broken("a name for every picture")
        if not isinstance(self.sha256, str) or not _SHA256.fullmatch(self.sha256):
            raise _broken("a sha256 of 64 hexadecimal digits for every picture")
        object.__setattr__(self, "name", printable_name(self.name))

    @classmethod
    def of(cls, name: str, data: bytes) -> Self:
        """Return the source for a picture file with the bytes `data`."""
        return cls(name, hashlib.sha256(data).hexdigest())


@dataclass(frozen=True)
class Recipe:
    """Everything it takes to make a picture again.

    Attributes:
        content: The photo.
        styles: The paintings, in the order of the config's blend weights.
        config: The settings.
        nst_version: Version of this program that made the picture.
        initial: The picture that was started from, if ``config.init`` is "picture".
        evaluations: Evaluations of J after which it was stopped early, 0 for before the first one; None if it was not.
            The same picture is then the one of `nst.engine.transfer.stylize`'s record of that number, unless the run
            went on from a checkpoint.
        regions: Parts of the photo with paintings of their own.
        style_guides: For each painting the part that was used, or None for the whole; empty for all whole.
        subject_mask: Where the photo's subject is; None if it was left to be found.
        run: How it was computed, if that is known: shown, never restored.
        photo_kept: The share of the photo for which the settings' style weight was found, if it was; it tells whether a
            picture is the one that is asked for.

    Raises:
        MaskError: if there are too many regions, or not one share or guide for each painting.
        ConfigError: if there is no painting, too many, or not one blend weight for each.
    """

    content: Source
    styles: tuple[Source, ...]
    config: StyleTransferConfig
    nst_version: str
    initial: Source | None = None
    evaluations: int | None = None
    regions: tuple[Region, ...] = ()
    style_guides: tuple[PackedMask | None, ...] = ()
    subject_mask: PackedMask | None = None
    run: Provenance | None = None
    photo_kept: float | None = None

    def __post_init__(self) -> None:
        check_counts(self.regions, self.style_guides, len(self.styles))
        self.config.blend(len(self.styles))
        if len(self.styles) > MAX_STYLES:
            raise ConfigError(
                f"style: expected at most {MAX_STYLES} paintings, got {len(self.styles)}; leave some out."
            )

    @property
    def masks(self) -> dict[str, Any]:
        """The arguments of `nst.engine.transfer.stylize` that say what is where on the photo and the paintings."""
        return {"regions": self.regions, "style_guides": self.style_guides, "subject_mask": self.subject_mask}

    def as_run(self, run: Provenance, step: int, steps: int) -> Self:
        """Return the recipe of the picture that `step` of `steps` evaluations have made in `run`."""
        return replace(self, run=run, evaluations=step if step < steps else None)

    def with_strength(self, config: StyleTransferConfig) -> Self:
        """Return the recipe with the style weight that a run found, if it had to: it repeats the same picture."""
        if not self.config.finds_strength:
            return self
        strength = {"photo_kept": config.photo_kept, "style_weight": config.style_weight}
        return replace(self, config=self.config.with_changes(**strength), photo_kept=self.config.photo_kept)

    def is_of(self, asked: Self) -> bool:
        """Return whether this recipe, of a picture, is of the pictures, masks and settings of `asked`, of none yet.

        Names, versions and how it was computed make no difference, nor does how far the run went.
        """
        config = self.config
        if asked.config.finds_strength:
            if self.photo_kept is None:
                return False
            config = config.with_changes(photo_kept=self.photo_kept, style_weight=asked.config.style_weight)
        return config == asked.config and self._inputs() == asked._inputs()

    def _inputs(self) -> tuple[object, ...]:
        sources = (self.content, *self.styles, *([] if self.initial is None else [self.initial]))
        return tuple(source.sha256 for source in sources), *self.masks.values()

    def to_json(self) -> str:
        """Return the recipe as one line of JSON, less than `MAX_RECIPE_BYTES` of UTF-8."""
        entries: dict[str, Any] = {
            "recipe": self._format(),
            "nst": self.nst_version,
            "content": vars(self.content),
            "styles": [vars(style) for style in self.styles],
            "initial": None if self.initial is None else vars(self.initial),
            "evaluations": self.evaluations,
            "config": self.config.to_dict(),
        }
        if self.run is not None:
            entries["run"] = self.run.to_dict()
        if self.photo_kept is not None:
            entries["photo_kept"] = self.photo_kept
        if self.regions or self.style_guides:
            entries["regions"] = [_region_entry(region) for region in self.regions]
            entries["style_guides"] = [None if guide is None else guide.to_dict() for guide in self.style_guides]
        if self.subject_mask is not None:
            entries["subject_mask"] = self.subject_mask.to_dict()
        return json.dumps(entries, ensure_ascii=False, allow_nan=False)

    def _format(self) -> int:
        if self.subject_mask is not None:
            return SUBJECT_FORMAT
        return REGIONS_FORMAT if self.regions or self.style_guides else RECIPE_FORMAT

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a recipe that may come from anyone.

        Raises:
            ConfigError: for anything but a recipe of this format with settings that are valid today.
        """
        entries = _parsed(text)
        if "recipe" not in entries:
            raise _broken("its format's number")
        if type(entries["recipe"]) is not int or not RECIPE_FORMAT <= entries["recipe"] <= SUBJECT_FORMAT:
            raise ConfigError(
                f"recipe: expected format {RECIPE_FORMAT} to {SUBJECT_FORMAT}, got another; "
                "the picture was made by another version of nst."
            )
        styles, version, config = entries.get("styles"), entries.get("nst"), entries.get("config")
        if not isinstance(styles, list):
            raise _broken("a list of styles")
        if not isinstance(version, str) or len(version) > 40:
            raise _broken("the version of nst")
        if not isinstance(config, dict):
            raise _broken("settings")
        initial, evaluations = entries.get("initial"), entries.get("evaluations")
        if evaluations is not None and not (type(evaluations) is int and 0 <= evaluations <= MAX_EVALUATIONS):
            raise _broken("a number of evaluations")
        regions = tuple(_region(region) for region in _listed(entries, "regions"))
        guides = tuple(None if guide is None else _mask(guide) for guide in _listed(entries, "style_guides"))
        try:
            check_counts(regions, guides, len(styles))
        except MaskError as error:
            raise ConfigError(f"recipe: {error}") from error
        kept, subject = entries.get("photo_kept"), entries.get("subject_mask")
        if kept is not None and bounded(kept, 0, 1) is None:
            raise _broken("a share of the photo")
        settings, run = _parts(config, entries.get("run"), version)
        return cls(
            content=_source(entries.get("content")),
            styles=tuple(_source(style) for style in styles),
            config=settings,
            nst_version=printable_name(version),
            initial=None if initial is None else _source(initial),
            evaluations=evaluations,
            regions=regions,
            style_guides=guides,
            subject_mask=None if subject is None else _mask(subject),
            run=run,
            photo_kept=None if kept is None else float(kept),
        )


#: What pictures were made with before these settings were there.
_FORMERLY = {"style_statistics": "gram", "method": "statistics"}


def _parts(config: dict[str, Any], run: Any, version: str) -> tuple[StyleTransferConfig, Provenance | None]:
    """Return the settings, and the run, which up to version 0.1 stood among them."""
    settings, asked = without_run(config)
    if run is None and RunOptions.from_dict(asked) != RunOptions():
        run = asked
    if run is not None and not isinstance(run, dict):
        raise _broken("the options of a run")
    made = None if run is None else Provenance.from_dict(run, version)
    return StyleTransferConfig.from_dict({**_FORMERLY, **settings}), made


def _region_entry(region: Region) -> dict[str, Any]:
    return {
        "name": region.name,
        "mask": region.mask.to_dict(),
        "shares": list(region.shares),
        "strength": region.strength,
    }


def _listed(entries: dict[str, Any], name: str) -> list[Any]:
    found = entries.get(name, [])
    if not isinstance(found, list) or len(found) > MAX_STYLES:
        raise _broken(f"a short list of {name}")
    return found


def _region(entry: Any) -> Region:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise _broken("a name for every region")
    shares, strength = entry.get("shares"), entry.get("strength")
    if not isinstance(shares, list) or not all(map(_is_number, (*shares, strength))):
        raise _broken("shares and a strength for every region")
    try:
        return Region(entry["name"], _mask(entry.get("mask")), tuple(shares), float(entry["strength"]))
    except MaskError as error:
        raise ConfigError(f"recipe: {error}") from error


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < 1e9


def _mask(entry: Any) -> PackedMask:
    try:
        return PackedMask.from_dict(entry)
    except MaskError as error:
        raise ConfigError(f"recipe: {error}") from error


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > MAX_RECIPE_BYTES:
        raise ConfigError(f"recipe: expected at most {MAX_RECIPE_BYTES} characters, got {len(text)}.")
    try:
        entries = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # RecursionError: thousands of nested brackets
        raise ConfigError("recipe: expected JSON as nst writes it, got something else or a damaged recipe.") from error
    if not isinstance(entries, dict):
        raise _broken("a JSON object")
    return entries


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("a name occurs twice")
    return entries


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _source(entry: Any) -> Source:
    if not isinstance(entry, dict):
        raise _broken("a name and a sha256 for every picture")
    return Source(entry.get("name", ""), entry.get("sha256", ""))


def _broken(expected: str) -> ConfigError:
    return ConfigError(f"recipe: expected {expected}, got none that is valid; the recipe is damaged.")
