"""An engine without a network, for the tests of the queue and of the page."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from nst.config import RunOptions, StyleTransferConfig
from nst.errors import Interrupted
from nst.plan.tiling import WHOLE
from nst.weights.files import WeightsSource

SECONDS = 10.0  # a generous bound on waiting for a thread; nothing takes a tenth of it


@dataclass
class Record:
    """One step of the engine, with a picture of one grey level."""

    step: int
    steps: int
    level: int
    preview: np.ndarray | None = None
    note: str = ""
    scale: int = 1
    scales: int = 2
    width: int = 8
    height: int = 6
    seconds: float = 0.5
    eta: float | None = 1.5
    config: StyleTransferConfig = field(default_factory=StyleTransferConfig)
    options: RunOptions = RunOptions(precision="float32", tile=WHOLE)
    weights: WeightsSource | None = None
    low_rank: int = 0
    device: str = "CPU"

    @property
    def losses(self) -> SimpleNamespace:
        return SimpleNamespace(total=4.0, content=1.0, style=2.0, tv=3.0, temporal=0.0)

    def picture(self) -> np.ndarray:
        return np.full((6, 8, 3), self.level, np.uint8)

    def levels(self) -> np.ndarray:
        return self.picture().astype(np.float32)


class Engine:
    """Yields five records a job; with `gated`, one for each `release()` and then one more."""

    def __init__(self, gated: bool = False) -> None:
        self.gate = threading.Semaphore(0 if gated else 10**6)
        self.started: list[int] = []

    def release(self, records: int = 1) -> None:
        self.gate.release(records)

    def __call__(
        self, content, styles, config, options=None, *, initial=None, regions=(), style_guides=(), **_
    ) -> Iterator[Any]:
        self.started.append(config.seed)
        for step in range(1, 6):
            assert self.gate.acquire(timeout=SECONDS)
            preview = np.full((6, 8, 3), step, np.uint8)
            yield Record(step, 5, 10 * step, preview, config=config)


class Sketcher:
    """An engine of sketches that asks before each of three evaluations whether to go on.

    A sketch is the photo, painted with a style weight of 500. With `gated` an evaluation waits for `release()`.
    """

    def __init__(self, gated: bool = False) -> None:
        self.gate = threading.Semaphore(0 if gated else 10**6)
        self.begun: list[int] = []
        self.paintings: list[np.ndarray] = []
        self.left = 0

    def release(self, evaluations: int = 1) -> None:
        self.gate.release(evaluations)

    def __call__(
        self, photo: np.ndarray, styles: Any, config: StyleTransferConfig, *, interrupted: Callable[[], bool]
    ) -> Any:
        self.begun.append(int(photo[0, 0, 0]))
        self.paintings += styles
        for _ in range(3):
            assert self.gate.acquire(timeout=SECONDS)
            if interrupted():
                self.left += 1
                raise Interrupted
        return SimpleNamespace(picture=photo, style_weight=500.0)
