"""A process that is killed at its k-th change of the disk, and so at every later one."""

import os
from collections.abc import Callable
from typing import Any

import pytest

#: Every way of changing the disk.
CALLS = ("open", "fsync", "replace", "rename", "unlink", "rmdir", "mkdir")


class Killed(BaseException):
    """The process is no more."""


class Fault:
    """Lets `calls` changes to the disk pass; `after` lets the next one happen before the end comes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, calls: int, *, after: bool) -> None:
        self.left, self.after = calls, after
        for name in CALLS:
            monkeypatch.setattr(os, name, self._faulty(getattr(os, name)))

    @property
    def struck(self) -> bool:
        return self.left < 0

    def _faulty(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left == -1 and self.after:
                call(*arguments, **options)
            if self.struck:
                raise Killed
            return call(*arguments, **options)

        return faulty
