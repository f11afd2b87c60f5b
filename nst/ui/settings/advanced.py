"""The sidebar's expander with every setting that has no everyday control, in the words of the papers."""

from collections.abc import Sequence

import streamlit as st

from nst.layers import LAYERS, PAPER_NAMES
from nst.ui.language import text
from nst.ui.settings import state
from nst.ui.settings.labels import CHOICES, effect, label

#: The order of the controls. A field of the config that is not named here comes last, drawn by its kind.
_ORDER = (
    "content_weight", "style_weight", "subject_weight", "tv_weight", "method", "content_layers", "style_layers",
    "style_statistics", "pooling", "size", "steps", "crop",
    "coarse_to_fine", "init", "noise_ratio", "seed", "optimizer", "learning_rate", "upscale",
)  # fmt: skip

#: Steps of the number fields; a tenth of the default otherwise.
_STEPS = {
    "size": 32,
    "steps": 25,
    "seed": 1,
    "content_weight": 1.0,
    "style_weight": 100.0,
    "tv_weight": 1.0,
    "crop": 0.1,
    "subject_weight": 0.5,
}


def advanced_panel(everyday: Sequence[str], details: str) -> None:
    """Draw the expander but for the fields that have an everyday control.

    The values are in the session's state under the names of their fields.

    Args:
        everyday: Fields that have one.
        details: What the settings take, in a line; it stands at the steps.
    """
    # The key keeps it open where something comes or goes above it.
    with st.expander(text("Advanced"), icon=":material/tune:", key="advanced"):
        rest = [name for name in state.FIELDS if name not in _ORDER]
        for name in (*_ORDER, *rest):
            if name not in everyday and _matters(name):
                control(name)
                if name == "style_weight":
                    state.complain("content_weight", "style_weight")
                if name == "steps" and details:
                    st.caption(details)


def control(name: str) -> None:
    """Draw the control of one field by its kind."""
    if name in state.LAYER_FIELDS:
        _layers(name)
    elif options := state.choices(name):
        labels = CHOICES.get(name) or {option: option for option in options}
        shown = {option: text(title) for option, title in labels.items()}
        st.selectbox(label(name), list(shown), format_func=shown.__getitem__, key=name, help=effect(name))
    elif state.is_number(name):
        _number(name, state.bounds(name))
    else:
        st.toggle(label(name), key=name, help=effect(name))


def _matters(name: str) -> bool:
    """Tell whether a field has any effect with the present choice of the others."""
    needed = {
        "noise_ratio": ("init", ("blend",)),
        "seed": ("init", ("blend", "noise")),
        "learning_rate": ("optimizer", ("adam",)),
        "guidance": ("regions", (True,)),
        "style_layers": ("method", ("statistics", "combined")),
        "style_statistics": ("method", ("statistics", "combined")),
        "temporal_weight": ("film", (True,)),  # a film's panel has its own controls
        "size": ("print_on", (None, False)),
    }
    if name not in needed:
        return True
    other, values = needed[name]
    return st.session_state.get(other) in values


def _number(name: str, bounds: tuple[float, float]) -> None:
    if bounds == (0.0, 1.0):
        st.slider(label(name), 0.0, 1.0, step=0.05, key=name, help=effect(name))
        return
    kind = int if isinstance(state.default(name), int) else float
    low, high = (kind(bound) for bound in bounds)
    step = kind(_STEPS.get(name) or abs(state.default(name)) / 10 or 1)
    chosen = _choose_weight if name == "style_weight" else None
    st.number_input(label(name), low, high, step=step or 1, key=name, help=effect(name), on_change=chosen)


def _choose_weight() -> None:
    """Whoever sets beta wants no other to be found."""
    state.put({"photo_kept": 0.0})


def _layers(name: str) -> None:
    """Draw a choice of layers by both of their names and, if there are several, a weight for each."""
    chosen = st.multiselect(
        label(name),
        LAYERS,
        format_func=lambda layer: f"{PAPER_NAMES[layer]} · {layer}",
        key=name,
        help=effect(name),
        placeholder=text("Choose at least one"),
    )
    if len(chosen) > 1:
        st.caption(text("Weights of these layers; only their proportions count"))
        columns = st.columns(2)
        for index, layer in enumerate(sorted(chosen)):
            with columns[index % 2]:
                st.number_input(PAPER_NAMES[layer], 0.0, 1e6, step=0.1, key=state.weight_key(name, layer))
    state.complain(name)
