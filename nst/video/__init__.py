"""Films: their frames, what moves in them, and a film painted frame by frame without flicker."""
