"""The textbook method in PyTorch, and a judge of saved pictures that shares no code with the engine.

The method is Gatys et al. 2016 as public tools run it: VGG-19 in float32, J and its gradient by autograd,
torch.optim.LBFGS without bounds or line search, from the content. Weights, objective and pictures are the engine's.

`python -m benchmarks.textbook CONTENT STYLE --config JSON --evaluations N --folder FOLDER` runs it once and writes
FOLDER/textbook.json and the pictures that a user would have saved at `MARKS`.
"""

import argparse
import json
import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.pictures import Pixels, fitted, read_rgb, resized, write_png
from nst.config import StyleTransferConfig

#: Evaluations of J after which the current picture is saved.
MARKS = (10, 15, 25, 35, 50, 75, 100, 150, 200, 250, 300)

WEIGHTS = Path(__file__).parents[1] / "nst" / "engine" / "vgg19_normalised_fp16.npz"
MEANS_BGR = (103.939, 116.779, 123.68)
CONVOLUTIONS_PER_BLOCK = (2, 2, 4, 4, 4)

Weights = Mapping[str, tuple[torch.Tensor, torch.Tensor]]


def load_weights(dtype: torch.dtype = torch.float32) -> Weights:
    """Return kernel (out, in, 3, 3) and bias (out,) of each convolution by its Keras name."""
    with np.load(WEIGHTS) as stored:
        names = {key.rpartition("/")[0] for key in stored.files}
        return {
            name: (
                torch.tensor(stored[f"{name}/kernel"].transpose(3, 2, 0, 1), dtype=dtype),
                torch.tensor(stored[f"{name}/bias"], dtype=dtype),
            )
            for name in names
        }


def features(
    pixels: torch.Tensor, layers: Collection[str], weights: Weights, pooling: str = "average"
) -> dict[str, torch.Tensor]:
    """Return the activations (1, C, H, W) of `layers`, after ReLU, for RGB `pixels` (1, 3, H, W) in 0..255."""
    pool = functional.avg_pool2d if pooling == "average" else functional.max_pool2d
    found: dict[str, torch.Tensor] = {}
    x = pixels.flip(1) - torch.tensor(MEANS_BGR, dtype=pixels.dtype).reshape(1, 3, 1, 1)
    for block, convolutions in enumerate(CONVOLUTIONS_PER_BLOCK, start=1):
        for conv in range(1, convolutions + 1):
            name = f"block{block}_conv{conv}"
            kernel, bias = weights[name]
            x = functional.relu(functional.conv2d(x, kernel, bias, padding=1), inplace=True)
            if name in layers:
                found[name] = x
            if len(found) == len(layers):
                return found
        x = pool(x, 2)
    raise ValueError(f"Expected layers of VGG-19, got {sorted(layers)}.")


def gram_matrix(activations: torch.Tensor) -> torch.Tensor:
    """Return F^T F / (H*W), shape (C, C), of activations (1, C, H, W)."""
    flat = activations.flatten(2)[0]
    return flat @ flat.T / flat.shape[1]


def total_variation(pixels: torch.Tensor) -> torch.Tensor:
    """Return the mean of dx^2 plus the mean of dy^2 of `pixels` (1, 3, H, W), scaled from 0..255 to 0..1."""
    scaled = pixels / 255
    return scaled.diff(dim=3).square().mean() + scaled.diff(dim=2).square().mean()


@dataclass(frozen=True)
class Parts:
    """J and its unweighted parts, as scalars that autograd can follow."""

    total: torch.Tensor
    content: torch.Tensor
    style: torch.Tensor
    tv: torch.Tensor


class Objective:
    """J of a picture of the content's size, with fixed targets."""

    def __init__(
        self, content: Pixels, styles: Sequence[Pixels], config: StyleTransferConfig, dtype: torch.dtype = torch.float32
    ) -> None:
        """Compute the targets of `content` and of `styles`, which have the sizes that they are compared at."""
        self.config = config
        self.weights = load_weights(dtype)
        self.content_layers = _shares(config.content_layers)
        self.style_layers = _shares(config.style_layers)
        with torch.no_grad():
            self.content_targets = self._features(to_tensor(content, dtype), self.content_layers)
            self.style_targets = {name: torch.zeros(()) for name in self.style_layers}
            for share, style in zip(config.blend(len(styles)), styles, strict=True):
                for name, activations in self._features(to_tensor(style, dtype), self.style_layers).items():
                    self.style_targets[name] = self.style_targets[name] + share * gram_matrix(activations)

    def __call__(self, pixels: torch.Tensor) -> Parts:
        """Return J of RGB `pixels` (1, 3, H, W) in 0..255, clipped or not."""
        activations = self._features(pixels, {**self.content_layers, **self.style_layers})
        content = torch.stack(
            [
                share / 4 * (activations[name] - self.content_targets[name]).square().mean()
                for name, share in self.content_layers.items()
            ]
        ).sum()
        style = torch.stack(
            [
                share / 4 * (gram_matrix(activations[name]) - self.style_targets[name]).square().mean()
                for name, share in self.style_layers.items()
            ]
        ).sum()
        tv = total_variation(pixels)
        config = self.config
        total = config.content_weight * content + config.style_weight * style + config.tv_weight * tv
        return Parts(total, content, style, tv)

    def _features(self, pixels: torch.Tensor, layers: Collection[str]) -> dict[str, torch.Tensor]:
        return features(pixels, layers, self.weights, self.config.pooling)


