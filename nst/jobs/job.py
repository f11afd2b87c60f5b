"""The mutable job behind the snapshots, and how it is kept on the disk."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from nst.jobs.forecast import work
from nst.jobs.records import Checkpoint, JobProgress, JobSnapshot, JobSpec, JobState
from nst.jobs.store import Stored
from nst.jobs.thinning import Thinned

#: Previews that are kept for the time-lapse, and points of J's curve, both evenly spaced.
FRAMES = 40
POINTS = 200


@dataclass(eq=False)
class Job:
    """Touched only under the queue's lock; times are those of the queue's clock.

    Attributes:
        session: Whose job it is.
        work: Pixels of all its evaluations.
        turn: Jobs of a lower turn go first; a session's second unfinished job is a turn behind its first.
        seen: When its page last asked for it.
        heartbeat_at: When its worker last gave a sign of life.
        restored: Whether it is from before a restart, and nobody has asked for it since.
        starts: How often it was started since its last checkpoint, that one included.
    """

    id: str
    spec: JobSpec
    session: str
    submitted: float
    seen: float
    work: int
    turn: int = 0
    state: JobState = JobState.QUEUED
    restored: bool = False
    cancel: bool = False
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
    error: str | None = None

    def size(self) -> int:
        """Return about how many bytes the job holds."""
        files = (self.preview_jpeg, self.result_png, self.result_jpeg, *self.frames.items)
        return self.spec.size() + sum(len(file) for file in files if file is not None)

    def snapshot(self, position: int, wait: float | None, *, loading: bool) -> JobSnapshot:
        """Return the job as its page sees it; see `JobSnapshot`."""
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
            error=self.error,
            history=tuple(self.history.items),
            wait=wait,
        )

    def record(self, now: float) -> dict[str, Any]:
        """Return what the disk keeps beside the pictures; times in seconds of the calendar."""
        calendar = time.time() - now
        return {
            "session": self.session,
            "submitted": self.submitted + calendar,
            "turn": self.turn,
            "state": self.state,
            "starts": self.starts,
            "progress": None if self.progress is None else asdict(self.progress),
            "notes": self.notes,
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
        progress = state["progress"]
        return cls(
            id=stored.id,
            spec=stored.spec,
            session=state["session"],
            submitted=state["submitted"] - calendar,
            seen=now,
            work=work(stored.spec),
            turn=state["turn"],
            state=JobState(state["state"]),
            restored=True,
            starts=state["starts"],
            progress=None if progress is None else JobProgress(**progress),
            checkpoint=stored.checkpoint,
            notes=list(state["notes"]),
            ended=min(now, state["ended"] - calendar),
            result_png=stored.png,
            result_jpeg=stored.jpeg,
            error=state["error"],
        )
