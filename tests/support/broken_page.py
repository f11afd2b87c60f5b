"""A page with a bug, for the test of what visitors get to see of it."""

raise RuntimeError("a secret detail")
