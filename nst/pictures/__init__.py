"""Pictures as they come and go: files, the gallery, colours, the time-lapse."""
