"""An engine of films without a network: every frame in one grey level."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nst.config import FilmConfig
from nst.pictures.codec import Pixels
from nst.recipes.recipe import Recipe, Source
from nst.video.film import open_film
from nst.video.frames import FrameFolder
from nst.video.part import write_part
from nst.video.survey import Survey
from nst.video.transfer import FilmProgress
from tests.support.fake_engine import Record


class FilmEngine:
    """Paints a frame for each `release()`; as `nst.video.transfer.stylize_film` it keeps the frames beside the film.

    Attributes:
        error: Raised after the frames that were released.
        configs: What it was asked for.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.configs: list[FilmConfig] = []
        self._gate = threading.Semaphore(0)

    def release(self, frames: int = 1) -> None:
        self._gate.release(frames)

    def __call__(
        self,
        film: Path,
        styles: Sequence[Pixels],
        output: Path,
        config: FilmConfig,
        options: Any = None,
        *,
        sources: Sequence[Source],
        interrupted: Callable[[], bool],
    ) -> Iterator[FilmProgress]:
        self.configs.append(config)
        survey = Survey.of(open_film(film), config, interrupted)
        folder = FrameFolder.made(FrameFolder.beside(output), {}, survey)
        recipe = Recipe(Source.of("film frame 1", b"film"), tuple(sources), config.first_frame(), "1")

        def progress(number: int, done: int, **more: Any) -> FilmProgress:
            values: dict[str, Any] = {"record": None, "picture": None, **more}
            return FilmProgress(number + 1, survey.frames, done, survey, seconds=1.0, eta=2.0, **values)

        yield progress(0, 0)
        for number in range(survey.frames):
            while not self._gate.acquire(timeout=0.01):
                if interrupted():
                    return
                if self.error is not None:
                    raise self.error
            yield progress(number, number, record=Record(1, 1, 10, config=config.first_frame()))
            folder.write(number, np.full((*survey.shape, 3), 20 * (number + 1), np.uint8), recipe)
            yield progress(number, number + 1, picture=folder.file(number))
        write_part(film, output, survey, survey.frames, "{}")
        yield progress(survey.frames - 1, survey.frames, output=output)
