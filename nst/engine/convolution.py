"""A 3x3 convolution with bias and ReLU, and its gradient, each in the form that this machine computes sooner.

A convolution with stride 1 and zero padding is also the gradient of another one, whose kernel is turned by half a turn
and has its channels exchanged; so both can be had of either of TensorFlow's two operations, ``Conv2D`` and
``Conv2DBackpropInput``. The numbers are the same but for rounding. The seconds are not: of the libraries below
TensorFlow one or the other operation takes a slow path, depending on the processor, the precision and the platform.
With oneDNN on AVX2 it is ``Conv2D``, whose kernels come in an order that only its matrix products accept, and which
takes 1.4 times the memory then; without oneDNN it is ``Conv2DBackpropInput``. With oneDNN on AVX-512 both are as quick.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import tensorflow as tf

from nst.engine import tracing
from nst.plan import onednn

#: How much sooner the unusual form must be done to be taken. Far from what is found (0.9 to 1.1, or 1.3 to 2.9), so
#: that one machine mostly takes the same one and a run can be repeated.
MARGIN = 1.2
#: What is measured: a convolution whose maps are larger than the caches, as most of the network's are.
_SIDE, _CHANNELS, _REPEATS = 192, 64, 4

Operation = Callable[[tf.Tensor], tf.Tensor]


class Forms(NamedTuple):
    """Which of the two operations a convolution and its gradient are computed with.

    Attributes:
        forward: ``"direct"``, as ``Conv2D``, or ``"transposed"``, as ``Conv2DBackpropInput``.
        backward: Likewise; what TensorFlow itself takes is ``"transposed"``.
    """

    forward: str = "direct"
    backward: str = "transposed"


def turned(kernel: Any) -> Any:
    """Return the kernel (3, 3, in, out) of the convolution whose gradient is that of `kernel`: (3, 3, out, in)."""
    return kernel[::-1, ::-1].swapaxes(2, 3)


def rectified(maps: tf.Tensor, kernel: tf.Tensor, turned_kernel: tf.Tensor, bias: tf.Tensor, forms: Forms) -> tf.Tensor:
    """Return ReLU(maps * kernel + bias): maps (1, H, W, in), kernel (3, 3, in, out), bias (out,), zero padding.

    Only `maps` have a gradient.

    Args:
        turned_kernel: See `turned`; read where `forms` differ from TensorFlow's own.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def layer(maps: tf.Tensor) -> Any:
        tracing.check()
        forward, backward = _ways(kernel, turned_kernel, forms)
        out = tf.nn.relu(tf.nn.bias_add(forward(maps), bias))

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            tracing.check()
            return backward(tf.raw_ops.ReluGrad(gradients=upstream, features=out))

        return out, gradient

    return layer(maps)


