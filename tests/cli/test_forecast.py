"""What a user relies on: the time left counts all pictures that are still to come."""

from nst.cli.console import duration
from nst.cli.forecast import Forecast


def test_before_anything_is_known_no_time_is_said() -> None:
    forecast = Forecast([1, 1])
    forecast.begin(1)
    assert forecast.left(seconds=3, eta=None) is None
    assert forecast.share(0.5) == 0.25


def test_the_first_picture_s_own_time_left_tells_of_the_others() -> None:
    forecast = Forecast([10, 20, 30])
    forecast.begin(10)
    # 10 units take 4 + 6 seconds, so the 50 others take 50.
    assert forecast.left(seconds=4, eta=6) == 6 + 50


def test_what_the_finished_ones_took_counts_too() -> None:
    forecast = Forecast([10, 10, 40])
    forecast.begin(10)
    forecast.end(seconds=30)
    forecast.begin(10)
    assert forecast.left(seconds=2, eta=None) == 3 * 50 - 2
    # 20 units take 30 + 5 + 5 seconds, so the 40 others take 80.
    assert forecast.left(seconds=5, eta=5) == 5 + 80
    assert forecast.share(0.5) == 15 / 60


def test_a_picture_that_failed_is_no_work_any_more() -> None:
    forecast = Forecast([10, 30])
    forecast.begin(30)
    forecast.leave_out()
    forecast.begin(10)
    assert forecast.share(1) == 1
    assert forecast.left(seconds=1, eta=2) == 2


def test_hours_are_written_out() -> None:
    assert [duration(seconds) for seconds in (5, 65, 3599.6, 7265)] == ["0:05", "1:05", "1:00:00", "2:01:05"]
