"""The sidebar's expander with every other setting, in the words of the papers."""

from typing import Any

import streamlit as st

from nst.config import LAYERS, PAPER_NAMES
from nst.ui import state

_LABELS = {
    "average": "Average",
    "max": "Max",
    "lbfgs": "Projected L-BFGS",
    "adam": "Clamped Adam",
    "content": "The photo",
    "noise": "Noise",
    "blend": "A blend of both",
    "auto": "The faster one",
    "bfloat16": "bfloat16",
    "float32": "float32",
}


def advanced_panel() -> None:
    """Draw the expander; the values are in the session's state under the names of their fields."""
    with st.expander("Advanced"):
        _number("content_weight", "Content weight (α)", step=1.0)
        _number("style_weight", "Style weight (β)", step=100.0)
        state.complain("content_weight", "style_weight")
        _layers("content_layers", "Content layers")
        _layers("style_layers", "Style layers")
        _choice("pooling", "Pooling", ["average", "max"])
        _choice("init", "Start from", ["content", "noise", "blend"])
        if st.session_state.init == "blend":
            st.slider("Noise ratio", 0.0, 1.0, step=0.05, key="noise_ratio", help=state.explain("noise_ratio"))
        _number("seed", "Seed", step=1)
        _choice("optimizer", "Optimiser", ["lbfgs", "adam"])
        if st.session_state.optimizer == "adam":
            _number("learning_rate", "Learning rate", step=1.0)
        else:
            _number("history", "History", step=1)
        _choice("precision", "Precision", ["auto", "bfloat16", "float32"])
        st.toggle("Coarse to fine", key="coarse_to_fine", help=state.explain("coarse_to_fine"))
        _number("style_scale", "Style scale (brush size)", step=0.1)
        st.toggle("Allow upscaling", key="upscale", help=state.explain("upscale"))


def _number(name: str, label: str, step: Any) -> None:
    low, high = (type(step)(bound) for bound in state.bounds(name))
    st.number_input(label, low, high, step=step, key=name, help=state.explain(name))


def _choice(name: str, label: str, options: list[str]) -> None:
    st.selectbox(label, options, format_func=lambda option: _LABELS[option], key=name, help=state.explain(name))


def _layers(name: str, label: str) -> None:
    """Draw a choice of layers by both of their names and, if there are several, a weight for each."""
    chosen = st.multiselect(
        label,
        LAYERS,
        format_func=lambda layer: f"{PAPER_NAMES[layer]} · {layer}",
        key=name,
        help=state.explain(name),
        placeholder="Choose at least one",
    )
    if len(chosen) > 1:
        st.caption("Weights of these layers")
        columns = st.columns(2)
        for index, layer in enumerate(sorted(chosen)):
            with columns[index % 2]:
                st.number_input(PAPER_NAMES[layer], 0.0, 1e6, step=0.1, key=state.weight_key(name, layer))
    state.complain(name)
