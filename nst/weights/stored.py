"""What the readers of all formats return: the arrays of a file by name, each read only when it is wanted."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: The largest file that is read. The largest known one, with VGG-19's fully connected layers, has 575 MB.
MAX_FILE_BYTES = 2**30

#: Elements of the largest array that is wanted: 512 filters of 3x3x512.
MAX_ELEMENTS = 9 * 512 * 512


@dataclass(frozen=True)
class StoredArray:
    """An array in a file.

    Attributes:
        shape: As it is stored.
        read: Returns the array; may raise whatever its library raises on damaged bytes.
    """

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]


#: Arrays by the name of their layer, then "kernel" or "bias" (or other words, which nobody asks for).
StoredLayers = dict[str, dict[str, StoredArray]]


class FormatError(ValueError):
    """A file is not what it has to be; the message says what was expected and what came."""


def natural(name: str) -> list[str | int]:
    """Return a sort key by which layer 9 comes before layer 10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", name)]


def checked_size(shape: tuple[int, ...], what: str) -> int:
    """Return the number of elements of an array that is to be read.

    Raises:
        FormatError: if it has more than any layer of VGG-19.
    """
    size = 1
    for length in shape:
        if length < 0:
            raise FormatError(f"expected an array with a shape, got {shape} for {what}")
        size *= length
        if size > MAX_ELEMENTS:
            raise FormatError(f"expected at most {MAX_ELEMENTS} numbers in an array, got the shape {shape} for {what}")
    return size
