"""What recipes say of a picture that was painted without a photo."""

from nst.pictures.blank import Blank
from nst.recipes.recipe import Recipe, Source


def source_of(blank: Blank) -> Source:
    """Return the entry for a recipe: the name says all that there is to know, so the checksum is that of the name."""
    return Source.of(blank.name, blank.name.encode())


def is_without_photo(recipe: Recipe) -> bool:
    """Return whether a recipe is of a texture or a doodle."""
    name = recipe.content.name
    return name.startswith("blank ") and recipe.content == Source.of(name, name.encode())
