"""A recipe as a short piece of an address, so that a link opens the same settings for someone else.

The text is a version, a dot, and the recipe's JSON, compressed and in base64's alphabet for addresses. All settings
are in it, not only those that differ from today's defaults: a link must not change its meaning when a default does.
"""

import base64
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from nst.errors import ConfigError
from nst.pictures.codec import MAX_RECIPE_BYTES
from nst.recipes.recipe import Recipe

#: Version of the packing; the recipe inside has one of its own.
LINK_VERSION = "1"

#: Browsers and proxies cut off longer addresses; a recipe of two paintings takes about 700 characters.
MAX_LINK = 6000

#: Long sides to which masks are reduced, one after the other, until they fit.
_SIDES = (256, 128, 96, 64, 48, 32)


def to_link(recipe: Recipe) -> str:
    """Return the text that `from_link` reads back."""
    packed = zlib.compress(recipe.to_json().encode(), level=9)
    return f"{LINK_VERSION}.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


@lru_cache(maxsize=32)  # the page asks twice whenever it is drawn
def for_link(recipe: Recipe) -> Recipe:
    """Return the recipe as a link can carry it: with coarser masks if they are too large, or at last without them."""
    return next(each for each in _ever_smaller(recipe) if len(to_link(each)) <= MAX_LINK or not _has_masks(each))


def _has_masks(recipe: Recipe) -> bool:
    return bool(recipe.regions or recipe.style_guides or recipe.subject_mask)


def _ever_smaller(recipe: Recipe) -> Iterator[Recipe]:
    yield recipe
    for side in _SIDES:
        yield replace(
            recipe,
            regions=tuple(replace(region, mask=region.mask.coarser(side)) for region in recipe.regions),
            style_guides=tuple(guide and guide.coarser(side) for guide in recipe.style_guides),
            subject_mask=recipe.subject_mask and recipe.subject_mask.coarser(side),
        )
    yield replace(recipe, regions=(), style_guides=(), subject_mask=None)


def from_link(text: str) -> Recipe:
    """Read a link's text, which may come from anyone.

    Raises:
        ConfigError: for anything but a link of this version with a recipe that is valid today.
    """
    if len(text) > MAX_LINK:
        raise ConfigError(f"link: expected at most {MAX_LINK} characters, got {len(text)}; ask for a new link.")
    version, dot, body = text.partition(".")
    if not dot or version != LINK_VERSION:
        raise ConfigError(f"link: expected version {LINK_VERSION}, got another; it was made by another version of nst.")
    try:
        packed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        # Bounded: a few bytes can unpack to gigabytes.
        json = zlib.decompressobj().decompress(packed, MAX_RECIPE_BYTES).decode()
    except (ValueError, zlib.error) as error:
        raise ConfigError("link: expected a whole link, got a cut-off or damaged one; copy it again.") from error
    return Recipe.from_json(json)
