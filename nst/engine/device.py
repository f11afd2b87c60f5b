"""What the engine runs on: the device, the precision that its convolutions are fastest in, their rate, the memory."""

import time
from contextlib import suppress
from functools import lru_cache

import tensorflow as tf

from nst.engine.convolution import Forms, fastest_forms, rectified
from nst.plan.machine import SHARE, Machine, budget, processors

#: bfloat16 must be at least this much faster to be worth its rounding.
MARGIN = 1.1
#: A 3x3 convolution typical of the network's middle, small enough to time even where bfloat16 is emulated.
_SIDE, _CHANNELS, _REPEATS = 64, 128, 5
#: Large enough to keep every core busy.
_RATE_SIDE = 192
#: With bfloat16 on a CPU, the time of what is not a convolution (roots of covariances, the search for neighbours, ReLU,
#: pooling, the optimiser) over that of the convolutions in float32; see benchmarks/minute.json.
FLOAT32_SHARE = 0.24


def resolve_precision(precision: str) -> str:
    """Return ``"bfloat16"`` or ``"float32"``; ``"auto"`` becomes the faster one, measured once a process."""
    return _faster_precision() if precision == "auto" else precision


@lru_cache(maxsize=1)
def device_name() -> str:
    """Return what the engine computes on, e.g. ``"NVIDIA H200"`` or ``"CPU"``.

    Called before the first operation, it also keeps TensorFlow from taking the GPU's whole memory at once, from
    computing float32 products in TF32, whose 10 bits would blur the Gram matrices and J, and from starting a thread for
    each processor of the computer where this process may use fewer.
    """
    gpus = tf.config.list_physical_devices("GPU")
    # Too late if somebody else has used TensorFlow before; then its threads are as many as they are.
    with suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(processors())
        tf.config.threading.set_inter_op_parallelism_threads(processors())
    tf.config.experimental.enable_tensor_float_32_execution(False)
    for gpu in gpus:
        # Too late if somebody else has used TensorFlow before; then it works with the memory that it has taken.
        with suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    if not gpus:
        return "CPU"
    return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"))


def compiles() -> bool:
    """Return whether the step is compiled by XLA: on a GPU, where it joins what stands between the convolutions.

    Not on a CPU: there the compiled step is slower than TensorFlow's own convolutions, and every new size costs seconds
    of compiling.
    """
    return device_name() != "CPU"


def this_machine(precision: str, memory: int = 0, *, measured: bool = False) -> Machine:
    """Return what runs here have to go by.

    Args:
        precision: As in the config; "auto" is resolved.
        memory: Megabytes that a run may take; 0 for a safe share of what the computer, or its GPU, has free.
        measured: Whether to measure the rate, which takes about half a second.
    """
    device, resolved = device_name(), resolve_precision(precision)
    limit = budget(memory)
    if tf.config.list_physical_devices("GPU") and not memory:
        limit = int(SHARE * _gpu_memory())
    return Machine(device, resolved, limit, _evaluation_rate(device, resolved) if measured else None)


def _evaluation_rate(device: str, precision: str) -> float:
    """Return the operations a second of an evaluation, as if all of them were those of convolutions."""
    rate = convolution_rate(precision)
    if device != "CPU" or precision == "float32":
        return rate
    return 1 / (1 / rate + FLOAT32_SHARE / convolution_rate("float32"))


@lru_cache(maxsize=2)
def convolution_rate(precision: str) -> float:
    """Return the floating-point operations a second of a typical convolution, measured once a process."""
    function = _convolution(precision, _RATE_SIDE)
    seconds = float("inf")
    for _ in range(_REPEATS):
        start = time.perf_counter()
        function().numpy()
        seconds = min(seconds, time.perf_counter() - start)
    return float(2 * 9 * _CHANNELS**2 * _RATE_SIDE**2 / seconds)


def _gpu_memory() -> int:
    """Return the bytes that TensorFlow may take of the first GPU."""
    from tensorflow.python.client import device_lib

    return max(int(device.memory_limit) for device in device_lib.list_local_devices() if device.device_type == "GPU")


@lru_cache(maxsize=1)
def _faster_precision() -> str:
    device_name()
    functions = {precision: _convolution(precision) for precision in ("float32", "bfloat16")}
    seconds = dict.fromkeys(functions, float("inf"))
    # In turns, and the best of each: another process on the machine then slows both alike.
    for _ in range(_REPEATS):
        for precision, function in functions.items():
            start = time.perf_counter()
            function().numpy()
            seconds[precision] = min(seconds[precision], time.perf_counter() - start)
    return "bfloat16" if seconds["float32"] > MARGIN * seconds["bfloat16"] else "float32"


def _convolution(precision: str, side: int = _SIDE) -> tf.types.experimental.PolymorphicFunction:
    dtype = tf.as_dtype(precision)
    # bfloat16 in the form that is fast where bfloat16 is fast at all: elsewhere only trying the other takes seconds.
    forms = fastest_forms(precision) if precision == "float32" else Forms()
    # Variables keep TensorFlow from folding the result into a constant; one number is all that is copied out.
    maps = tf.Variable(tf.ones((1, side, side, _CHANNELS), dtype), trainable=False)
    kernel = tf.Variable(tf.ones((3, 3, _CHANNELS, _CHANNELS), dtype), trainable=False)
    bias = tf.zeros(_CHANNELS, dtype)

    def corner() -> tf.Tensor:
        read, weights = tf.convert_to_tensor(maps), tf.convert_to_tensor(kernel)
        return tf.cast(rectified(read, weights, weights, bias, forms)[0, 0, 0, 0], tf.float32)

    function = tf.function(corner, autograph=False)
    function()
    return function
