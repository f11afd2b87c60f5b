"""Choosing the photo and the paintings."""
