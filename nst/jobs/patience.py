"""How long a job waits for a sign of its page: only time in which a sign could have been heard counts."""


class Patience:
    """A clock that stands still while its queue does.

    A page says that it is there by asking. While the whole server stands still (its machine is paused, its process
    is stopped, one of its threads keeps all others waiting) nobody is heard, and that must not end everybody's jobs
    when it goes on. So a gap between two looks at this clock counts as half of the patience at most: after any
    silence of the server a page has as long again to be heard.
    """

    def __init__(self, seconds: float, now: float) -> None:
        """Start the clock.

        Args:
            seconds: That nobody need be heard.
            now: What the real clock says, in seconds, which is what this one says at first.
        """
        self._seconds = seconds
        self._looked = self._now = now

    def look(self, now: float) -> float:
        """Return this clock's time, in seconds, when the real one says `now`."""
        self._now += min(now - self._looked, self._seconds / 2)
        self._looked = now
        return self._now

    def is_over(self, seen: float) -> bool:
        """Return whether who was heard last at this time of this clock has been silent for too long."""
        return seen < self._now - self._seconds
