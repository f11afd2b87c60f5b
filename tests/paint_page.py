"""A page with nothing but the canvas of nst.ui.paint, and what Python makes of the strokes; for tests/test_paint.py."""

import json
from dataclasses import asdict

import streamlit as st

from nst.errors import MaskError
from nst.images import encode_jpeg, resize
from nst.presets import load_gallery
from nst.strokes import Stroke, rasterised
from nst.ui.paint import paint_canvas

REGIONS = ("Sky", "Pagoda")


def keep(strokes: tuple[Stroke, ...] | MaskError) -> None:
    if isinstance(strokes, MaskError):
        st.session_state.refused = str(strokes)
    else:
        st.session_state.strokes = strokes


photo = resize(load_gallery().photos[0].read().pixels, 640)
kept: tuple[Stroke, ...] = st.session_state.get("strokes", ())
if st.toggle("Show the canvas", value=True):
    paint_canvas("Paint regions", encode_jpeg(photo), photo.shape[:2], REGIONS, kept, "canvas", keep)
if "refused" in st.session_state:
    st.error(st.session_state.refused)
kept = st.session_state.get("strokes", ())
st.text(" ".join(f"{mask.mean():.4f}" for mask in rasterised(kept, len(REGIONS), photo.shape[:2])))
st.code(json.dumps([asdict(stroke) for stroke in kept]), language=None)  # last: it is there when all is
