"""What Streamlit has no element for: the page's own components."""
