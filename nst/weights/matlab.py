"""MATLAB's files of version 5 (``save -v6`` and ``-v7``), read from front to back without SciPy.

A variable is a tree of cells, structures and numeric arrays; an array that is larger than any layer of VGG-19 is
skipped and not kept, so that the fully connected layers, most of the published file, take no memory. The layout is
that of "MAT-File Format" by The MathWorks: each element is a tag (type, bytes) and its data, padded to 8 bytes; a
variable may be compressed by zlib as a whole.

Why not SciPy: nothing else here needs that large package at run time, and few people bring this format.
``scipy.io.loadmat`` can choose variables but not layers within one, so it would read the fully connected layers too;
and it bounds neither the nesting nor what a damaged file unpacks to. The tests read files that SciPy has written.
"""

import math
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

import numpy as np

from nst.weights.stored import MAX_ELEMENTS, FormatError

SIGNATURE = b"MATLAB 5.0 MAT-file"
#: What a file of version 7.3 begins with: it is an HDF5 file behind 512 bytes.
HDF5_SIGNATURE = b"MATLAB 7.3 MAT-file"

#: The most bytes that are unpacked, the deepest nesting, and the most parts of a cell or a structure.
MAX_UNPACKED, MAX_DEPTH, MAX_PARTS = 2**31, 16, 10_000

_HEADER, _PIECE = 128, 2**20
_MATRIX, _COMPRESSED = 14, 15
#: Types of stored numbers -> NumPy's; a double array of small whole numbers may be stored as bytes.
_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
#: Classes of variables.
_CELL, _STRUCTURE, _NUMERIC = 1, 2, range(6, 16)


def read_matlab(path: Path, wanted: Collection[str]) -> dict[str, Any]:
    """Return the variables of a file that are wanted.

    A cell is a list, in MATLAB's order; a structure a dictionary, or a list of dictionaries if it has several elements;
    a numeric array a NumPy array of its shape, or None if it has more than `MAX_ELEMENTS`; anything else is None.

    Raises:
        FormatError: if it is no such file, or is nested too deeply, or too large when unpacked.
        EOFError, zlib.error: if it is cut off or damaged.
    """
    variables: dict[str, Any] = {}
    with open(path, "rb") as file:
        header = file.read(_HEADER)
        order = {b"IM": "<", b"MI": ">"}.get(header[126:128])
        if order is None or not header.startswith(SIGNATURE):
            raise FormatError("expected a MATLAB file of version 5, got another header")
        while tag := file.read(8):
            numbers = np.frombuffer(tag, f"{order}u4")
            kind, length = int(numbers[0]), int(numbers[1])
            end = file.tell() + length
            source = _Source(file, length, compressed=kind == _COMPRESSED)
            if kind in (_MATRIX, _COMPRESSED):
                reader = _Reader(source, order, wanted)
                name, value = reader.element() if kind == _COMPRESSED else reader.matrix(length, 0)
                if name in wanted:
                    variables[name] = value
            file.seek(end)
    return variables


class _Source:
    """The bytes of one top-level element, unpacked on the way if they are compressed."""

    def __init__(self, file: IO[bytes], length: int, *, compressed: bool) -> None:
        self._file, self._left, self._unpacked = file, length, 0
        self._unpacker = zlib.decompressobj() if compressed else None

    def read(self, count: int) -> bytes:
        """Return exactly so many bytes."""
        if self._unpacker is None:
            return self._packed(count)
        pieces = []
        while count:
            piece = self._unpacker.decompress(self._unpacker.unconsumed_tail or self._some(), count)
            self._unpacked += len(piece)
            if self._unpacked > MAX_UNPACKED:
                raise FormatError(f"expected at most {MAX_UNPACKED // 2**20} MB when unpacked, got more")
            count -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def skip(self, count: int) -> None:
        """Pass over so many bytes."""
        while count > 0:
            count -= len(self.read(min(count, _PIECE)))

    def _some(self) -> bytes:
        assert self._unpacker is not None
        if self._unpacker.eof:
            raise EOFError
        # An empty piece lets zlib hand out what it still holds.
        return self._packed(min(self._left, _PIECE)) if self._left else b""

    def _packed(self, count: int) -> bytes:
        data = self._file.read(count) if count <= self._left else b""
        if len(data) < count:
            raise EOFError
        self._left -= count
        return data


