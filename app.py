"""The page, as ``streamlit run app.py`` wants it: run anew at every reaction; `nst.ui.page` is what it draws."""

from nst.ui.page import draw

draw()
