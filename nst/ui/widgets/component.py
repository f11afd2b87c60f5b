"""The page's own components: what Streamlit has no element for, a script and a stylesheet each in frontend/."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

FRONTEND = Path(__file__).parents[1] / "frontend"


def component(name: str) -> Callable[..., Any]:
    """Register frontend/`name`.js with frontend/`name`.css and return the function that draws it."""
    css, js = ((FRONTEND / f"{name}.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return st.components.v2.component(f"nst_{name}", css=css, js=js)


def data_url(data: bytes, kind: str = "jpeg") -> str:
    """Return a JPEG, or a PNG, as a URL that travels with the page, so that no store on the server has to keep it."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
