"""The settings for another painting than the one that is chosen: with its own suggestions in place of that one's."""

import streamlit as st

from nst.config import StyleTransferConfig
from nst.pictures.gallery import Preset
from nst.ui.pictures.choice import Choice


def settings_for(config: StyleTransferConfig, painting: Choice) -> StyleTransferConfig:
    """Return the page's settings for a painting by itself.

    What the chosen painting has suggested, and the visitor has left so, gives way to what this one suggests. What the
    visitor has changed stays.
    """
    defaults = StyleTransferConfig().to_dict()
    settings = config.with_changes(style_blend_weights=(), style_blocks=()).to_dict()
    for name, value in st.session_state.get("suggestions", {}).items():
        if settings.get(name) == value:
            settings[name] = defaults[name]
    origin = painting.origin
    suggested = origin.suggested(config.style_statistics) if isinstance(origin, Preset) else {}
    own = StyleTransferConfig().with_changes(**suggested).to_dict()
    changes = {name: own[name] for name in suggested if settings[name] == defaults[name]}
    return StyleTransferConfig.from_dict({**settings, **changes})
