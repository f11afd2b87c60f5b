"""The finished picture, and those of the session."""
