"""The mutable job behind the snapshots: its states and what changes them, and how it is kept on the disk."""

import threading
import time
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

from nst.jobs.forecast import work
from nst.jobs.records import Checkpoint, JobProgress, JobSnapshot, JobSpec, JobState, Order, Outcome
from nst.jobs.store import Stored
from nst.jobs.thinning import Thinned

#: Previews that are kept for the time-lapse, and points of J's curve, both evenly spaced.
FRAMES = 40
POINTS = 200


class Event(StrEnum):
    """What happens to a job."""

    STARTED = "started by a worker"
    LOST = "its worker or its server is gone"
    ENDING = "has its last picture, or will have none"
    COMPLETED = "ended by itself"
    STOPPED = "ended by its visitor, or because nobody asked for it"
    BROKEN = "ended by an error"


#: All that can happen: the state after each event. Anything else is a mistake in the code and raises.
TRANSITIONS: dict[tuple[JobState, Event], JobState] = {
    (JobState.QUEUED, Event.STARTED): JobState.RUNNING,
    (JobState.RUNNING, Event.LOST): JobState.QUEUED,
    (JobState.QUEUED, Event.ENDING): JobState.SAVING,
    (JobState.RUNNING, Event.ENDING): JobState.SAVING,
    (JobState.SAVING, Event.LOST): JobState.QUEUED,
    (JobState.SAVING, Event.COMPLETED): JobState.DONE,
    (JobState.SAVING, Event.STOPPED): JobState.CANCELLED,
    (JobState.SAVING, Event.BROKEN): JobState.FAILED,
}

_ENDS = {
    JobState.DONE: Event.COMPLETED,
    JobState.CANCELLED: Event.STOPPED,
    JobState.FAILED: Event.BROKEN,
}


class TransitionError(RuntimeError):
    """An event that cannot happen to a job in its state."""


