"""A recipe as a short piece of an address, so that a link opens the same settings for someone else.

The text is a version, a dot, and the recipe's JSON, compressed and in base64's alphabet for addresses. All settings
are in it, not only those that differ from today's defaults: a link must not change its meaning when a default does.
"""

import base64
import zlib

from nst.errors import ConfigError
from nst.images import MAX_RECIPE_BYTES
from nst.recipe import Recipe

#: Version of the packing; the recipe inside has one of its own.
LINK_VERSION = "1"

#: Browsers and proxies cut off longer addresses; a recipe of two paintings takes about 700 characters.
MAX_LINK = 6000


def to_link(recipe: Recipe) -> str:
    """Return the text that `from_link` reads back."""
    packed = zlib.compress(recipe.to_json().encode(), level=9)
    return f"{LINK_VERSION}.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


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
