"""Parts of the photo and of the paintings, marked on the page."""
