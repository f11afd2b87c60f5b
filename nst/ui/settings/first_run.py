"""The size and the quality of the first picture: as much as this computer paints in about a minute.

Only as long as nothing is known of this visitor: whoever has chosen a size or a quality keeps it, and after the first
picture everything stays as it is. A computer that has not been measured yet gets the defaults.
"""

import math
from collections.abc import Iterator
from itertools import pairwise

import streamlit as st

from nst.config import STEPS, StyleTransferConfig
from nst.errors import StyleTransferError
from nst.ui import resources
from nst.ui.job.pace import estimate, has_painted
from nst.ui.pictures.choice import Choice
from nst.ui.settings import state
from nst.ui.settings.paper import ON, SIZES
from nst.ui.warmup import measured

#: Seconds that the first picture may be told to take: from the link to the saved file it is then about a minute.
SECONDS = 45.0
#: The largest size that is chosen for someone who has not asked for it: it fills a screen.
_LARGEST = 1024
#: Between two looks at whether the computer has been measured.
_WAIT_SECONDS = 1.0

_FIELDS = ("size", "steps")
_CHOSEN, _OWN = "first_run", "first_run_is_own"


def choose_first_run(photo: Choice, paintings: tuple[Choice, ...], regions: int) -> None:
    """Set size and steps for the first picture; to be called before their controls are drawn."""
    if _is_own() or has_painted():
        return
    try:
        config = StyleTransferConfig.from_dict(state.current(*state.FIELDS))
    except StyleTransferError:  # it stands at its control
        return
    found = None
    for size, steps in _dearer(photo):
        try:
            seconds = estimate(photo, paintings, config.with_changes(size=size, steps=steps), regions).seconds
        except StyleTransferError:  # more than this server, or this computer's memory, allows
            break
        if seconds is None or (found is not None and seconds > SECONDS):
            break
        found = {"size": size, "steps": steps}
    if found is not None:
        state.put(found)
        st.session_state[_CHOSEN] = found


def forget_first_run() -> None:
    """Let size and quality be chosen by the page again, as for a new visitor."""
    for key in (_CHOSEN, _OWN):
        st.session_state.pop(key, None)


def own_changes() -> list[str]:
    """Return the fields that are not at their defaults, but for what the page has chosen itself."""
    chosen = st.session_state.get(_CHOSEN, {})
    return [name for name in state.changed() if name not in chosen or st.session_state[name] != chosen[name]]


def is_measured() -> bool:
    """Tell whether this computer has been measured."""
    return measured().machine is not None


def measurement_awaited(was_measured: bool) -> None:
    """Draw the page again once this computer has been measured; until then nobody knows what a minute is worth.

    Where other computers paint, this one is never measured.

    Args:
        was_measured: Whether it had been when the drawing of the page began; it takes a second, and says nothing of
            what has come meanwhile.
    """
    if was_measured or resources.hosting().backend != "local":
        return
    if is_measured():
        st.rerun()
    elif _is_loading():
        st.fragment(_look, run_every=_WAIT_SECONDS)()


def _look() -> None:
    if is_measured() or not _is_loading():
        st.rerun()


def _is_loading() -> bool:
    return resources.runner().statistics().loading


def _is_own() -> bool:
    """Tell whether the visitor, a link or a painting has set one of the two, or a print is wanted."""
    values = st.session_state
    chosen = values.get(_CHOSEN) or {name: state.default(name) for name in _FIELDS}
    differs = any(values[name] != chosen[name] for name in _FIELDS)
    values[_OWN] = bool(values.get(_OWN) or values.get(ON) or differs)
    return bool(values[_OWN])


def _dearer(photo: Choice) -> Iterator[tuple[int, int]]:
    """Yield (size, steps) from the cheapest to the dearest: larger first, and then finer."""
    limits = resources.limits()
    steps = [STEPS[quality.name] for quality in limits.qualities()] or [st.session_state.steps]
    draft, standard = steps[0], steps[min(1, len(steps) - 1)]
    offered = [size for size in SIZES if size <= min(_LARGEST, limits.max_size)] or [st.session_state.size]
    # What is larger than the photo is not painted larger.
    long_side = math.inf if st.session_state.upscale else max(photo.shape)
    sizes = [size for smaller, size in pairwise((0, *offered)) if smaller < long_side]
    yield sizes[0], draft
    yield from ((size, standard) for size in sizes)
    yield from ((sizes[-1], each) for each in steps if each > standard)
