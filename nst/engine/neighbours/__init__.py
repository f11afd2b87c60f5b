"""The second method: at each place of the picture the features of the most similar place of the painting."""
