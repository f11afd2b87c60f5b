"""What pictures and results are called on the page."""

from collections.abc import Iterable
from functools import reduce

from nst.recipes.blank import is_without_photo
from nst.recipes.recipe import Recipe, Source
from nst.ui import resources
from nst.ui.language import text


def name(source: Source) -> str:
    """Return the title of a recipe's picture, its file's name if it is not from the gallery."""
    gallery = resources.gallery()
    titles = {preset.sha256: preset.title for preset in gallery.photos + gallery.paintings}
    title = titles.get(source.sha256)
    return source.name if title is None else text(title)


def title(recipe: Recipe) -> str:
    """Return e.g. "Raccoon after Irises and Boating"."""
    if is_without_photo(recipe):
        paintings = manner(recipe)
        if recipe.regions:
            return text("Doodle after {paintings}", paintings=paintings)
        return text("Texture after {paintings}", paintings=paintings)
    return text("{photo} after {paintings}", photo=name(recipe.content), paintings=manner(recipe))


def manner(recipe: Recipe) -> str:
    """Return the painting's title, or those of all of them, each once."""
    return listed(dict.fromkeys(name(style) for style in recipe.styles))


def listed(names: Iterable[str]) -> str:
    """Return names, at least one, as one says them after each other."""
    return reduce(lambda before, last: text("{before} and {last}", before=before, last=last), names)
