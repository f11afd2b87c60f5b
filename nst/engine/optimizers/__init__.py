"""Projected optimisers of the pixels."""
