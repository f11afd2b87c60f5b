"""What pictures and results are called on the page."""

from nst.recipes.recipe import Recipe, Source
from nst.ui import resources


def name(source: Source) -> str:
    """Return the title of a recipe's picture, its file's name if it is not from the gallery."""
    gallery = resources.gallery()
    titles = {preset.sha256: preset.title for preset in gallery.photos + gallery.paintings}
    return titles.get(source.sha256, source.name)


def title(recipe: Recipe) -> str:
    """Return e.g. "Raccoon after Irises and Boating"."""
    return f"{name(recipe.content)} after {manner(recipe)}"


def manner(recipe: Recipe) -> str:
    """Return the painting's title, or those of all of them."""
    return " and ".join(name(style) for style in recipe.styles)
