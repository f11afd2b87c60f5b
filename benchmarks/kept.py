"""How true `photo_kept` is: ``python -m benchmarks.kept`` writes benchmarks/kept.json.

For each pair of a photo and a painting, by either method, it paints a small picture with the default settings and
measures how much of the photo it keeps, as the search for beta does (`nst.engine.strength`): reduced to the size of
that search, which is what is promised, and at its own size; the same before the last pass, where with the method
combined the statistics have ended. The pairs are all paintings of the gallery on some photos, and twelve drawn
pictures (`benchmarks.drawn`), each as a painting for a photo of the gallery and as a photo for one of its paintings.

The record is written after each pair, and those that it has are not painted again. ``--pictures FOLDER`` keeps the
pictures, and ``--sheets FOLDER`` makes contact sheets of those.
"""

import argparse
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.drawn import NAMES, drawn
from benchmarks.pictures import read_rgb, write_png
from benchmarks.quality import machine, said
from nst.config import RunOptions, StyleTransferConfig
from nst.config.quality import STEPS
from nst.engine.canvas import as_tensor
from nst.engine.device import resolve_precision
from nst.engine.run_plan import EDGE
from nst.engine.strength import Keeping
from nst.engine.transfer import stylize
from nst.engine.vgg import Network
from nst.errors import MaskError
from nst.masks.mask import Mask, resized
from nst.masks.subject import subject
from nst.pictures.codec import Pixels, resize, resize_to
from nst.pictures.gallery import load_gallery
from nst.plan.scales import COARSE_STEPS, COARSEST_LONG_SIDE
from nst.plan.strength import RUN_STEPS, search_scale

OUTPUT = Path(__file__).with_suffix(".json")
METHODS = ("combined", "neighbours")
#: A portrait, a landscape and an animal.
PHOTOS = ("astronaut", "pagoda", "raccoon")
#: What a picture is measured at: the size of the search for beta, and its own.
SIZES = ("small", "full")
#: How far the share that stays may be from the one that was asked for.
BAND = 0.10
GROUPS = ("gallery", "drawn painting", "drawn photo")
#: Of a contact sheet: side of a picture, height of the line above it, pictures in a row.
CELL, LABEL, COLUMNS = 196, 14, 8

Record = dict[str, Any]


class Pair(NamedTuple):
    """A photo and a painting by their names, and which of the two groups of pairs they are of."""

    group: str
    photo: str
    painting: str


