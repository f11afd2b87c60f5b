"""What stops a run while TensorFlow is busy with a function."""

import threading

import pytest
import tensorflow as tf

from nst.engine import tracing
from nst.errors import Interrupted
from nst.progress import UNINTERRUPTED, Interruption
from tests.support.fake_engine import SECONDS


def test_what_is_traced_asks_what_the_run_heeds_and_nothing_outside_of_it() -> None:
    asked: list[bool] = []

    def stops() -> bool:
        asked.append(True)
        return True

    def traced(number: tf.Tensor) -> tf.Tensor:
        tracing.check()
        return number + 1

    function = tf.function(traced, input_signature=[tf.TensorSpec(())], autograph=False)
    with tracing.heeding(Interruption(stops)), pytest.raises(Interrupted):
        tracing.called(function, tf.constant(1.0))
    assert asked == [True]
    assert float(tracing.called(function, tf.constant(1.0))) == 2.0
    assert asked == [True], "it is traced anew, and is nobody's concern any longer"


def test_a_first_call_that_takes_its_time_is_left() -> None:
    """A job that comes while a network is prepared for a sketch does not wait for that."""
    goes_on, ended, asked = threading.Event(), threading.Event(), threading.Event()

    def prepared_slowly(number: int) -> int:
        assert goes_on.wait(SECONDS)
        ended.set()
        return number + 1

    def second_time() -> bool:
        is_second = asked.is_set()
        asked.set()
        return is_second

    with tracing.heeding(Interruption(second_time), leaves=True), pytest.raises(Interrupted):
        tracing.called(prepared_slowly, 1)
    assert not ended.is_set()
    goes_on.set()
    assert ended.wait(SECONDS)
    with tracing.heeding(UNINTERRUPTED, leaves=True):
        assert tracing.called(prepared_slowly, 1) == 2


def broken() -> None:
    raise MemoryError


def test_what_goes_wrong_in_a_first_call_is_said_where_it_was_called() -> None:
    with tracing.heeding(UNINTERRUPTED, leaves=True), pytest.raises(MemoryError):
        tracing.called(broken)


def test_jobs_do_not_leave_a_first_call_which_may_hold_much_memory() -> None:
    threads: list[threading.Thread] = []
    with tracing.heeding(Interruption(lambda: True)):
        tracing.called(lambda: threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()]
