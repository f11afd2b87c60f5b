"""The page with what a host needs around it, as ``nst serve`` or ``streamlit run serve.py``: see `nst.ui.hosted`."""

import streamlit as st

from nst.ui.hosted import ROUTES, lifespan

# Streamlit looks for this very form in the source.
app = st.App("app.py", lifespan=lifespan, routes=ROUTES)