def main(argv: Sequence[str] | None = None) -> None:
    """Paint the pairs that the record has not, and make the contact sheets."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kept", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", nargs="*", default=PHOTOS, help="of the gallery, for all of its paintings")
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--groups", nargs="+", default=GROUPS, choices=GROUPS)
    parser.add_argument("--size", type=int, default=256, help="long side in pixels (default 256)")
    parser.add_argument("--steps", type=int, default=STEPS["standard"], help="evaluations at the final size")
    parser.add_argument("--kept", type=float, help="share of the photo to ask for; the default when left out")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--pictures", type=Path, help="folder that the pictures are kept in")
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets of the pictures")
    parser.add_argument("--judged", nargs=2, metavar=("FOLDER", "NAME"), help="only measure pictures of the panel")
    parser.add_argument(
        "--short",
        nargs=3,
        metavar=("PHOTO", "PAINTING", "BETA"),
        help="only measure how a short run differs from a long one",
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(argv)
    settings = {"size": options.size, "steps": options.steps}
    if options.kept is not None:
        settings["photo_kept"] = options.kept
    precision = resolve_precision(options.precision)
    if options.judged:
        rows = judged(Path(options.judged[0]), options.judged[1], StyleTransferConfig(**settings), precision)
        record = json.loads(options.output.read_text()) if options.output.exists() else {"pairs": []}
        record.setdefault("judged", {})[str(options.size)] = {"pairs": rows, "summary": summary(rows)}
        _write(options.output, record)
        return
    record = begun(options.output, {**settings, "precision": precision})
    if options.short:
        photo, painting, beta = options.short
        pictures = _pictures([*options.photos, photo])
        found = after_evaluations(pictures[photo], pictures[painting], float(beta), precision)
        record.setdefault("short", {})[f"{photo}, {painting}"] = found
        _write(options.output, record)
        return
    _paint(options, record, settings, precision)
    if options.sheets:
        write_sheets(record["pairs"], options.pictures, options.sheets)


def _paint(options: argparse.Namespace, record: Record, settings: Record, precision: str) -> None:
    """Paint what the record has not, and write it after each picture."""
    pictures = _pictures(options.photos)
    done = {(row["method"], row["group"], row["photo"], row["painting"]) for row in record["pairs"]}
    for method, pair in wanted(options.methods, options.photos):
        if pair.group in options.groups and (method, *pair) not in done:
            config = StyleTransferConfig(method=method, **settings)
            picture, row = measured(pictures[pair.photo], pictures[pair.painting], config, precision)
            record["pairs"].append({"method": method, **pair._asdict(), **row})
            if options.pictures:
                options.pictures.mkdir(parents=True, exist_ok=True)
                write_png(options.pictures / picture_name(record["pairs"][-1]), picture)
            _write(options.output, record)
            said(json.dumps(record["pairs"][-1]))


def wanted(methods: Sequence[str], photos: Sequence[str]) -> list[tuple[str, Pair]]:
    """Return what is to be painted, in the same random order at each call: what is done by then is a fair sample."""
    paintings = [painting.id for painting in load_gallery().paintings]
    pairs = [Pair("gallery", photo, painting) for photo in photos for painting in paintings]
    for number, name in enumerate(NAMES):
        # With the photos, and the paintings, in turn.
        pairs.append(Pair("drawn painting", PHOTOS[number % len(PHOTOS)], name))
        pairs.append(Pair("drawn photo", name, paintings[3 * number % len(paintings)]))
    Random(0).shuffle(pairs)
    return [(method, pair) for method in methods for pair in pairs]


def begun(path: Path, settings: Record) -> Record:
    """Return the record in a file, or an empty one if there is none.

    Raises:
        SystemExit: if the record was made with other settings.
    """
    if not path.exists():
        return {"settings": settings, "pairs": []}
    record: Record = json.loads(path.read_text())
    if record["settings"] != settings:
        raise SystemExit(
            f"--output: expected a record made with {settings}, got one with {record['settings']}; name another file."
        )
    return record


def measured(photo: Pixels, painting: Pixels, config: StyleTransferConfig, precision: str) -> tuple[Pixels, Record]:
    """Return the picture, the beta that was found for it, and what it keeps of the photo, by `SIZES`.

    Args:
        photo, painting: uint8 RGB (height, width, 3).
        config: With the share that is asked for.
        precision: Of the run, resolved.
    """
    before = None
    for progress in stylize(photo, [painting], config, RunOptions(precision=precision), preview_seconds=None):
        if progress.scale < progress.scales:
            before = progress
    picture = progress.picture()
    earlier = None if before is None else before.picture()
    return picture, {
        "asked": config.photo_kept,
        "style_weight": progress.config.style_weight,
        **shares(photo, painting, picture, config, precision, earlier),
    }


def shares(
    photo: Pixels,
    painting: Pixels,
    picture: Pixels,
    config: StyleTransferConfig,
    precision: str,
    before: Pixels | None = None,
) -> Record:
    """Return what a picture keeps of a photo, and what it kept before its last pass, for each of `SIZES`.

    Args:
        photo, painting: uint8 RGB (height, width, 3), of any sizes.
        picture: uint8 RGB, in the photo's proportions.
        config: That it was painted with.
        precision: Of the network, resolved.
        before: Likewise, if there is one.
    """
    network = Network.of(config.of_pass(by_layer=True), precision, EDGE)
    own = picture.shape[:2]
    small = search_scale(own, (painting.shape[:2],), config).shape
    mask = _subject(resize_to(photo, *own))
    found: Record = {}
    for size, shape in zip(SIZES, (small, own), strict=True):
        share = _share_of(network, resize_to(photo, *shape), None if mask is None else resized(mask, shape))
        found[size] = share(picture)
        if before is not None:
            found[size]["before"] = share(before)["kept"]
    return found


def judged(folder: Path, name: str, config: StyleTransferConfig, precision: str) -> list[Record]:
    """Return what the pictures of a blind comparison keep, which lie as `benchmarks.panel` expects them.

    Args:
        folder: With a folder for each pair.
        name: Of the pictures, which were painted with `config`.
        config, precision: As for `shares`.
    """
    rows = []
    for pair in sorted(each for each in folder.iterdir() if (each / f"{name}.png").exists()):
        photo, painting, picture = (read_rgb(pair / f"{each}.png") for each in ("photo", "painting", name))
        found = shares(photo, painting, picture, config, precision)
        rows.append(
            {"method": config.method, "group": "judged", "pair": pair.name, "asked": config.photo_kept, **found}
        )
        said(json.dumps(rows[-1]))
    return rows


def after_evaluations(photo: Pixels, painting: Pixels, style_weight: float, precision: str) -> list[Record]:
    """Return what a picture of the search's size keeps after a short run, and after all evaluations of a first size.

    Args:
        photo, painting: uint8 RGB (height, width, 3).
        style_weight: beta of the first of the runs; the last ones have a third and a tenth of it.
        precision: Of the runs, resolved.
    """
    rows = []
    for part, steps in ((1, RUN_STEPS), (1, 2 * RUN_STEPS), (1, COARSE_STEPS), (3, COARSE_STEPS), (10, COARSE_STEPS)):
        beta = round(style_weight / part)
        config = StyleTransferConfig(size=COARSEST_LONG_SIDE, steps=steps, method="statistics", style_weight=beta)
        records = stylize(photo, [painting], config, RunOptions(precision=precision), preview_seconds=None)
        found = shares(photo, painting, deque(records, maxlen=1).pop().picture(), config, precision)
        rows.append({"style_weight": beta, "steps": steps, **found["small"]})
    return rows


def _share_of(network: Network, photo: Pixels, mask: Mask | None) -> Callable[[Pixels], Record]:
    """Return what tells how much a picture, seen at the photo's size, keeps of the photo and of its subject alone."""
    keeping = Keeping(network, as_tensor(photo), subject=mask)
    alone = None if mask is None else Keeping(network, as_tensor(photo), free=mask)

    def share(picture: Pixels) -> Record:
        seen = as_tensor(resize_to(picture, *photo.shape[:2]))
        subject = {} if alone is None else {"subject": round(alone.share(seen), 3)}
        return {"kept": round(keeping.share(seen), 3), **subject}

    return share