def factored(
    maps: tf.Tensor, down: tf.Tensor, turned_down: tf.Tensor, up: tf.Tensor, bias: tf.Tensor, forms: Forms
) -> tf.Tensor:
    """Return ReLU(maps * down * up + bias): `rectified` with a kernel in two factors of fewer operations.

    Only `maps` have a gradient.

    Args:
        down: (3, 3, in, rank).
        turned_down: See `turned`; read where `forms` differ from TensorFlow's own.
        up: (1, 1, rank, out).
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def layer(maps: tf.Tensor) -> Any:
        tracing.check()
        forward, backward = _ways(down, turned_down, forms)
        out = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(forward(maps), up, 1, "SAME"), bias))

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            tracing.check()
            slopes = tf.raw_ops.ReluGrad(gradients=upstream, features=out)
            return backward(tf.nn.conv2d(slopes, tf.transpose(up, (0, 1, 3, 2)), 1, "SAME"))

        return out, gradient

    return layer(maps)


def _ways(kernel: tf.Tensor, turned_kernel: tf.Tensor, forms: Forms) -> tuple[Operation, Operation]:
    """Return the convolution with a kernel and the way back to its input, each in its form."""
    forward = _direct(kernel) if forms.forward == "direct" else _transposed(turned_kernel)
    backward = _direct(turned_kernel) if forms.backward == "direct" else _transposed(kernel)
    return forward, backward


def _direct(kernel: tf.Tensor) -> Operation:
    return lambda maps: tf.nn.conv2d(maps, kernel, 1, "SAME")


def _transposed(kernel: tf.Tensor) -> Operation:
    def operation(maps: tf.Tensor) -> tf.Tensor:
        sizes = tf.concat([tf.shape(maps)[:3], [kernel.shape[2]]], 0)
        out = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=sizes, filter=kernel, out_backprop=maps, strides=[1] * 4, padding="SAME"
        )
        return tf.ensure_shape(out, (*maps.shape[:3], kernel.shape[2]))

    return operation


@lru_cache(maxsize=2)
def fastest_forms(precision: str) -> Forms:
    """Return the forms to take on this machine in ``"float32"`` or ``"bfloat16"``.

    On a GPU they are TensorFlow's own: cuDNN has fast paths for both. With oneDNN in float32 they follow from the
    processor's instructions, so that a busy moment never changes them. Elsewhere they are measured once a process.
    """
    if tf.config.list_physical_devices("GPU"):
        return Forms()
    wide = onednn.has_avx512() if precision == "float32" and onednn.is_on() else None
    if wide is not None:
        return Forms() if wide else Forms(forward="transposed")
    return _measured(precision)


def _measured(precision: str) -> Forms:
    """Return the forms that take clearly less of the processor's time."""
    dtype = tf.as_dtype(precision)
    # A variable, as the network's kernels are: what TensorFlow knows to be constant takes other paths.
    kernel = tf.Variable(tf.ones((3, 3, _CHANNELS, _CHANNELS), dtype), trainable=False)
    bias = tf.zeros(_CHANNELS, dtype)
    maps = tf.Variable(tf.ones((1, _SIDE, _SIDE, _CHANNELS), dtype), trainable=False)
    direct, transposed = _direct(kernel), _transposed(kernel)
    seconds = _processor_seconds(
        {
            # Forwards TensorFlow joins bias and ReLU to the direct form.
            "forward direct": lambda: tf.nn.relu(tf.nn.bias_add(direct(maps), bias)),
            "forward transposed": lambda: tf.nn.relu(tf.nn.bias_add(transposed(maps), bias)),
            "backward direct": lambda: direct(maps),
            "backward transposed": lambda: transposed(maps),
        }
    )
    slow_direct = seconds["forward direct"] > MARGIN * seconds["forward transposed"]
    slow_transposed = seconds["backward transposed"] > MARGIN * seconds["backward direct"]
    return Forms("transposed" if slow_direct else "direct", "direct" if slow_transposed else "transposed")


def _processor_seconds(functions: dict[str, Callable[[], tf.Tensor]]) -> dict[str, float]:
    """Return the processor's seconds of each: other programs take the wall clock's, but hardly these."""
    traced = {name: _corner(function) for name, function in functions.items()}
    seconds = dict.fromkeys(traced, float("inf"))
    for _ in range(_REPEATS + 1):
        # In turns, and the least of each; the first, which chooses kernels, is never the least.
        for name, function in traced.items():
            start = time.process_time()
            function().numpy()
            seconds[name] = min(seconds[name], time.process_time() - start)
    return seconds


def _corner(function: Callable[[], tf.Tensor]) -> Callable[[], tf.Tensor]:
    """Return a traced function for one number of what `function` returns: that is all that is copied out."""
    # Concrete, since TensorFlow complains of many functions traced in a row.
    traced: Callable[[], tf.Tensor] = tf.function(
        lambda: tf.cast(function()[0, 0, 0, 0], tf.float32), autograph=False
    ).get_concrete_function()
    return traced
