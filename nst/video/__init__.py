"""Films: their frames, what moves in them, and a film painted frame by frame, each from the one before it."""
