"""How often the page looks at a picture that is painted."""

import pytest

from nst.ui.job.pace import between_looks


@pytest.mark.parametrize(("seconds", "between"), [(None, 1.0), (2.0, 0.3), (20.0, 0.5), (40.0, 1.0), (4000.0, 1.0)])
def test_a_picture_is_looked_at_forty_times_but_neither_too_often_nor_too_seldom(
    seconds: float | None, between: float
) -> None:
    assert between_looks(seconds) == between
