"""The server of hosting/ with an engine that breaks down: for ``python -m benchmarks.load soak``.

Jobs of NST_FAULTY_STEPS steps fail after a few evaluations; half of them run out of memory, half meet a bug.
"""

import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from nst.config import StyleTransferConfig  # noqa: E402
from nst.jobs import painter  # noqa: E402
from nst.ui import hosted  # noqa: E402  (the path comes first)

if TYPE_CHECKING:
    from nst.engine.records import Progress

_STEPS = int(os.environ["NST_FAULTY_STEPS"])
_EVALUATIONS = 5
_failures = count()
_stylize = painter.stylize


def stylize(content: Any, styles: Any, config: StyleTransferConfig, **settings: Any) -> "Iterator[Progress]":
    """Return the engine's generator, which may end in an error that nobody expects."""
    for record in _stylize(content, styles, config, **settings):
        yield record
        if config.steps == _STEPS and record.step == _EVALUATIONS:
            raise MemoryError if next(_failures) % 2 else RuntimeError("a bug")


painter.stylize = stylize
app = st.App(ROOT / "app.py", lifespan=hosted.lifespan, routes=hosted.ROUTES)