class _Reader:
    """Reads nested elements from a source; `wanted` are the variables whose contents count."""

    def __init__(self, source: _Source, order: str, wanted: Collection[str]) -> None:
        self._source, self._order, self._wanted = source, order, wanted

    def element(self) -> tuple[str, Any]:
        """Return the name and the value of the variable that comes next."""
        kind, length, _ = self._tag()
        if kind != _MATRIX:
            raise FormatError(f"expected an array, got an element of type {kind}")
        return self.matrix(length, 0)

    def matrix(self, length: int, depth: int) -> tuple[str, Any]:
        """Return the name and the value of the array whose tag, with this length, was just read."""
        if length == 0:
            return "", np.zeros((0, 0))
        if depth > MAX_DEPTH:
            raise FormatError(f"expected at most {MAX_DEPTH} levels of cells and structures, got more")
        left = _Left(length)
        flags = self._small(left)
        if len(flags) < 8:
            raise FormatError("expected an array with its class, got none")
        shape = tuple(int(each) for each in np.frombuffer(self._small(left), f"{self._order}i4"))
        name = self._small(left).decode("latin-1")
        value: Any = None
        kind = int(np.frombuffer(flags, f"{self._order}u4")[0]) & 0xFF
        if depth or name in self._wanted:
            if kind == _CELL:
                value = [self._part(left, depth) for _ in range(_parts(shape))]
            elif kind == _STRUCTURE:
                value = self._structure(left, _parts(shape), depth)
            elif kind in _NUMERIC and 0 <= math.prod(shape) <= MAX_ELEMENTS:
                value = self._numbers(left, shape)
        self._source.skip(left.bytes)
        return name, value

    def _part(self, left: "_Left", depth: int) -> Any:
        kind, length, small = self._tag()
        left.take(8 + (0 if small is not None else length))
        if kind != _MATRIX or small is not None:
            raise FormatError(f"expected an array in a cell or structure, got an element of type {kind}")
        return self.matrix(length, depth + 1)[1]

    def _structure(self, left: "_Left", count: int, depth: int) -> Any:
        width = int(np.frombuffer(self._small(left), f"{self._order}i4")[0])
        packed = self._small(left)
        if width <= 0 or len(packed) // width * count > MAX_PARTS:
            raise FormatError(f"expected a structure of at most {MAX_PARTS} parts, got another")
        names = [packed[at : at + width].partition(b"\0")[0].decode("latin-1") for at in range(0, len(packed), width)]
        elements = [{name: self._part(left, depth) for name in names} for _ in range(count)]
        return elements[0] if count == 1 else elements

    def _numbers(self, left: "_Left", shape: tuple[int, ...]) -> np.ndarray | None:
        kind, length, small = self._tag()
        padded = length + -length % 8
        left.take(8 if small is not None else 8 + padded)
        if kind not in _STORED:
            raise FormatError(f"expected numbers, got an element of type {kind}")
        dtype = np.dtype(self._order + _STORED[kind])
        if length != math.prod(shape) * dtype.itemsize:
            raise FormatError(f"expected {math.prod(shape)} numbers, got {length} bytes of {dtype}")
        data = small if small is not None else self._source.read(padded)[:length]
        return np.frombuffer(data, dtype).reshape(shape, order="F")

    def _small(self, left: "_Left") -> bytes:
        """Return the data of the next element, which is a short one: flags, dimensions or names."""
        _, length, small = self._tag()
        if small is not None:
            left.take(8)
            return small
        if length > 64 * MAX_PARTS:
            raise FormatError(f"expected names and dimensions, got {length} bytes")
        padded = length + -length % 8
        left.take(8 + padded)
        return self._source.read(padded)[:length]

    def _tag(self) -> tuple[int, int, bytes | None]:
        """Return the type and the bytes of the next element, and its data where they are in the tag itself."""
        tag = self._source.read(8)
        first, length = (int(each) for each in np.frombuffer(tag, f"{self._order}u4"))
        if first >> 16:
            return first & 0xFFFF, first >> 16, tag[4 : 4 + min(4, first >> 16)]
        return first, length, None


class _Left:
    """How many bytes of an array are still to be read."""

    def __init__(self, count: int) -> None:
        self.bytes = count

    def take(self, count: int) -> None:
        self.bytes -= count
        if self.bytes < 0:
            raise FormatError("expected an array within its bounds, got one that reaches over them")


def _parts(shape: tuple[int, ...]) -> int:
    count = math.prod(shape)
    if not 0 <= count <= MAX_PARTS:
        raise FormatError(f"expected at most {MAX_PARTS} parts of a cell or structure, got {count}")
    return count
