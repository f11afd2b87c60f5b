"""What a film takes: its two kinds of frames, before it starts and by what they have taken, by hand."""

from fractions import Fraction

import pytest

from nst.config import FilmConfig, RunOptions
from nst.plan.machine import Machine
from nst.plan.run import plan_run
from nst.video.estimate import FilmPlan, Pace, plan_film
from nst.video.survey import Survey

MACHINE = Machine("CPU", "float32", 10**10, rate=1e11)
CONFIG = FilmConfig(size=256, steps=50)
SURVEY = Survey((144, 256), tuple(Fraction(number, 25) for number in range(10)), (0, 4, 7))
STYLES = ((300, 400),)


@pytest.fixture
def plan() -> FilmPlan:
    return plan_film(SURVEY, STYLES, CONFIG, RunOptions(), MACHINE)


def test_a_film_takes_what_its_frames_take(plan: FilmPlan) -> None:
    first = CONFIG.first_frame()
    begins, follows = (
        plan_run((144, 256), STYLES, each, RunOptions(), MACHINE) for each in (first, CONFIG.next_frame(first))
    )
    # 40 evaluations at 128 px and 50 at 256 px; then 10.
    assert (begins.evaluations, follows.evaluations) == (90, 10)
    assert plan.evaluations == 3 * 90 + 7 * 10
    assert plan.seconds == pytest.approx(3 * begins.seconds + 7 * follows.seconds)
    assert plan.memory == max(begins.memory, follows.memory)


def test_before_the_first_frame_the_time_is_the_planned_one(plan: FilmPlan) -> None:
    assert Pace(plan).left(3, 7) == pytest.approx(plan.seconds)
    unknown = plan_film(SURVEY, STYLES, CONFIG, RunOptions(), Machine("CPU", "float32", 10**10))
    assert unknown.seconds is None
    assert Pace(unknown).left(3, 7) is None


def test_one_kind_of_frame_tells_of_the_other_by_their_work(plan: FilmPlan) -> None:
    pace, share = Pace(plan), plan.following.operations / plan.first.operations
    # In float32 the first frame begins with the low-rank network, the others have no use for it.
    assert 0.1 < share < 0.4
    pace.painted(60.0, begins=True)
    assert pace.left(2, 7) == pytest.approx(2 * 60 + 7 * 60 * share)
    resumed = Pace(plan)
    resumed.painted(12.0, begins=False)
    assert resumed.left(2, 7) == pytest.approx(2 * 12 / share + 7 * 12)


def test_frames_tell_of_those_of_their_kind_but_for_the_first_that_loads_the_network(plan: FilmPlan) -> None:
    pace = Pace(plan)
    for seconds, begins in ((80.0, True), (20.0, False), (10.0, False), (12.0, False), (60.0, True)):
        pace.painted(seconds, begins=begins)
    assert pace.left(1, 4) == pytest.approx(60 + 4 * 11)
