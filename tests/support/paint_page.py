"""A page with nothing but the canvas of `nst.ui.widgets.brush`, and what Python makes of its strokes."""

import json
from dataclasses import asdict

import streamlit as st

from nst.errors import MaskError
from nst.masks.editing import MaskEdits
from nst.pictures.codec import encode_jpeg, resize
from nst.pictures.gallery import load_gallery
from nst.ui.widgets.brush import paint_canvas

REGIONS = ("Sky", "Pagoda")


def keep(marks: MaskEdits | MaskError) -> None:
    if isinstance(marks, MaskError):
        st.session_state.refused = str(marks)
    else:
        st.session_state.marks = marks


photo = resize(load_gallery().photos[0].read().pixels, 640)
marks: MaskEdits = st.session_state.setdefault("marks", MaskEdits(photo.shape[:2]))
if st.toggle("Show the canvas", value=True):
    paint_canvas("Paint regions", encode_jpeg(photo), REGIONS, marks, "canvas", keep)
if "refused" in st.session_state:
    st.error(st.session_state.refused)
st.text(" ".join(f"{marks.masks[index].mean():.4f}" if index in marks.masks else "0.0000" for index in (0, 1)))
st.code(json.dumps([asdict(stroke) for stroke in marks.strokes]), language=None)  # last: it is there when all is
