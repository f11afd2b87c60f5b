"""Which precision is taken: the one asked for, or the faster one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tensorflow as tf

from nst.engine import device as precision


class Machine:
    """Stands in for the module `time` and for the convolutions: each takes as long as it is told to."""

    now = 0.0

    def __init__(self, **seconds: list[float]) -> None:
        self._seconds = {name: iter(values) for name, values in seconds.items()}
        self.measured: list[str] = []

    def perf_counter(self) -> float:
        return self.now

    def convolution(self, name: str) -> Callable[[], Any]:
        return lambda: self._run(name)

    def _run(self, name: str) -> "_Result":
        self.measured.append(name)
        self.now += next(self._seconds[name])
        return _Result()


class _Result:
    def numpy(self) -> float:
        return 0.0


@pytest.fixture
def fresh() -> Iterator[None]:
    """Nothing measured before, and nothing of what the test measures kept."""
    precision._faster_precision.cache_clear()
    yield
    precision._faster_precision.cache_clear()


@pytest.mark.parametrize("asked", ["float32", "bfloat16"])
def test_what_is_asked_for_is_taken_without_measuring(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(precision, "_faster_precision")
    assert precision.resolve_precision(asked) == asked


@pytest.mark.parametrize(
    ("float32", "bfloat16", "faster"),
    [
        ([1.0] * 5, [0.5] * 5, "bfloat16"),
        ([1.0] * 5, [3.0] * 5, "float32"),
        ([1.0] * 5, [0.95] * 5, "float32"),  # not worth the rounding
        # Somebody else's work on the machine: the best of each counts.
        ([9.0, 9.0, 1.0, 1.0, 9.0], [9.0, 9.0, 0.5, 9.0, 9.0], "bfloat16"),
        ([9.0, 1.0, 9.0, 9.0, 9.0], [2.0] * 5, "float32"),
    ],
)
@pytest.mark.usefixtures("fresh")
def test_auto_takes_the_faster_one_and_measures_once(
    float32: list[float], bfloat16: list[float], faster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(float32=float32, bfloat16=bfloat16)
    monkeypatch.setattr(precision, "time", machine)
    monkeypatch.setattr(precision, "_convolution", machine.convolution)
    assert precision.resolve_precision("auto") == faster
    assert precision.resolve_precision("auto") == faster
    assert machine.measured == ["float32", "bfloat16"] * 5


@pytest.mark.usefixtures("fresh")
def test_auto_measures_this_machine() -> None:
    assert precision.resolve_precision("auto") in ("float32", "bfloat16")


def test_float32_means_float32_on_a_gpu_too() -> None:
    tf.config.experimental.enable_tensor_float_32_execution(True)
    precision.device_name.cache_clear()
    assert precision.device_name() != ""
    assert not tf.config.experimental.tensor_float_32_execution_enabled()


@pytest.mark.parametrize(("device", "compiled"), [("CPU", False), ("NVIDIA H200", True)])
def test_the_step_is_compiled_on_a_gpu_alone(device: str, compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "device_name", lambda: device)
    assert precision.compiles() is compiled


def test_tensorflow_has_as_many_threads_as_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    monkeypatch.setattr(precision, "processors", lambda: 3)
    for name in ("set_intra_op_parallelism_threads", "set_inter_op_parallelism_threads"):
        monkeypatch.setattr(tf.config.threading, name, threads.append)
    precision.device_name.__wrapped__()
    assert threads == [3, 3]


def test_the_rate_in_bfloat16_counts_what_stays_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "convolution_rate", {"float32": 4e11, "bfloat16": 2e12}.get)
    monkeypatch.setattr(precision, "device_name", lambda: "CPU")
    assert precision.this_machine("float32", measured=True).rate == 4e11
    # A second of 2e12 operations, and 0.24 times the 5 seconds that they take in float32.
    assert precision.this_machine("bfloat16", measured=True).rate == pytest.approx(2e12 / (1 + 0.24 * 5))
    monkeypatch.setattr(precision, "device_name", lambda: "NVIDIA H200")
    assert precision.this_machine("bfloat16", measured=True).rate == 2e12