@dataclass(eq=False)
class Job:
    """A job as the queue knows it; touched only under the queue's lock. Times are those of the queue's clock.

    Attributes:
        session: The secret of the visitor whose job it is.
        network: Where the visitor comes from, so that many tabs of one computer are no crowd; the session's own if it
            is not known.
        work: In megapixel evaluations, what its time is reckoned by.
        files: Held while something about it is written to the disk.
        number: Counts the submissions.
        turn: Jobs of a lower turn go first; a network's second unfinished job is the work of its first behind that one.
        seen: When its page last asked for it, by the queue's patience, which stands still while the queue does.
        heartbeat_at: When its worker last gave a sign of life.
        restored: Whether it is from before a restart, and its page has not asked for it since.
        cancel: Whether it is to end with the picture that it has.
        ending: The final state that follows as soon as its picture is saved.
        starts: How often it was started since its last checkpoint, that one included.
    """

    id: str
    spec: JobSpec
    session: str
    submitted: float
    seen: float
    work: float
    network: str = ""
    files: threading.Lock = field(default_factory=threading.Lock)
    number: int = 0
    turn: float = 0.0
    state: JobState = JobState.QUEUED
    restored: bool = False
    cancel: bool = False
    ending: JobState | None = None
    worker: str | None = None
    started: float = 0.0
    heartbeat_at: float = 0.0
    starts: int = 0
    progress: JobProgress | None = None
    checkpoint: Checkpoint | None = None
    notes: list[str] = field(default_factory=list)
    preview_jpeg: bytes | None = None
    frame: int = 0
    history: Thinned[JobProgress] = field(default_factory=lambda: Thinned(POINTS))
    frames: Thinned[bytes] = field(default_factory=lambda: Thinned(FRAMES))
    ended: float = 0.0
    result_png: bytes | None = None
    result_jpeg: bytes | None = None
    result_film: bytes | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        self.network = self.network or self.session

    # What happens to it

    def start(self, worker: str, now: float) -> None:
        """Give it to a worker."""
        self._happens(Event.STARTED)
        self.worker, self.starts, self.error = worker, self.starts + 1, None
        self.started = self.heartbeat_at = now

    def requeue(self) -> None:
        """Take it from a worker, or a server, that is gone; it keeps its place and its checkpoint."""
        self._happens(Event.LOST)
        self.worker = self.ending = None

    def note(self, progress: JobProgress, note: str, preview: bytes | None, now: float) -> None:
        """Take the worker's latest record."""
        self.progress, self.heartbeat_at = progress, now
        self.history.add(progress)
        if note and note not in self.notes:
            self.notes.append(note)
        if preview is not None:
            self.preview_jpeg = preview
            self.frame += 1
            self.frames.add(preview)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Take a checkpoint: it shows that the starts before it were not in vain."""
        self.checkpoint, self.starts = checkpoint, 1

    def begin_end(self, state: JobState, error: str | None = None) -> None:
        """Let nobody work on it any longer: once its picture is saved it will be in the final `state`."""
        if state not in _ENDS:
            raise TransitionError(f"Expected a final state, got {state}.")
        self._happens(Event.ENDING)
        self.ending, self.error = state, error

    def end(self, outcome: Outcome, now: float) -> None:
        """Show its last picture, if there is one; nothing more will happen to it."""
        self._happens(_ENDS[self.ending or JobState.FAILED])
        self.result_png, self.result_jpeg, self.result_film = outcome.png, outcome.jpeg, outcome.film
        self.worker = self.checkpoint = self.ending = None
        self.cancel = self.restored = False
        self.ended = now

    def _happens(self, event: Event) -> None:
        try:
            self.state = TRANSITIONS[self.state, event]
        except KeyError:
            raise TransitionError(f"A job that is {self.state} cannot be {event.name.lower()}: {event}.") from None

    # What others see of it

    def is_own(self, session: str | None) -> bool:
        """Return whether it belongs to the visitor with this secret; without one, its id is the secret."""
        return self.session == (session or self.id)

    @property
    def done(self) -> float:
        """The share of its work that was done, 0..1; the evaluation that a worker is at counts."""
        if self.starts == 0:
            return 0.0
        if self.progress is None:
            return 1 / self.spec.recipe.config.steps
        return min(1.0, (self.progress.step + 1) / max(1, self.progress.steps))

    def order(self, seconds: float, checkpoint_seconds: float) -> Order:
        """Return what its worker gets; see `Order`."""
        return Order(self.id, self.spec, self.checkpoint, seconds, checkpoint_seconds)

    def size(self) -> int:
        """Return about how many bytes the job holds."""
        files = (self.preview_jpeg, self.result_png, self.result_jpeg, self.result_film, *self.frames.items)
        return self.spec.size() + sum(len(file) for file in files if file is not None)

    def snapshot(self, position: int, wait: float | None, *, loading: bool, own: bool) -> JobSnapshot:
        """Return the job as a page sees it; see `JobSnapshot`."""
        return JobSnapshot(
            id=self.id,
            spec=self.spec,
            state=self.state,
            position=position,
            cancelling=self.cancel and not self.state.final,
            loading=loading and not self.state.final,
            progress=self.progress,
            notes=tuple(self.notes),
            preview_jpeg=self.preview_jpeg,
            frame=self.frame,
            result_png=self.result_png,
            result_jpeg=self.result_jpeg,
            error=self.error if self.state.final else None,
            history=tuple(self.history.items),
            wait=wait,
            own=own,
            result_film=self.result_film,
        )

    # On the disk

    def record(self, now: float) -> dict[str, Any]:
        """Return what the disk keeps beside the pictures; times in seconds of the calendar."""
        calendar = time.time() - now
        return {
            "session": self.session,
            "network": self.network,
            "number": self.number,
            "submitted": self.submitted + calendar,
            "turn": self.turn,
            "state": self.state,
            "cancel": self.cancel,
            "ending": self.ending,
            "starts": self.starts,
            "started": self.started + calendar,
            "progress": None if self.progress is None else asdict(self.progress),
            "notes": list(self.notes),
            "ended": self.ended + calendar,
            "error": self.error,
        }

    @classmethod
    def restored_from(cls, stored: Stored, now: float, calendar: float) -> Self:
        """Return the job that `record` described; raises KeyError, TypeError or ValueError for anything else.

        `calendar` is how far the calendar is ahead of the queue's clock: one value for all jobs of a restart, or
        the time that reading each of them takes would change their order.
        """
        state = stored.state
        progress, ending = state["progress"], state.get("ending")
        return cls(
            id=stored.id,
            spec=stored.spec,
            session=str(state["session"]),
            network=str(state.get("network", "")),
            submitted=state["submitted"] - calendar,
            seen=now,
            work=work(stored.spec),
            number=int(state.get("number", 0)),
            turn=float(state["turn"]),
            state=JobState(state["state"]),
            restored=True,
            cancel=bool(state.get("cancel", False)),
            ending=None if ending is None else JobState(ending),
            starts=int(state["starts"]),
            started=min(now, state.get("started", 0.0) - calendar),
            progress=None if progress is None else JobProgress.restored(progress),
            checkpoint=stored.checkpoint,
            notes=list(map(str, state["notes"])),
            ended=min(now, state["ended"] - calendar),
            result_png=stored.png,
            result_jpeg=stored.jpeg,
            result_film=stored.film,
            error=state["error"],
        )
