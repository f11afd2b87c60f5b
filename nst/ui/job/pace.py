"""How large a picture and how much work the present choice means, and what it will take of this computer.

One plan a drawing says it all. The seconds are estimated from the rate of the computer's convolutions, and after the
first picture from what a unit of work took: of the session's last one, else of the server's last ones. Before the
network is loaded neither the rate nor the precision is known, and neither seconds nor memory are told.
"""

from dataclasses import dataclass, replace

import streamlit as st

from nst.config import QUALITIES, StyleTransferConfig
from nst.errors import StyleTransferError
from nst.jobs import JobSnapshot, forecast
from nst.plan.machine import Machine, budget, processors
from nst.plan.run import plan_run
from nst.plan.scales import Shape
from nst.ui import resources
from nst.ui.language import number, plural, text
from nst.ui.pictures.choice import Choice
from nst.ui.warmup import measured

_PACE, _PICTURES = "pace", "pace_pictures"
#: Of one processor, what the page, its previews and a browser on the same computer take while a picture is painted.
_PAGE_SHARE = 0.25
#: Seconds between two looks at a job, at least and at most, and looks at a picture.
_OFTEN, _SELDOM, _LOOKS = 0.3, 1.0, 40


@dataclass(frozen=True)
class Estimate:
    """What a picture will take.

    Attributes:
        pixels: Its size, e.g. "512 × 342 px".
        steps: Evaluations of J.
        seconds: They take; None as long as nothing is known to go by.
        memory: E.g. "1.3 GB"; empty likewise.
    """

    pixels: str
    steps: int
    seconds: float | None
    memory: str

    @property
    def time(self) -> str:
        """E.g. ", about 40 s", or nothing."""
        return "" if self.seconds is None else f", {about(self.seconds)}"


def estimate(photo: Choice, paintings: tuple[Choice, ...], config: StyleTransferConfig, regions: int) -> Estimate:
    """Return what a picture of these pictures and settings takes.

    Raises:
        LimitError: if it is more than a job may have on this server.
        OversizeError: if this computer has not the memory for it.
    """
    return estimate_of(photo.shape, tuple(painting.shape for painting in paintings), config, regions)


def estimate_of(shape: Shape, styles: tuple[Shape, ...], config: StyleTransferConfig, regions: int) -> Estimate:
    """Return what `estimate` does, of a photo and paintings of these (height, width); raises the same."""
    resources.limits().check(config, shape, styles, regions)
    plan = plan_run(shape, styles, config, resources.hosting().run, machine(), regions)
    height, width = plan.scales[-1].shape
    seconds = paced(plan.seconds, plan.work)
    memory = "" if measured().machine is None else _memory(plan.memory, plan.tiles)
    return Estimate(f"{width} × {height} px", plan.evaluations, seconds, memory)


def _memory(size: float, tiles: int) -> str:
    gigabytes = number(size / 1e9, ".1f")
    if tiles <= 1:
        return f"{gigabytes} GB"
    return text("{gigabytes} GB in {tiles} tiles", gigabytes=gigabytes, tiles=tiles)


def estimate_line(photo: Choice, paintings: tuple[Choice, ...], config: StyleTransferConfig, regions: int) -> str:
    """Return e.g. "512 × 342 px · about 50 s on this computer; Fine takes 3 min"; raises what `estimate` does."""
    found = estimate(photo, paintings, config, regions)
    if found.seconds is None:
        return found.pixels
    time = text("{time} on this computer", time=about(found.seconds))
    line = f"{found.pixels} · {time}"
    best = QUALITIES[-1]
    if config.steps >= best.steps or best not in resources.limits().qualities():
        return line
    try:
        seconds = estimate(photo, paintings, config.with_changes(steps=best.steps), regions).seconds
    except StyleTransferError:
        return line
    if seconds is None:
        return line
    quality = text(best.name.capitalize())
    return f"{line}; {text('{quality} takes {time}', quality=quality, time=duration(seconds))}"


def details_line(photo: Choice, paintings: tuple[Choice, ...], config: StyleTransferConfig, regions: int) -> str:
    """Return e.g. "155 steps in all · 1.3 GB", for those who want to know; raises what `estimate` does."""
    found = estimate(photo, paintings, config, regions)
    steps = plural("{count} step in all", "{count} steps in all", found.steps)
    return " · ".join(part for part in (steps, found.memory) if part)


def paced(seconds: float | None, work: float) -> float | None:
    """Return the seconds that so much work takes by the last pictures; what was expected without any.

    Args:
        seconds: Expected of this computer if it did nothing else.
        work: In megapixel evaluations.
    """
    pace = st.session_state.get(_PACE) or resources.runner().pace()
    if pace is not None:
        return float(pace * work)
    cores = processors()
    return None if seconds is None else seconds * cores / (cores - _PAGE_SHARE)


def machine() -> Machine:
    """Return what paints, with the memory that it has now: others may have taken some since, or given it back."""
    hosting, found = resources.hosting(), measured().machine
    if found is None:
        return hosting.machine()
    if found.device == "CPU":
        return replace(found, memory=budget(hosting.run.memory))
    return found  # a GPU's memory is this process's alone


def duration(seconds: float) -> str:
    """Return a rough time for people."""
    whole = max(1, round(seconds))
    if whole < 90:
        return f"{whole} s"
    return f"{round(whole / 60)} min" if whole < 5400 else f"{number(whole / 3600, '.1f')} h"


def about(seconds: float) -> str:
    """Return e.g. "about 40 s"."""
    return text("about {time}", time=duration(seconds))


def about_in_all(seconds: float) -> str:
    """Return e.g. "about 40 s in all", of several pictures."""
    return text("about {time} in all", time=duration(seconds))


def has_painted() -> bool:
    """Tell whether a picture of this session is finished, be it one that is too small to learn a pace from."""
    return bool(st.session_state.get(_PICTURES))


def seconds_between_looks(job: JobSnapshot) -> float:
    """Return how often the page looks at a job that runs, see `between_looks`."""
    shape, styles = forecast.shapes_of(job.spec)
    try:
        seconds = estimate_of(shape, styles, job.spec.recipe.config, len(job.spec.recipe.regions)).seconds
    except StyleTransferError:  # a film's frames, or others have taken the memory meanwhile
        seconds = None
    return between_looks(seconds)


def between_looks(seconds: float | None) -> float:
    """Return the seconds between two looks at a picture that takes so many: about forty looks a picture.

    Each look takes the page and a browser 0.1 s of a processor, on a laptop of those that paint. At most three a second
    follow a picture that takes seconds, and at least one a second any other, or one of which nothing is known.
    """
    return _SELDOM if seconds is None else min(_SELDOM, max(_OFTEN, seconds / _LOOKS))


def learn_pace(job: JobSnapshot) -> None:
    """Take from a finished picture how many seconds a unit of work takes here."""
    st.session_state[_PICTURES] = st.session_state.get(_PICTURES, 0) + 1
    work = 0.0 if job.spec.film is not None else forecast.work(job.spec)
    if work >= forecast.LEAST_WORK and job.progress is not None and job.progress.step == job.progress.steps:
        st.session_state[_PACE] = job.progress.seconds / work
