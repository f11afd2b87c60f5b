"""What the border of the picture adds to J, against the plain NumPy computation with the paper's zero padding."""

import numpy as np
import pytest
import tensorflow as tf

from nst.config import PAPER, RunOptions
from nst.engine import descent
from nst.engine.border import Border, revalued
from nst.engine.canvas import as_tensor
from nst.engine.objective import losses
from nst.engine.optimizers.best import Best
from nst.engine.targets import Targets, make_targets
from nst.engine.terms import Terms
from nst.engine.transfer import evaluate, stylize
from nst.engine.vgg import Network
from tests.support import reference
from tests.support.reference import gallery_picture

PHOTO = gallery_picture("photos/pagoda.jpg", 48, 64)
PAINTING = gallery_picture("paintings/wheat-field-with-cypresses.jpg", 50, 64)
SCROLL = gallery_picture("paintings/southern-inspection-tour.jpg", 40, 64)
STYLE_LAYERS = {"block1_conv1": 1.0, "block2_conv1": 2.0, "block3_conv1": 1.0}
CONFIG = PAPER.with_changes(style_layers=STYLE_LAYERS, style_blend_weights=(3.0, 1.0), tv_weight=2.0)
NETWORK = Network.of(CONFIG, "float32", "replicate")


def _targets() -> Targets:
    return make_targets(NETWORK, CONFIG, PHOTO, [PAINTING, SCROLL])


def _judged_style(picture: np.ndarray) -> float:
    parts = reference.objective(
        PHOTO,
        [PAINTING, SCROLL],
        picture,
        content_layers={"block4_conv2": 1.0},
        style_layers=STYLE_LAYERS,
        shares=(0.75, 0.25),
    )
    return parts["style"]


@pytest.mark.parametrize("side", [32, 1024])
def test_style_loss_of_the_picture_corrected_for_is_the_one_with_zero_padding(side: int) -> None:
    corrector = Border(NETWORK, CONFIG, [PAINTING, SCROLL], side)
    targets, style = corrector.corrected(_targets(), as_tensor(PHOTO), side)
    assert float(style) == pytest.approx(_judged_style(PHOTO), rel=1e-3)
    _, terms = losses(NETWORK, as_tensor(PHOTO), targets)
    assert float(terms.style) == pytest.approx(_judged_style(PHOTO), rel=1e-3)


def test_correction_matters() -> None:
    _, terms = losses(NETWORK, as_tensor(PHOTO), _targets())
    assert float(terms.style) != pytest.approx(_judged_style(PHOTO), rel=0.05)


def _terms(content: float, style: float, tv: float) -> Terms:
    terms = {"content": tf.constant(content), "style": tf.constant(style), "tv": tf.constant(tv)}
    return Terms.filled(tf.constant(0.0))._replace(**terms)


def test_best_picture_is_valued_anew() -> None:
    best = Best(as_tensor(PHOTO), tf.constant(5.0), _terms(1.0, 2.0, 3.0), tf.constant(5.0), tf.constant(0))
    targets = _targets()._replace(weights=_terms(1.0, 10.0, 100.0))
    again = revalued(best, targets, tf.constant(0.5))
    assert [float(term) for term in again.terms] == [1.0, 0.5, 3.0, 0.0]
    assert float(again.value) == 1.0 + 10.0 * 0.5 + 100.0 * 3.0


def test_start_has_no_value_to_renew() -> None:
    start = Best.start(as_tensor(PHOTO), _terms(0.0, 0.0, 0.0))
    assert revalued(start, _targets(), tf.constant(0.5)) is start


def test_saved_picture_is_better_than_without_corrections(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = gallery_picture("photos/raccoon.jpg", 96, 128)
    painting = gallery_picture("paintings/circus-sideshow.jpg", 85, 128)
    config = PAPER.with_changes(size=128, steps=60, coarse_to_fine=False, tv_weight=0.0)

    def saved_j() -> float:
        *_, last = stylize(photo, [painting], config, RunOptions(precision="float32"), preview_seconds=None)
        return evaluate(photo, [painting], config, last.picture()).total

    corrected = saved_j()
    monkeypatch.setattr(descent, "is_due", lambda done: False)
    assert corrected < 0.99 * saved_j()
