"""The curves of colour profiles, computed by hand."""

import struct

import numpy as np
import pytest

from nst.pictures.icc import _curve


def fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(65536 * number) for number in numbers))


def parametric(kind: int, *numbers: float) -> bytes:
    return b"para" + bytes(4) + struct.pack(">H", kind) + bytes(2) + fixed(*numbers)


@pytest.mark.parametrize(
    ("tag", "x", "expected"),
    [
        (b"curv" + bytes(4) + struct.pack(">I", 0), 0.3, 0.3),
        (b"curv" + bytes(4) + struct.pack(">IH", 1, 512), 0.5, 0.25),
        (b"curv" + bytes(4) + struct.pack(">I3H", 3, 0, 13107, 65535), 0.75, 0.6),
        (parametric(0, 2), 0.5, 0.25),
        (parametric(1, 2, 0.5, 0.25), 0.5, 0.25),
        (parametric(2, 2, 0.5, 0.25, 0.1), 0.5, 0.35),
        (parametric(3, 2, 1, 0, 0.125, 0.25), 0.5, 0.25),
        (parametric(3, 2, 1, 0, 0.125, 0.25), 0.2, 0.025),
        (parametric(4, 2, 1, 0, 0.125, 0.25, 0.1, 0.05), 0.5, 0.35),
        (parametric(4, 2, 1, 0, 0.125, 0.25, 0.1, 0.05), 0.2, 0.075),
    ],
)
def test_a_curve_has_the_value_of_its_formula(tag: bytes, x: float, expected: float) -> None:
    assert float(_curve(tag)(np.array([x]))[0]) == pytest.approx(expected, abs=1e-4)


def test_what_is_no_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="no curve"):
        _curve(b"text" + bytes(8))
