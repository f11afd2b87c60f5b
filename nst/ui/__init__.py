"""The page, a folder a panel: the only package that imports Streamlit."""
