"""The first sight: a finished picture of what is chosen at first, before anything has been pressed."""

from collections.abc import Sequence

from nst.ui.about.illustrations import EXAMPLE, picture
from nst.ui.language import text
from nst.ui.pictures.choice import Choice
from nst.ui.widgets.compare import Side


def example_of(photo: Choice, paintings: Sequence[Choice]) -> Side | None:
    """Return what the engine made of these pictures with the page's defaults; None for any but the example's."""
    if (photo.id, *(painting.id for painting in paintings)) != (EXAMPLE.photo, EXAMPLE.painting):
        return None
    alt = text("The example: {photo} after {painting}", photo=photo.title, painting=paintings[0].title)
    return Side(text("Painted here"), alt, picture("example"))
