"""What the benchmarks of neighbours compute: the places that explain them, and the pyramid that they are timed with."""

import numpy as np
import pytest

from benchmarks.nearest import most_similar
from benchmarks.neighbours import laplacian_pyramid, put_together
from nst.engine.canvas import as_tensor
from tests.support.reference import gallery_picture

pytestmark = pytest.mark.engine

PHOTO = gallery_picture("photos/pagoda.jpg", 86, 128)


def test_the_neighbour_of_a_place_in_the_same_picture_is_that_place() -> None:
    asked = [(10, 30), (42, 90), (70, 61)]
    # Places are squares of 4 x 4 pixels.
    assert most_similar(PHOTO, PHOTO, asked) == [(10, 30), (42, 90), (70, 62)]


def test_a_pyramid_is_its_picture_again() -> None:
    pyramid = laplacian_pyramid(as_tensor(PHOTO))
    assert [each.shape[1:3] for each in pyramid] == [(86, 128), (43, 64), (21, 32), (10, 16), (5, 8), (2, 4)]
    np.testing.assert_allclose(put_together(pyramid)[0], PHOTO, atol=1e-3)
