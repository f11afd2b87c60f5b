"""The gallery and a slider on a page that a crowded server draws: what a click does takes its time."""

import time

import streamlit as st

from nst.pictures.gallery import load_gallery
from nst.ui import guards, resources
from nst.ui.widgets.picker import Item, picker

guards.install()


def pick(item: str) -> None:
    time.sleep(1)
    st.session_state.painting = item


paintings = load_gallery().paintings[:3]
items = [Item(each.id, each.title, "", each.description, resources.thumbnail(each)) for each in paintings]
chosen = st.session_state.setdefault("painting", paintings[0].id)
picker("Choose a painting", items, chosen, "grid", "picker", pick)
size = st.slider("Size", 0, 10, 5)
st.text(f"{chosen} at {size}")
