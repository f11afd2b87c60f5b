"""VGG-19 and the objective J in plain NumPy, float64: the independent computation that the engine is tested against.

Written from the paper and the formulas alone, for small pictures. It imports nothing from nst.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import linalg

Array = NDArray[np.float64]
Picture = NDArray[np.generic]

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "nst" / "engine" / "vgg19_normalised_fp16.npz"
MEANS_BGR = (103.939, 116.779, 123.68)
BLOCKS = (2, 2, 4, 4, 4)
NAMES = tuple(f"block{block}_conv{conv}" for block, count in enumerate(BLOCKS, 1) for conv in range(1, count + 1))


@cache
def weights() -> Mapping[str, tuple[Array, Array]]:
    """Return kernel (3, 3, in, out) and bias (out,) of each convolution."""
    with np.load(WEIGHTS) as stored:
        return {
            name: (stored[f"{name}/kernel"].astype(np.float64), stored[f"{name}/bias"].astype(np.float64))
            for name in NAMES
        }


def convolution(x: Array, kernel: Array, bias: Array) -> Array:
    """Correlate (H, W, in) with (3, 3, in, out), zero padding, same size."""
    height, width = x.shape[:2]
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    result = np.zeros((height, width, kernel.shape[3])) + bias
    for row in range(3):
        for column in range(3):
            result += padded[row : row + height, column : column + width] @ kernel[row, column]
    return result


def pool(x: Array, pooling: str) -> Array:
    """Pool (H, W, C) two by two; an odd last row or column is left out."""
    height, width, channels = x.shape[0] // 2, x.shape[1] // 2, x.shape[2]
    cells = x[: 2 * height, : 2 * width].reshape(height, 2, width, 2, channels)
    return cells.mean(axis=(1, 3)) if pooling == "average" else cells.max(axis=(1, 3))


def features(picture: Picture, layers: Collection[str] = NAMES, pooling: str = "average") -> dict[str, Array]:
    """Return the activations (H, W, C) after ReLU of `layers` for an RGB picture (H, W, 3) in 0..255."""
    found = {}
    x = np.asarray(picture, np.float64)[..., ::-1] - np.array(MEANS_BGR)
    for name in NAMES:
        if name.endswith("conv1") and name != NAMES[0]:
            x = pool(x, pooling)
        x = np.maximum(convolution(x, *weights()[name]), 0)
        if name in layers:
            found[name] = x
        if len(found) == len(layers):
            break
    return found


def gram(activations: Array) -> Array:
    """Return F^T F / (H*W) of activations (H, W, C)."""
    flat = activations.reshape(-1, activations.shape[-1])
    return flat.T @ flat / flat.shape[0]


def total_variation(picture: Picture) -> float:
    """Return mean dx^2 + mean dy^2 of a picture (H, W, 3) in 0..255, as if in 0..1."""
    scaled = np.asarray(picture, np.float64) / 255
    across = scaled[:, 1:] - scaled[:, :-1]
    down = scaled[1:] - scaled[:-1]
    return float((across**2).mean() + (down**2).mean())


def temporal_distance(picture: Picture, target: Picture, weights: Array) -> float:
    """Return the mean of c (x - w)^2 of two pictures (H, W, 3) in 0..255, as if in 0..1, with weights c (H, W)."""
    distance = (np.asarray(picture, np.float64) - np.asarray(target, np.float64)) / 255
    return float((np.asarray(weights, np.float64)[..., None] * distance**2).mean())


def moments(activations: Array) -> Array:
    """Return the mean (C,) and below it the mean products (C, C) of features (H, W, C), as (C + 1, C)."""
    return np.concatenate([activations.mean(axis=(0, 1))[None], gram(activations)])


def wasserstein(one: Array, other: Array, ridge: float = 0.01, axes: int = 128) -> float:
    """Return the squared 2-Wasserstein distance of two normal distributions over the other's mean square.

    Both are `moments`; both covariances get `ridge` times the mean variance on the other's leading `axes`, between
    which they are compared. Outside of these only their total variance is.
    """
    have, wanted = (each[1:] - np.outer(each[0], each[0]) for each in (one, other))
    leading = np.linalg.eigh(wanted)[1][:, ::-1][:, :axes]
    inside = [leading.T @ each @ leading for each in (have, wanted)]
    rest = [np.trace(each) - np.trace(part) for each, part in zip((have, wanted), inside, strict=True)]
    more = ridge * np.trace(inside[1]) / len(inside[1]) * np.eye(len(inside[1]))
    have, wanted = (part + more for part in inside)
    root = np.real(linalg.sqrtm(wanted))
    shared = np.trace(np.real(linalg.sqrtm(root @ have @ root)))
    distance = ((one[0] - other[0]) ** 2).sum() + np.trace(have) + np.trace(wanted) - 2 * shared
    distance += (np.sqrt(max(rest[0], 0)) - np.sqrt(max(rest[1], 0))) ** 2
    return float(distance / np.trace(other[1:]))


def relative_moments(one: Array, other: Array, ridge: float = 0.01) -> float:
    """Return half of the distance of the Gram matrices and half of that of means and standard deviations, relatively.

    Both are `moments`; every variance gets `ridge` times the other's mean variance.
    """
    products = ((one[1:] - other[1:]) ** 2).sum() / (other[1:] ** 2).sum()
    have, wanted = (np.diag(each[1:]) - each[0] ** 2 for each in (one, other))
    more = ridge * wanted.mean()
    channels = ((one[0] - other[0]) ** 2).sum() + ((np.sqrt(have + more) - np.sqrt(wanted + more)) ** 2).sum()
    return float((products + channels / np.trace(other[1:])) / 2)


def hypercolumns(picture: Picture, layers: Sequence[str]) -> Array:
    """Return the features (h, w, C) of `layers` on a grid of one place for 4 x 4 pixels, each over its channels."""
    found, (height, width) = features(picture, layers), (side // 4 for side in np.shape(picture)[:2])
    parts = []
    for name in layers:
        maps = found[name] / found[name].shape[-1]
        while maps.shape[0] > height:
            maps = pool(maps, "average")
        repeats = 2 ** max(0, int(name[5]) - 3)
        rows, columns = (
            np.minimum(np.arange(side) // repeats, have - 1)
            for side, have in zip((height, width), maps.shape[:2], strict=True)
        )
        parts.append(maps[rows][:, columns])
    return np.concatenate(parts, axis=-1)


def nearest_neighbours(queries: Array, candidates: Array) -> Array:
    """Return for each place of (..., C) the number of the candidate (N, C) with the largest centred cosine."""
    flat = queries.reshape(-1, queries.shape[-1])
    one, other = (each - each.mean(axis=0) for each in (flat, candidates))
    cosines = (one / np.linalg.norm(one, axis=1, keepdims=True)) @ (other / np.linalg.norm(other, axis=1)[:, None]).T
    return cosines.argmax(axis=1).reshape(queries.shape[:-1])


def neighbour_distance(picture: Picture, style: Picture, layer: str) -> float:
    """Return the mean distance of a layer's centred features from their neighbours.

    It is 1 minus the cosine, and half the square of the difference in length over a unit, both with a softened length.
    Neighbours are looked for in the painting and in its copies turned by quarters.
    """

    def places(shown: Picture) -> Array:
        maps = features(shown, (layer,))[layer]
        if layer.startswith("block1"):  # every other row and column
            maps = maps[: maps.shape[0] // 2 * 2 : 2, : maps.shape[1] // 2 * 2 : 2]
        return maps.reshape(-1, maps.shape[-1])

    candidates = np.concatenate([places(np.rot90(style, turn)) for turn in range(4)])
    have = places(picture)
    wanted = (candidates - candidates.mean(axis=0))[nearest_neighbours(have, candidates)]
    have = have - have.mean(axis=0)
    mean = np.linalg.norm(candidates - candidates.mean(axis=0), axis=1).mean()
    mean += 0.05 * np.linalg.norm(candidates.mean(axis=0))
    other = np.linalg.norm(wanted, axis=1)
    own = np.sqrt((have**2).sum(axis=1) + (0.03 * (other + mean)) ** 2)
    cosines = (have * wanted).sum(axis=1) / (own * other)
    soft = np.sqrt(other**2 + (0.03 * (other + mean)) ** 2)
    return float((1 - cosines + ((own - soft) / (other + mean)) ** 2 / 2).mean())


def objective(
    content: Picture,
    styles: Sequence[Picture],
    picture: Picture,
    *,
    content_layers: Mapping[str, float],
    style_layers: Mapping[str, float],
    alpha: float = 1.0,
    beta: float = 1000.0,
    gamma: float = 0.0,
    shares: Sequence[float] = (1.0,),
    pooling: str = "average",
    statistics: str = "gram",
    delta: float = 0.0,
    temporal: tuple[Picture, Array] | None = None,
) -> dict[str, float]:
    """Return J and its unweighted parts; content and picture of one size, layer weights of any sum.

    `temporal` is a picture (H, W, 3) that the picture is held to, with weights (H, W).
    """
    have = features(picture, {*content_layers, *style_layers}, pooling)
    wanted = features(content, content_layers, pooling)
    seen_as = gram if statistics == "gram" else moments
    aims = {name: np.zeros(()) for name in style_layers}
    for share, style in zip(shares, styles, strict=True):
        for name, activations in features(style, style_layers, pooling).items():
            aims[name] = aims[name] + share * seen_as(activations)
    content_part = sum(
        weight / sum(content_layers.values()) / 4 * float(((have[name] - wanted[name]) ** 2).mean())
        for name, weight in content_layers.items()
    )
    spread = np.mean([wanted[name].var(axis=(0, 1)).mean() for name in content_layers])

    def distance(name: str) -> float:
        if statistics == "gram":
            return float(((gram(have[name]) - aims[name]) ** 2).mean()) / 4
        relative = {"wasserstein": wasserstein, "moments": relative_moments}[statistics]
        return float(spread) * relative(moments(have[name]), aims[name]) / 300

    style_part = sum(weight / sum(style_layers.values()) * distance(name) for name, weight in style_layers.items())
    tv_part = total_variation(picture)
    temporal_part = 0.0 if temporal is None else temporal_distance(picture, *temporal)
    total = alpha * content_part + beta * style_part + gamma * tv_part + delta * temporal_part
    parts = {"content": content_part, "style": style_part, "tv": tv_part, "temporal": temporal_part}
    return {"total": total, **parts}


def resized(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return an 8-bit RGB picture at (height, width), by Pillow's LANCZOS."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def gallery_picture(path: str, height: int, width: int) -> NDArray[np.uint8]:
    """Return a file below presets/ as 8-bit RGB at (height, width)."""
    with Image.open(ROOT / "presets" / path) as image:
        return resized(np.asarray(image.convert("RGB")), height, width)
