"""What pictures and results are called on the page."""

from nst.recipes.blank import is_without_photo
from nst.recipes.recipe import Recipe, Source
from nst.ui import resources


def name(source: Source) -> str:
    """Return the title of a recipe's picture, its file's name if it is not from the gallery."""
    gallery = resources.gallery()
    titles = {preset.sha256: preset.title for preset in gallery.photos + gallery.paintings}
    return titles.get(source.sha256, source.name)


def title(recipe: Recipe) -> str:
    """Return e.g. "Raccoon after Irises and Boating"."""
    if is_without_photo(recipe):
        return f"{'Doodle' if recipe.regions else 'Texture'} after {manner(recipe)}"
    return f"{name(recipe.content)} after {manner(recipe)}"


def manner(recipe: Recipe) -> str:
    """Return the painting's title, or those of all of them, each once."""
    return " and ".join(dict.fromkeys(name(style) for style in recipe.styles))
