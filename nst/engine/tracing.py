"""How a run is stopped while TensorFlow is busy with a function: tracing it, and preparing it at its first call.

Both take seconds for a network that no run has used before. What is traced is called by TensorFlow and not by us, so it
asks the interruption that the run heeds at that time. The preparation asks nobody. A sketch, for which nobody waits, is
left in the middle of it: the call goes on in a thread of its own, is of no use, and leaves the function prepared.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from weakref import WeakSet

from nst.progress import UNINTERRUPTED, Interruption

#: Seconds between two questions whether to leave a first call.
_ASKING_SECONDS = 0.1


class _Heed(NamedTuple):
    """What a run heeds, and whether it leaves a first call."""

    interruption: Interruption = UNINTERRUPTED
    leaves: bool = False


_heed: ContextVar[_Heed | None] = ContextVar("heed", default=None)
#: The functions whose first call has ended.
_prepared: WeakSet[Any] = WeakSet()


@contextmanager
def heeding(interruption: Interruption, *, leaves: bool = False) -> Iterator[None]:
    """Let what is traced within, in this thread, ask whether to go on.

    Args:
        interruption: What it asks.
        leaves: Whether a function's first call is left too. What it works on has to be of no use to anybody then, and
            small.
    """
    token = _heed.set(_Heed(interruption, leaves or _heeded().leaves))
    try:
        yield
    finally:
        _heed.reset(token)


def _heeded() -> _Heed:
    return _heed.get() or _Heed()


def check() -> None:
    """Raise Interrupted if the run that is being traced is to stop; to be called in what is traced."""
    _heeded().interruption.check()


def called(function: Any, *arguments: Any) -> Any:
    """Call a function of TensorFlow's that is traced, or has a signature of its own, and return what it returns.

    Raises:
        Interrupted: if the run is to stop and leaves first calls.
    """
    heed = _heeded()
    if not heed.leaves or function in _prepared:
        return function(*arguments)
    if hasattr(function, "get_concrete_function"):
        function.get_concrete_function()  # traced here, where it heeds the interruption
    return _left(function, arguments, heed.interruption)


def _left(function: Callable[..., Any], arguments: tuple[Any, ...], interruption: Interruption) -> Any:
    """Call a function in a thread of its own, as long as the work is not to stop."""
    found: list[Any] = []
    failed: list[BaseException] = []

    def call() -> None:
        try:
            found.append(function(*arguments))
            _prepared.add(function)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=call, name="nst-first-call", daemon=True)
    thread.start()
    while thread.is_alive():
        interruption.check()
        thread.join(_ASKING_SECONDS)
    if failed:
        raise failed[0]
    return found[0]
