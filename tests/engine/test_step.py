"""The traced step: the same compiled or not, traced once for all jobs, and copying nothing but scalars out."""

from typing import Any

import numpy as np
import pytest
from tensorflow.python.framework import ops

from benchmarks.start import traces
from nst.config import PAPER, RunOptions
from nst.engine import descent, run_plan
from nst.engine.canvas import as_tensor
from nst.engine.optimizers.best import BestSoFar
from nst.engine.optimizers.lbfgs import Lbfgs
from nst.engine.targets import make_targets
from nst.engine.terms import Terms
from nst.engine.transfer import stylize
from nst.engine.vgg import Network
from tests.support.reference import gallery_picture

PHOTO = gallery_picture("photos/pagoda.jpg", 86, 128)
PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 100, 128)
OTHER_PHOTO = gallery_picture("photos/coffee.jpg", 86, 128)
OTHER_PAINTING = gallery_picture("paintings/southern-inspection-tour.jpg", 58, 128)
CONFIG = PAPER.with_changes(size=64, steps=8)
OPTIONS = RunOptions(precision="float32")


# Compiled or not


def _two_evaluations(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, np.ndarray]]:
    """J and its gradient at the photo and at the picture one step on."""
    monkeypatch.setattr(descent, "compiles", lambda: compiled)
    descent.step_function.cache_clear()
    network, optimizer = Network.of(CONFIG, "float32", run_plan.EDGE), BestSoFar(Lbfgs(history=2), Terms.filled(0))
    photo, painting = PHOTO[:34, :48], PAINTING[:40, :36]
    targets = make_targets(network, CONFIG, photo, [painting])
    state, found = optimizer.init(as_tensor(photo), 2), []
    step = descent.step_function(network, optimizer, regions=0)
    for _ in range(2):
        step(state, targets)
        found.append((float(state.best.last_value), state.solver.previous_gradient.numpy()))
    return found


def test_the_compiled_step_gives_the_same_j_and_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, compiled = (_two_evaluations(each, monkeypatch) for each in (False, True))
    descent.step_function.cache_clear()
    for (value, gradient), (compiled_value, compiled_gradient) in zip(plain, compiled, strict=True):
        assert compiled_value == pytest.approx(value, rel=1e-5)
        error = np.linalg.norm(compiled_gradient - gradient) / np.linalg.norm(gradient)
        assert error < 1e-4


# Traced once


def test_a_second_job_of_the_same_size_traces_nothing() -> None:
    for _ in stylize(PHOTO, [PAINTING], CONFIG, OPTIONS, preview_seconds=0):
        pass
    before = traces()
    assert before > 0
    other = CONFIG.with_changes(style_weight=30.0, tv_weight=0.0, style_scale=0.8, init="noise", seed=3)
    for _ in stylize(OTHER_PHOTO, [OTHER_PAINTING], other, OPTIONS, preview_seconds=0):
        pass
    assert traces() == before


# Nothing but scalars leaves the device


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of values in each tensor that is copied out of TensorFlow, in order."""
    sizes: list[int] = []
    copy = ops._EagerTensorBase._numpy

    def noted(tensor: Any) -> Any:
        sizes.append(int(np.prod(tensor.shape)))
        return copy(tensor)

    monkeypatch.setattr(ops._EagerTensorBase, "_numpy", noted)
    return sizes


def test_a_step_copies_nothing_but_scalars_out(copied: list[int]) -> None:
    records = stylize(PHOTO, [PAINTING], CONFIG, OPTIONS, preview_seconds=None)
    next(records)
    copied.clear()
    last = list(records)[-1]
    # J, its three parts, the count of failures: at every step, also where the border is corrected.
    assert copied
    assert max(copied) <= 3
    picture = last.picture()
    assert max(copied) == picture.size