def distribution(found: Sequence[tuple[float, float]]) -> Record:
    """Return how shares are spread, and which part of them is within `BAND` of what was asked for.

    Args:
        found: Each share, and the one that was asked for.
    """
    values, asked = np.array(found).T
    marks = np.percentile(values, (0, 10, 50, 90, 100))
    spread = dict(zip(("min", "10%", "median", "90%", "max"), (round(float(each), 3) for each in marks), strict=True))
    # Shares are rounded to three digits: what is on the band's edge is in it.
    within = np.abs(values - asked) <= BAND + 1e-9
    return {"pairs": len(found), **spread, "within": round(float(within.mean()), 3)}


def summary(rows: Sequence[Mapping[str, Any]]) -> Record:
    """Return the distributions of each measured share, by method, group of pairs and size."""
    found: Record = {}
    for method, group in dict.fromkeys((row["method"], row["group"]) for row in rows):
        some = [row for row in rows if (row["method"], row["group"]) == (method, group)]
        for size in SIZES:
            keys = dict.fromkeys(key for row in some for key in row[size])
            found.setdefault(method, {}).setdefault(group, {})[size] = {
                key: distribution([(row[size][key], row["asked"]) for row in some if key in row[size]]) for key in keys
            }
    return found


def picture_name(row: Mapping[str, Any]) -> str:
    """Return the name of the file of a row's picture."""
    return f"{row['method']}--{row['photo']}--{row['painting']}.png"


def write_sheets(rows: Sequence[Mapping[str, Any]], pictures: Path, folder: Path) -> None:
    """Write a contact sheet for each method and photo of the gallery, and one of all drawn pictures, as JPEG.

    Args:
        rows: Of the record; pairs whose picture is not there are left out.
        pictures: Folder of the pictures.
        folder: Of the sheets.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sheets: dict[str, list[tuple[str, Pixels]]] = {}
    for row in rows:
        path = pictures / picture_name(row)
        if path.exists():
            is_gallery = row["group"] == "gallery"
            name = f"{row['method']}-{row['photo'] if is_gallery else row['group']}"
            text = row["painting"] if is_gallery else f"{row['photo']}, {row['painting']}"
            sheets.setdefault(name, []).append((f"{row['small']['kept']:.2f} {text}", read_rgb(path)))
    for name, cells in sheets.items():
        sheet(cells).save(folder / f"kept-{name.replace(' ', '-')}.jpg", quality=78)


def sheet(cells: Sequence[tuple[str, Pixels]]) -> Image.Image:
    """Return a contact sheet: `COLUMNS` pictures a row, each below its text."""
    height = CELL + LABEL
    canvas = Image.new("RGB", (COLUMNS * CELL, -(-len(cells) // COLUMNS) * height), "white")
    draw = ImageDraw.Draw(canvas)
    for number, (text, picture) in enumerate(cells):
        left, top = number % COLUMNS * CELL, number // COLUMNS * height
        canvas.paste(Image.fromarray(resize(picture, CELL - 4)), (left, top + LABEL))
        draw.rectangle((left, top, left + CELL, top + LABEL - 1), fill="white")
        draw.text((left + 2, top), text[:32], fill="black")
    return canvas


def _write(path: Path, record: Record) -> None:
    record.update(summary=summary(record["pairs"]), machine=machine())
    path.write_text(json.dumps(record, indent=1) + "\n")


def _pictures(photos: Sequence[str]) -> dict[str, Pixels]:
    """Return the pixels of all pictures by their names."""
    gallery = load_gallery()
    presets = [*(gallery.find(name, "photo") for name in {*photos, *PHOTOS}), *gallery.paintings]
    return {**{preset.id: preset.read().pixels for preset in presets}, **drawn()}


def _subject(photo: Pixels) -> Mask | None:
    try:
        return subject(photo)
    except MaskError:
        return None


if __name__ == "__main__":
    main()
