"""How large a picture and how much work the present choice means, and what it will take of this computer.

The seconds are estimated from the rate of the computer's convolutions, and after the first picture of the session from
what that one took: what an evaluation takes a pixel hardly depends on the picture. Before the network is loaded neither
is known, and nothing is said about them.
"""

from dataclasses import replace

import streamlit as st

from nst.config import StyleTransferConfig
from nst.jobs import JobSnapshot, forecast
from nst.plan.machine import budget
from nst.plan.run import plan_run
from nst.plan.scales import scales_of, work
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
    styles = tuple(painting.shape for painting in paintings)
    resources.limits().check(config, photo.shape, styles, regions)
    scales = scales_of(photo.shape, styles, config)
    height, width = scales[-1].shape
    parts = [f"{width} × {height} px", f"{sum(scale.steps for scale in scales)} steps"]
    pace, machine = st.session_state.get(_PACE), measured().machine
    seconds = None if pace is None else pace * work(scales)
    memory = []
    if machine is not None:
        options = resources.hosting().run
        # Memory that others have taken or given back since.
        now = replace(machine, memory=budget(options.memory))
        needed = plan_run(photo.shape, styles, config, options, now, regions)
        if seconds is None:
            seconds = needed.seconds
        memory = [f"{needed.memory / 1e9:.1f} GB" + (f" in {needed.tiles} tiles" if needed.tiles > 1 else "")]
    time = [] if seconds is None else [f"about {duration(seconds)}"]
    return " · ".join([*parts, *time, *memory])


def duration(seconds: float) -> str:
    """Return a rough time for people."""
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 90 else f"{round(whole / 60)} min"


def learn_pace(job: JobSnapshot) -> None:
    """Take from a finished job how long an evaluation takes a pixel here."""
    if job.progress is not None and job.progress.step == job.progress.steps:
        st.session_state[_PACE] = job.progress.seconds / forecast.work(job.spec)
