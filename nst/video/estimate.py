"""What painting a film takes: before it starts by what its frames need, then by what they have taken."""

from dataclasses import dataclass, field

from nst.config import FilmConfig, RunOptions
from nst.plan.machine import Machine
from nst.plan.run import RunPlan, plan_run
from nst.plan.scales import Shape
from nst.video.survey import Survey


@dataclass(frozen=True)
class FilmPlan:
    """What a film takes.

    Attributes:
        first: The plan of a frame that begins a scene.
        following: That of every other frame.
        beginnings: Frames that begin a scene.
        frames: All.
    """

    first: RunPlan
    following: RunPlan
    beginnings: int
    frames: int

    @property
    def seconds(self) -> float | None:
        """The time of all frames; None if the machine's rate is not known."""
        if self.first.seconds is None or self.following.seconds is None:
            return None
        return self.beginnings * self.first.seconds + (self.frames - self.beginnings) * self.following.seconds

    @property
    def memory(self) -> int:
        """Bytes, the process included."""
        return max(self.first.memory, self.following.memory)

    @property
    def work(self) -> float:
        """Work of all frames, in the unit of `nst.plan.run.RunPlan.work`."""
        return self.beginnings * self.first.work + (self.frames - self.beginnings) * self.following.work

    @property
    def evaluations(self) -> int:
        """Evaluations of J, of all frames."""
        following = self.frames - self.beginnings
        return self.beginnings * self.first.evaluations + following * self.following.evaluations


def plan_film(
    survey: Survey, styles: tuple[Shape, ...], config: FilmConfig, options: RunOptions, machine: Machine
) -> FilmPlan:
    """Return what a film takes on `machine`; `styles` are the (height, width) of the paintings' files.

    Raises:
        OversizeError: if its frames do not fit into the memory.
    """
    first = config.first_frame()
    plan = plan_run(survey.shape, styles, first, options, machine)
    following = plan_run(survey.shape, styles, config.next_frame(first), options, machine)
    return FilmPlan(plan, following, len(survey.scenes), survey.frames)


@dataclass
class Pace:
    """The seconds that frames have taken in this run, and what they say of those to come.

    Attributes:
        plan: What was expected. Once a frame was painted, only the proportion of the two kinds of frames counts.
    """

    plan: FilmPlan
    _taken: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})

    def painted(self, seconds: float, *, begins: bool) -> None:
        """Take note of a frame; the first one of a run loads the network too, and counts until there is another."""
        self._taken[begins].append(seconds)

    def left(self, beginnings: int, following: int) -> float | None:
        """Return the seconds that so many frames of each kind will take; None if nothing is known to go by."""
        begins, follows = self._mean(True), self._mean(False)
        share = self.plan.following.operations / self.plan.first.operations
        if begins is None and follows is None:
            begins = self.plan.first.seconds
            if begins is None:
                return None
        begins = begins if begins is not None else (follows or 0.0) / share
        follows = follows if follows is not None else begins * share
        return beginnings * begins + following * follows

    def _mean(self, begins: bool) -> float | None:
        """Return the mean of the newest ten of a kind, without the slow first one where there are others."""
        taken = self._taken[begins]
        newest = (taken[1:] or taken)[-10:]
        return sum(newest) / len(newest) if newest else None
