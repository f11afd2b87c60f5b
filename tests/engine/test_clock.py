"""Time left and previews, with a clock that the test moves."""

import pytest

from nst.engine import clock
from nst.plan.scales import Scale

#: 1,000 pixels, then 4,000.
SCALES = (Scale((20, 50), (), 3), Scale((40, 100), (), 2))


class Watch:
    """Stands in for the module `time`."""

    now = 1000.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(clock, "time", watch)
    return watch


def test_seconds_count_from_the_start(watch: Watch) -> None:
    made = clock.Clock(None)
    watch.now += 2.5
    assert made.seconds() == 2.5


def test_time_left_grows_with_the_pixels_of_the_scales_to_come(watch: Watch) -> None:
    made = clock.Clock(None)
    made.begin_scale()
    watch.now += 60  # the first evaluation holds TensorFlow's tracing and says nothing about the others
    made.evaluated(SCALES, 1, 1)
    assert made.eta is None
    watch.now += 1
    made.evaluated(SCALES, 1, 2)
    assert made.eta == pytest.approx(1 + 2 * 4)
    watch.now += 1
    made.evaluated(SCALES, 1, 3)
    assert made.eta == pytest.approx(2 * 4)
    watch.now += 30  # targets of the second scale
    made.begin_scale()
    watch.now += 4
    made.evaluated(SCALES, 2, 1)
    assert made.eta == pytest.approx(4)
    watch.now += 4
    made.evaluated(SCALES, 2, 2)
    assert made.eta == 0
    assert made.seconds() == 100


def test_one_slow_evaluation_changes_the_prediction_a_little(watch: Watch) -> None:
    made, scales = clock.Clock(None), (Scale((10, 10), (), 100),)
    for done in range(1, 11):
        watch.now += 1
        made.evaluated(scales, 1, done)
    assert made.eta == pytest.approx(90)
    watch.now += 6
    made.evaluated(scales, 1, 11)
    assert made.eta is not None
    assert 89 < made.eta < 3 * 89
    for done in range(12, 50):
        watch.now += 1
        made.evaluated(scales, 1, done)
    assert made.eta == pytest.approx(51, rel=0.01)


def test_previews_come_at_once_and_then_so_many_seconds_apart(watch: Watch) -> None:
    made = clock.Clock(0.5)
    due = []
    for _ in range(9):
        due.append(made.preview_due())
        watch.now += 0.25
    assert due == [True, False] * 4 + [True]


@pytest.mark.parametrize(("seconds", "due"), [(0.0, True), (None, False)])
def test_previews_always_or_never(watch: Watch, seconds: float | None, due: bool) -> None:
    made = clock.Clock(seconds)
    assert [made.preview_due() for _ in range(3)] == [due] * 3
