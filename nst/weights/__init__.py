"""VGG-19's weights: those that come with the project, and files of one's own in the formats of other programs."""
