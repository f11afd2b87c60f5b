"""Neural style transfer after Gatys, Ecker and Bethge (2016): engine, command line and page.

What is named here loads when it is first used: ``import nst`` takes no time, and TensorFlow comes with `stylize`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nst.config import FilmConfig, RunOptions, StyleTransferConfig
    from nst.engine.transfer import evaluate, stylize
    from nst.pictures.codec import read_picture_file
    from nst.video.transfer import stylize_film

__version__ = "0.2.0"

__all__ = [
    "FilmConfig",
    "RunOptions",
    "StyleTransferConfig",
    "__version__",
    "evaluate",
    "read_picture_file",
    "stylize",
    "stylize_film",
]

#: Where each public name is defined.
_HOMES = {
    "FilmConfig": "nst.config",
    "RunOptions": "nst.config",
    "StyleTransferConfig": "nst.config",
    "evaluate": "nst.engine.transfer",
    "read_picture_file": "nst.pictures.codec",
    "stylize": "nst.engine.transfer",
    "stylize_film": "nst.video.transfer",
}


def __getattr__(name: str) -> object:
    """Return a public name, and import the module that defines it the first time."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the names of the module, those that are not loaded yet among them."""
    return sorted(globals().keys() | _HOMES.keys())
