"""The panels of the page, one a file. With app.py the only modules that import streamlit."""
