"""The everyday controls of the strength: how much of the photo stays, and whether its subject is held more firmly."""

import math

import streamlit as st

from nst.config import StyleTransferConfig
from nst.ui.language import deferred, number, text
from nst.ui.settings import overtaken, state
from nst.ui.settings.labels import effect, label

#: How much of the photo stays, in words.
KEPT = {
    0.3: deferred("barely"), 0.45: deferred("little"), 0.6: deferred("somewhat"), 0.75: deferred("well"),
    0.85: deferred("clearly"),
}  # fmt: skip
#: How many times as firmly a subject is held that is to stay recognisable.
KEPT_SUBJECT = 3.0

#: beta:alpha from 1 to 100 000, ten round numbers a decade (Renard's series).
_RENARD = (1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8)
RATIOS = (*(float(f"{step * 10**decade:g}") for decade in range(5) for step in _RENARD), 1e5)


def strength_controls() -> None:
    """Draw the controls; beta:alpha is among them where it is not found for the photo."""
    kept = st.session_state.photo_kept
    st.select_slider(
        label("photo_kept"), sorted({*KEPT, kept}), format_func=_kept_shown, key="photo_kept", help=effect("photo_kept")
    )
    if kept == 0:
        _ratio()
    overtaken.put({"keep_subject": st.session_state.subject_weight > 1})
    st.toggle(
        text("Keep the subject recognisable"), key="keep_subject", on_change=_set_subject,
        help=text(
            "People, animals and things that stand out are found in the photo and held more firmly than the rest."
        ),
    )  # fmt: skip
    if st.session_state.keep_subject:
        st.caption(text("What was found stands above the large picture, where it can be corrected."))


def _kept_shown(kept: float) -> str:
    return text("as β says") if kept == 0 else text(KEPT.get(kept, f"{kept:.0%}"))


def _set_subject() -> None:
    if not overtaken.is_former("keep_subject"):
        kept = st.session_state.keep_subject
        state.put({"subject_weight": KEPT_SUBJECT if kept else state.default("subject_weight")})


def _ratio() -> None:
    """One slider for beta:alpha on a logarithmic scale; the two numbers themselves are under Advanced."""
    alpha, beta = st.session_state.content_weight, st.session_state.style_weight
    ratio = float(f"{beta / alpha:.3g}") if alpha else math.inf
    overtaken.put({"strength": ratio})
    st.select_slider(
        text("Style strength (β : α)"),
        sorted({*RATIOS, ratio}),
        format_func=_ratio_shown,
        key="strength",
        on_change=_set_ratio,
        help=text("Below 100 a photo remains, from 300 to 3000 it is a painting; above, the photo dissolves."),
    )


def _ratio_shown(ratio: float) -> str:
    if ratio == math.inf:
        return text("no photo")
    return f"{number(ratio, '_.6g').replace('_', ' ')} : 1"


def _set_ratio() -> None:
    if st.session_state.strength == math.inf or overtaken.is_former("strength"):
        return
    alpha = st.session_state.content_weight or StyleTransferConfig().content_weight
    _, highest = state.bounds("style_weight")
    beta = float(f"{min(alpha * st.session_state.strength, highest):.4g}")
    state.put({"content_weight": alpha, "style_weight": beta})
