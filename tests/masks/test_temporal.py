"""What a film's frame is held to, at other sizes."""

import numpy as np
import pytest

from nst.errors import ImageError
from nst.masks.temporal import TemporalTarget

PICTURE = np.full((20, 30, 3), 90, np.uint8)


def test_picture_and_weights_are_resized_together() -> None:
    target = TemporalTarget(PICTURE, np.ones((20, 30), np.float32))
    small = target.at((10, 15))
    assert (small.picture.shape, small.weights.shape) == ((10, 15, 3), (10, 15))
    np.testing.assert_allclose(small.weights, 1)
    assert target.at((20, 30)) is target


def test_weights_of_another_size_are_refused() -> None:
    with pytest.raises(ImageError, match=r"expected weights of the picture's height and width \(20, 30\)"):
        TemporalTarget(PICTURE, np.ones((20, 31), np.float32))
