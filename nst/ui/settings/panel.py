"""The sidebar: the settings that most people touch, and what the chosen painting suggests for them."""

from collections.abc import Sequence

import streamlit as st

from nst.config import STEPS, StyleTransferConfig
from nst.errors import ConfigError, StyleTransferError
from nst.masks.regions import Region
from nst.plan.guidance import check_blocks
from nst.ui import resources
from nst.ui.language import said, text
from nst.ui.pictures.choice import Choice
from nst.ui.pictures.painting import ChosenPaintings
from nst.ui.settings import overtaken, state
from nst.ui.settings.advanced import advanced_panel, control
from nst.ui.settings.blocks import SWITCH, blocks_control
from nst.ui.settings.first_run import choose_first_run, forget_first_run, own_changes
from nst.ui.settings.labels import effect, label, label_within
from nst.ui.settings.looks import forget_look, looks_control
from nst.ui.settings.others import suggested
from nst.ui.settings.paper import OFF, chosen_print, details, on_paper, size_control
from nst.ui.settings.strength import strength_controls
from nst.ui.widgets.markdown import literal

_DEFAULTS = StyleTransferConfig()

#: Fields with a control of their own above the expander.
_EVERYDAY = ("photo_kept", "style_scale", "colour", "colour_strength")


def settings_panel(
    photo: Choice, palette: ChosenPaintings, regions: Sequence[Region]
) -> StyleTransferConfig | StyleTransferError:
    """Draw the sidebar; return the settings, or the error whose sentence already stands at its control."""
    painting = palette.paintings[0]
    _follow_painting(painting)
    choose_first_run(photo, palette.paintings, len(regions))
    _suggestions(painting)
    looks_control(painting)
    _quality()
    size_control(photo, palette.paintings, len(regions))
    strength_controls()
    st.slider(
        label("style_scale"), *state.bounds("style_scale"), step=0.05, key="style_scale", format="%.2f×",
        help=effect("style_scale"),
    )  # fmt: skip
    blocks, below_blocks = blocks_control(palette), st.container()
    control("colour")
    if st.session_state.colour != "none":
        control("colour_strength")
    advanced_panel(_EVERYDAY, details(photo, palette.paintings, len(regions)))
    if own_changes() or blocks or chosen_print():
        st.button(text("Reset all settings"), key="reset", icon=":material/undo:", on_click=_reset, width="stretch")
    try:
        config = on_paper(StyleTransferConfig.from_dict(state.current(*state.FIELDS)), photo)
    except ConfigError as error:
        return error
    config = config.with_changes(style_blend_weights=palette.blend_weights, style_blocks=blocks)
    try:
        check_blocks(config, regions)
    except ConfigError as error:
        below_blocks.error(literal(said(str(error))))
        return error
    return config


def _quality() -> None:
    offered = [quality.name for quality in resources.limits().qualities()]
    if offered:
        at = next((name for name in offered if STEPS[name] == st.session_state.steps), None)
        overtaken.put({"quality": at})
        st.segmented_control(
            text("Quality"), offered, format_func=_quality_shown, key="quality", on_change=_set_quality,
            width="stretch", help=text(
                "Draft for a first look, Standard or Fine for the picture that is kept; at any size. Sets the steps."
            ),
        )  # fmt: skip


def _quality_shown(name: str) -> str:
    return text(name.capitalize())


def _set_quality() -> None:
    if st.session_state.quality is not None and not overtaken.is_former("quality"):
        state.put({"steps": STEPS[st.session_state.quality]})


def _follow_painting(painting: Choice) -> None:
    """When another painting is chosen, take its suggestions, and take back those of the last one.

    A control that was touched since keeps what the visitor gave it.
    """
    if st.session_state.get("suggested_by") == painting.id:
        return
    state.put_defaults(_in_effect())
    st.session_state.suggested_by = painting.id
    st.session_state.suggestions = suggested(painting)
    state.put(st.session_state.suggestions)


def _in_effect() -> list[str]:
    """Return the fields that still have the value which the painting suggested."""
    suggestions = st.session_state.get("suggestions", {})
    return [name for name, value in suggestions.items() if name in state.FIELDS and state.current(name)[name] == value]


def _suggestions(painting: Choice) -> None:
    names = _in_effect()
    if not names:
        return
    listed = ", ".join(label_within(name) for name in names)
    title = literal(painting.title)
    st.caption(text("*{title}* comes with its own {controls}.", title=title, controls=listed))
    st.button(text("Use the defaults instead"), key="drop_suggestions", on_click=_drop_suggestions, width="stretch")


def _drop_suggestions() -> None:
    state.put_defaults(_in_effect())
    st.session_state.suggestions = {}


def _reset() -> None:
    state.put_defaults(state.FIELDS)
    forget_first_run()
    forget_look()
    st.session_state.update({SWITCH: False, **OFF})
    st.session_state.suggestions = {}
