"""What a run will do, worked out without TensorFlow: sizes, tiles, guides, time and memory."""
