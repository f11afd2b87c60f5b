"""Settings from a picture or a link, and back."""
