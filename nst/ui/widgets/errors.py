"""What stands in the way of a press, said where it was pressed."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from nst.errors import StyleTransferError
from nst.ui.language import said
from nst.ui.widgets.markdown import literal


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show the sentence of an error of ours that ends the block, in its place; what is no such error goes on."""
    try:
        yield
    except StyleTransferError as error:
        st.error(literal(said(str(error))))
