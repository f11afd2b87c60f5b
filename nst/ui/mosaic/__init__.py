"""The photo in every painting of the gallery: sketches in place of the thumbnails."""
