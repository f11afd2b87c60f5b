"""What made a picture: as JSON inside of it, and as a link."""
