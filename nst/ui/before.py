"""The canvas before the first job: the photo and the paintings that are chosen."""

import streamlit as st

from nst.ui.choice import Choice
from nst.ui.picker import data_url


def before_panel(photo: Choice, paintings: tuple[Choice, ...]) -> None:
    """Draw what is about to be combined."""
    for column, choice in zip(st.columns(1 + len(paintings)), (photo, *paintings), strict=True):
        with column:
            _show(choice)


def _show(choice: Choice) -> None:
    st.image(data_url(choice.preview()), caption=choice.title, width="stretch", alt=choice.description)
