"""What paintings suggest, and the settings for another one than is chosen: with what that one suggests."""

from typing import Any

import streamlit as st

from nst.config import StyleTransferConfig
from nst.pictures.gallery import Preset
from nst.ui.pictures.choice import Choice


def suggested(painting: Choice) -> dict[str, Any]:
    """Return the settings that a painting suggests, as `StyleTransferConfig.to_dict` has them."""
    changes = painting.origin.settings if isinstance(painting.origin, Preset) else {}
    defaults, settings = StyleTransferConfig().to_dict(), StyleTransferConfig().with_changes(**changes).to_dict()
    # A style weight brings with it that none is to be found.
    return {name: value for name, value in settings.items() if name in changes or value != defaults[name]}


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
    changes = {name: value for name, value in suggested(painting).items() if settings[name] == defaults[name]}
    return StyleTransferConfig.from_dict({**settings, **changes})
