"""How large a picture and how much work the present choice means, and how long it will take on this computer.

The seconds come from what was painted last in this session: what an evaluation takes a pixel hardly depends on the
picture. Before the first one they are not known, and nothing is said about them.
"""

import streamlit as st

from nst.config import StyleTransferConfig
from nst.jobs import JobSnapshot
from nst.scales import Scale, Shape, final_shape, plan
from nst.ui.choice import Choice

_PACE = "pace"


def estimate_line(photo: Choice, paintings: tuple[Choice, ...], config: StyleTransferConfig) -> str:
    """Return e.g. "512 × 342 px · 155 steps · about 40 s"."""
    shape = final_shape(*photo.shape, config)
    scales = plan(shape, tuple(painting.shape for painting in paintings), config, coarse=config.coarse_to_fine)
    parts = [f"{shape[1]} × {shape[0]} px", f"{sum(scale.steps for scale in scales)} steps"]
    pace = st.session_state.get(_PACE)
    if pace is not None:
        parts.append(f"about {duration(pace * _work(scales))}")
    return " · ".join(parts)


def duration(seconds: float) -> str:
    """Return a rough time for people."""
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 90 else f"{round(whole / 60)} min"


def learn_pace(job: JobSnapshot) -> None:
    """Take from a finished job how long an evaluation takes a pixel here."""
    if job.progress is not None and job.progress.step == job.progress.steps:
        spec, config = job.spec, job.spec.recipe.config
        shape, styles = final_shape(*_shape(spec.content.shape), config), [_shape(each.shape) for each in spec.styles]
        scales = plan(shape, tuple(styles), config, coarse=config.coarse_to_fine and spec.initial is None)
        st.session_state[_PACE] = job.progress.seconds / _work(scales)


def _work(scales: tuple[Scale, ...]) -> int:
    return sum(scale.steps * scale.shape[0] * scale.shape[1] for scale in scales)


def _shape(shape: tuple[int, ...]) -> Shape:
    return shape[0], shape[1]
