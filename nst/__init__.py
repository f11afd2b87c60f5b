"""Neural style transfer after Gatys, Ecker and Bethge (2016): engine, command line and page."""

__version__ = "0.1.0"