@dataclass(frozen=True)
class TextbookRun:
    """What one run of the textbook method left behind; lists have one entry an evaluation, from the first on."""

    height: int
    width: int
    seconds: list[float]
    unclipped: list[float]
    pictures: dict[int, Pixels]


def run_textbook(
    content: Pixels, styles: Sequence[Pixels], config: StyleTransferConfig, evaluations: int
) -> TextbookRun:
    """Optimise from the content; the clock starts at the first evaluation, when the targets are known.

    The optimiser's own stopping rules are off and it searches no line, so that one iteration is one evaluation.
    """
    start = fitted(content, config.size, config.upscale)
    objective = Objective(start, _fitted_styles(styles, config, max(start.shape)), config)
    pixels = to_tensor(start).requires_grad_(True)
    run = TextbookRun(start.shape[0], start.shape[1], [], [], {})
    optimizer: Any = torch.optim.LBFGS(
        [pixels],
        lr=1,
        max_iter=evaluations,
        max_eval=evaluations,
        history_size=10,
        tolerance_grad=-1,
        tolerance_change=-1,
    )

    def closure() -> torch.Tensor:
        total = objective(pixels).total
        (pixels.grad,) = torch.autograd.grad(total, pixels)
        run.unclipped.append(float(total.detach()))
        done = len(run.unclipped)
        if done in MARKS or done == evaluations:
            run.pictures[done] = to_pixels(pixels)
        run.seconds.append(time.perf_counter() - began)
        return total

    began = time.perf_counter()
    optimizer.step(closure)
    return run


def independent_evaluation(
    content: Pixels, styles: Sequence[Pixels], config: StyleTransferConfig, picture: Pixels
) -> dict[str, float]:
    """Return J and its unweighted parts of a saved picture, in float32, at the picture's own size.

    Args:
        content: The photo, any size; resized to the picture's.
        styles: The paintings, any size; the long side becomes the picture's times `config.style_scale`.
        config: Weights, layers, pooling, style scale and blend of the objective.
        picture: The saved picture, 8-bit RGB (height, width, 3).
    """
    height, width = picture.shape[:2]
    fitted_styles = _fitted_styles(styles, config, max(height, width))
    objective = Objective(resized(content, height, width), fitted_styles, config)
    with torch.no_grad():
        parts = objective(to_tensor(picture))
    return {
        "J": float(parts.total),
        "content": float(parts.content),
        "style": float(parts.style),
        "tv": float(parts.tv),
    }


def to_tensor(pixels: Pixels, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return 8-bit RGB (height, width, 3) as (1, 3, height, width) in 0..255."""
    return torch.tensor(pixels.transpose(2, 0, 1)[None], dtype=dtype)


def to_pixels(pixels: torch.Tensor) -> Pixels:
    """Return what saving makes of `pixels` (1, 3, H, W): clipped to 0..255 and rounded to 8 bits."""
    clipped = pixels.detach()[0].permute(1, 2, 0).clamp(0, 255).round()
    return np.asarray(clipped.numpy(), dtype=np.uint8)


def _fitted_styles(styles: Sequence[Pixels], config: StyleTransferConfig, long_side: int) -> list[Pixels]:
    return [fitted(style, round(long_side * config.style_scale), config.upscale) for style in styles]


def _shares(layers: Sequence[tuple[str, float]]) -> dict[str, float]:
    total = sum(weight for _, weight in layers)
    return {name: weight / total for name, weight in layers}


def main() -> None:
    """Run the method once for `benchmarks.quality`, alone in its process."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.textbook", description="the textbook method, once")
    parser.add_argument("content", type=Path)
    parser.add_argument("style", type=Path)
    parser.add_argument("--config", type=json.loads, default={}, help="StyleTransferConfig as JSON")
    parser.add_argument("--evaluations", type=int, default=300)
    parser.add_argument("--folder", type=Path, required=True, help="where the record and the pictures go")
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    config = StyleTransferConfig.from_dict(options.config)
    run = run_textbook(read_rgb(options.content), [read_rgb(options.style)], config, options.evaluations)
    options.folder.mkdir(parents=True, exist_ok=True)
    for mark, picture in run.pictures.items():
        write_png(options.folder / f"textbook-{mark:04d}.png", picture)
    record = {
        "height": run.height,
        "width": run.width,
        "threads": torch.get_num_threads(),
        "seconds": run.seconds,
        "unclipped": run.unclipped,
        "marks": sorted(run.pictures),
    }
    (options.folder / "textbook.json").write_text(json.dumps(record))


if __name__ == "__main__":
    main()
