"""How large a picture and how much work the present choice means, and what it will take of this computer.

One plan a drawing says it all. The seconds are estimated from the rate of the computer's convolutions, and after the
first picture of the session from what a unit of work took there. Before the network is loaded neither the rate nor the
precision is known, and neither seconds nor memory are told.
"""

from dataclasses import replace

import streamlit as st

from nst.config import StyleTransferConfig
from nst.jobs import JobSnapshot, forecast
from nst.plan.machine import Machine, budget
from nst.plan.run import plan_run
from nst.ui import resources
from nst.ui.pictures.choice import Choice
from nst.ui.warmup import measured

_PACE = "pace"


def estimate_line(photo: Choice, paintings: tuple[Choice, ...], config: StyleTransferConfig, regions: int) -> str:
    """Return e.g. "512 × 342 px · 155 steps · about 40 s · 1.3 GB".

    Raises:
        LimitError: if it is more than a job may have on this server.
        OversizeError: if this computer has not the memory for it.
    """
    shape, styles = photo.shape, tuple(painting.shape for painting in paintings)
    resources.limits().check(config, shape, styles, regions)
    plan = plan_run(shape, styles, config, resources.hosting().run, _machine(), regions)
    height, width = plan.scales[-1].shape
    parts = [f"{width} × {height} px", f"{plan.evaluations} steps"]
    pace = st.session_state.get(_PACE)
    seconds = plan.seconds if pace is None else pace * plan.work
    if seconds is not None:
        parts.append(f"about {duration(seconds)}")
    if measured().machine is not None:
        parts.append(f"{plan.memory / 1e9:.1f} GB" + (f" in {plan.tiles} tiles" if plan.tiles > 1 else ""))
    return " · ".join(parts)


def _machine() -> Machine:
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
    return f"{whole} s" if whole < 90 else f"{round(whole / 60)} min"


def learn_pace(job: JobSnapshot) -> None:
    """Take from a finished job how many seconds a unit of work takes here."""
    if job.progress is not None and job.progress.step == job.progress.steps:
        st.session_state[_PACE] = job.progress.seconds / forecast.work(job.spec)
