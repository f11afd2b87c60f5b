"""The page with an engine that needs no network, for what a browser is to see of every state within seconds.

A picture is the photo in other colours, at the size of the settings, in `STEPS` steps of `SECONDS` each.
"""

import runpy
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from nst import jobs  # noqa: E402  (the path comes first)
from nst.config import RunOptions, StyleTransferConfig  # noqa: E402
from nst.pictures.codec import Pixels, resize_to  # noqa: E402
from nst.plan.scales import final_shape  # noqa: E402
from nst.ui import resources  # noqa: E402
from tests.support.fake_engine import Record  # noqa: E402

STEPS, SECONDS = 20, 0.3


class Painted(Record):
    """One step with the picture of the whole run."""

    pixels: Pixels

    def picture(self) -> Pixels:
        return self.pixels


def in_other_colours(photo: Pixels) -> Pixels:
    """Return the photo, uint8 RGB (height, width, 3), with its channels one place on, in eight levels."""
    return np.ascontiguousarray(photo[..., (1, 2, 0)]) // 32 * 36


def stylize(content: Pixels, styles: Any, config: StyleTransferConfig, *_: Any, **__: Any) -> Iterator[Any]:
    height, width = final_shape(content.shape[0], content.shape[1], config)
    picture = in_other_colours(resize_to(content, height, width))
    for step in range(1, STEPS + 1):
        time.sleep(SECONDS)
        record = Painted(step, STEPS, 0, picture, config=config, width=width, height=height, eta=SECONDS * 20)
        record.pixels = picture
        yield record


def sketch(photo: Pixels, *_: Any, interrupted: Callable[[], bool], **__: Any) -> Any:
    time.sleep(0.02)
    return SimpleNamespace(picture=in_other_colours(photo), style_weight=500.0)


def runner(hosting: Any, *_: Any) -> jobs.Runner:
    return jobs.JobRunner(stylize, lambda: None, limits=hosting.limits, sketch=sketch, run=RunOptions())


setattr(resources, "make_runner", runner)  # noqa: B010 - in place of the one that it has imported
runpy.run_path(str(ROOT / "app.py"))
