"""What the page tells about itself: the first example, and how the method works."""
