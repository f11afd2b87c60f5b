"""Whether someone is still there: a job is given up when nobody has asked for it for a while.

The page asks at least once a second, but a browser slows the timers of a hidden tab down to once a minute. So the
server asks too, for as long as the page's connection is open: a tab in the background keeps its job, and a closed
one loses it, because Streamlit releases the session's resources as soon as the connection ends.
"""

import threading
from collections.abc import Callable

import streamlit as st

from nst.jobs import Runner

#: Well below the patience of the queue.
_SECONDS = 10.0


class Presence:
    """Asks for one job at a time until it has ended or `leave` is called."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._gone = threading.Event()
        self._watched: tuple[str, str] | None = None

    def watch(self, job_id: str, visitor: str, runner: Runner, go_on: Callable[[], str | None] | None = None) -> None:
        """Start to ask for a job, unless that is being done already.

        Args:
            job_id: The job.
            visitor: Whose it is.
            runner: Who is asked.
            go_on: Called when it has ended; returns the next job of a series, None if there is none.
        """
        if self._watched == (job_id, visitor):
            return
        self._watched = (job_id, visitor)
        arguments = (job_id, visitor, runner, go_on)
        threading.Thread(target=self._ask, args=arguments, name="nst-presence", daemon=True).start()

    def leave(self) -> None:
        """Stop asking; returns at once."""
        self._gone.set()

    def _ask(self, job_id: str, visitor: str, runner: Runner, go_on: Callable[[], str | None] | None) -> None:
        while not self._gone.wait(self._seconds) and self._watched == (job_id, visitor):
            job = runner.poll(job_id, visitor)
            if job is not None and not job.state.final:
                continue
            following = None if go_on is None else go_on()
            if following is None or self._watched != (job_id, visitor):
                return
            job_id, self._watched = following, (following, visitor)


@st.cache_resource(scope="session", show_spinner=False, on_release=Presence.leave)
def presence() -> Presence:
    """Return this visitor's."""
    return Presence()
