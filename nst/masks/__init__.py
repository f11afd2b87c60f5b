"""Masks and regions: read, painted by hand, found in the photo, packed into recipes."""
